"""The loopback as Coinbase: the feed of Coinbase Exchange, and Advanced Trade."""
