"""Binance: spot, and the market data of perpetuals that are settled in USDT."""
