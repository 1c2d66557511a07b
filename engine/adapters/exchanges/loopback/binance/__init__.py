"""The loopback as Binance: spot, and the market data of perpetuals."""
