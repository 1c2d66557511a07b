"""Pools as values: what a swap gives, and the pool that it leaves."""
