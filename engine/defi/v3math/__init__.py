"""The arithmetic of concentrated liquidity, bit for bit as Uniswap V3's libraries do it.

Prices are square roots with 96 binary places (`sqrt_price`, uint160), liquidity is uint128, ticks are int24: a tick's
price is 1.0001^tick. Where a contract would revert, `WouldRevert` is raised.

Source: Adams, Zinsmeister, Salem, Keefer, Robinson, Uniswap v3 Core (2021), section 6.
"""
