"""Values that mean something to the server of the tests, put where chance would never hit them."""

from __future__ import annotations

from random import Random
from typing import Any

LIKELY: dict[str, tuple[Any, ...]] = {
    "base": ("BTC", "ETH"),
    "quote": ("USDT",),
    "symbol": ("BTC/USDT", "ETH/USDT"),
    "side": ("buy", "sell"),
    "type": ("limit", "limit", "limit", "market"),
    "tif": ("gtc", "ioc", "fok"),
    "kind": ("oco", "oto", "otoco"),
    "qty": ("0.01", "1", "1000000"),
    "price": ("100.00", "9000.00", "1000000.00"),
    "stop_price": ("100.00", "1000000.00"),
    "trail": ("10.00",),
    "asset": ("USDT", "BTC"),
    "order_id": ("o1", "o2", "o3"),
    "list_id": ("l1", "l2"),
    "limit": (1, 2),
    "cursor": ("MQ", "MTAw", "MTAuMQ", "1"),
    "timeframe": ("1m", "1h", "1d"),
    "user_id": ("1", "2", "3"),
    "key_id": ("1", "2"),
    "email": ("trader@crs.example", "nobody@crs.example"),
    "password": ("seven-odd-Otters-plough",),
    "scopes": (["read"], ["read", "trade"]),
    "address": ("192.0.2.7", "2001:db8::/64"),
    "role": ("trader", "support"),
    "search": ("crs", "%", "_"),
    "subject": ("user:1",),
}
SPOILING = frozenset(
    (
        "account",
        "display_qty",
        "expire_ms",
        "post_only",
        "reduce_only",
        "stop_price",
        "stp",
        "tif",
        "trail",
        "trail_bps",
    )
)
"""What seldom goes with the rest."""


def make_likely(value: Any, chance: Random) -> Any:  # noqa: ANN401 - what JSON can say
    """Return a value with most of the fields that are known replaced by likely ones."""
    if isinstance(value, list):
        return [make_likely(each, chance) for each in value]
    if not isinstance(value, dict):
        return value
    made = {name: make_likely(each, chance) for name, each in value.items()}
    for name in made:
        if name in LIKELY and chance.random() < 0.8:
            made[name] = chance.choice(LIKELY[name])
    return {name: each for name, each in made.items() if name not in SPOILING or chance.random() < 0.1}
