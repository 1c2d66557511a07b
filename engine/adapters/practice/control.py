"""The practice chain's own methods: snapshots, time, blocks, gifts. Named `practice_…`; no real chain has them.

`evm_snapshot` and its like are known from anvil and do the same here, so that one test speaks to both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from engine.adapters.practice.refusal import bad
from engine.adapters.practice.words import Json, quantity, to_address, to_bytes, to_int

if TYPE_CHECKING:
    from engine.adapters.practice.machine import Machine

SYMBOLS = {"ETH": "ETH", "WETH": "ETH", "BTC": "BTC", "WBTC": "BTC"}
"""Whose price can be told, and as what."""
MOST_BLOCKS, MOST_DEPTH = 1_000, 100
MOST_S = 10 * 365 * 86_400
"""Seconds that the clock may be moved on at once."""

Params = list[Any]


class Control:
    """The methods by name."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def table(self) -> dict[str, Any]:
        """Return all methods."""
        return {
            "practice_snapshot": self._snapshot,
            "practice_revert": self._revert,
            "practice_reorg": self._reorg,
            "practice_mine": self._mine,
            "practice_increaseTime": self._increase_time,
            "practice_setMining": self._set_mining,
            "practice_drop": self._drop,
            "practice_faucet": self._faucet,
            "practice_setPrices": self._set_prices,
            "practice_manifest": lambda _: msgspec.to_builtins(self._machine.deployed),
            "practice_status": lambda _: self._machine.status(),
            "evm_snapshot": self._snapshot,
            "evm_revert": self._revert,
            "evm_mine": lambda _: self._mine([]),
            "evm_increaseTime": self._increase_time,
        }

    def _snapshot(self, _: Params) -> str:
        return quantity(self._machine.ledger.mark())

    def _revert(self, params: Params) -> bool:
        return self._machine.revert(to_int(_at(params, 0), "snapshot"))

    def _reorg(self, params: Params) -> list[str]:
        """Take back the newest blocks; their transactions wait again, or are gone if the second parameter is false."""
        depth = to_int(_at(params, 0), "depth")
        if not 1 <= depth <= min(MOST_DEPTH, self._machine.ledger.blocks[-1].number):
            raise bad(f"depth must be from 1 to {MOST_DEPTH}, and there must be so many blocks.")
        return self._machine.reorg(depth, keep=_at(params, 1) is not False)

    def _mine(self, params: Params) -> str:
        count = to_int(_at(params, 0) if params else 1, "blocks")
        if count > MOST_BLOCKS:
            raise bad(f"At most {MOST_BLOCKS} blocks are mined at once.")
        for _ in range(count):
            self._machine.mine()
        return quantity(self._machine.ledger.blocks[-1].number)

    def _increase_time(self, params: Params) -> str:
        seconds = to_int(_at(params, 0), "seconds")
        if seconds > MOST_S:
            raise bad(f"The clock is moved on by at most {MOST_S} s at once.")
        self._machine.ledger.advance(seconds)
        return quantity(self._machine.ledger.ahead_s)

    def _set_mining(self, params: Params) -> dict[str, Any]:
        wanted = _at(params, 0)
        if not isinstance(wanted, dict) or not set(wanted) <= {"instant", "interval_s"}:
            raise bad("Mining is set with an object of instant and interval_s.")
        instant, interval = wanted.get("instant"), wanted.get("interval_s")
        if instant is not None and not isinstance(instant, bool):
            raise bad("instant must be true or false.")
        if interval is not None and not (isinstance(interval, int | float) and 0 <= interval <= 3_600):
            raise bad("interval_s must be from 0 (never) to 3600.")
        return self._machine.set_mining(instant, interval)

    def _drop(self, params: Params) -> bool:
        return self._machine.ledger.pool.drop(to_bytes(_at(params, 0), "hash", 32))

    def _faucet(self, params: Params) -> str:
        """Give coin (token null) or a token to an address: address, token's address, amount in the smallest unit."""
        to, token = to_address(_at(params, 0), "address"), _at(params, 1)
        amount = to_int(_at(params, 2), "amount")
        return self._machine.give(to, None if token is None else to_address(token, "token"), amount)

    def _set_prices(self, params: Params) -> bool:
        """Say what ether and bitcoin cost, as decimal text by symbol: {"ETH": "3318.00", "WBTC": "61840"}."""
        wanted = _at(params, 0)
        if not isinstance(wanted, dict) or not wanted or not set(wanted) <= set(SYMBOLS):
            raise bad(f"Prices are given as an object with some of {', '.join(SYMBOLS)}.")
        self._machine.set_prices({SYMBOLS[symbol]: _price(text) for symbol, text in wanted.items()})
        return True


def _price(text: Json) -> Json:
    from fractions import Fraction

    try:
        price = Fraction(text) if isinstance(text, str) and len(text) <= 40 and "/" not in text else Fraction(0)
    except ValueError:
        price = Fraction(0)
    if not Fraction(1, 1_000_000) < price < 10**12:
        raise bad("A price must be a positive decimal number as text.")
    return price


def _at(params: Params, place: int) -> Json:
    return params[place] if place < len(params) else None
