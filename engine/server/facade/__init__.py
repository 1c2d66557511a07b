"""A front for clients of Binance spot: their paths, names, texts and codes over this exchange, by URL alone."""
