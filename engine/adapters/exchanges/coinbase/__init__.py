"""Coinbase: the feed of Coinbase Exchange, and that of Advanced Trade; one market, two wire formats."""
