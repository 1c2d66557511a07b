"""The crossing book: who stands where, who is next, what fires. Quantities only; money lives in `exchange`."""
