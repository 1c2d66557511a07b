"""Drawing of candles, lines and their axes on plain widgets."""
