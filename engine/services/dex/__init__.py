"""The desk of decentralised exchanges: pools, quotes, swaps, liquidity, farms, and orders that wait."""
