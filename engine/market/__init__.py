"""The market itself: bars, books, the simulated one and its measures, recordings, imported history."""
