"""The pools of a chain's exchanges: which there are, and what they are at a block."""

from engine.services.dex.pools.book import PoolBook, PoolView

__all__ = ["PoolBook", "PoolView"]
