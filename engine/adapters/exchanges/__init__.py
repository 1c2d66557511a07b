"""Public exchanges as feeds: their wire formats without input or output, and the connections that carry them.

`docs/explanation/public-markets.md` is the map.
"""
