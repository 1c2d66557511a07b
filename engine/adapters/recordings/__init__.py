"""What was recorded while trading: written in chunks, kept within limits, listed, opened again as a market."""
