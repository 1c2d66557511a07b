"""The words of double-entry bookkeeping: a transaction and its postings.

Amounts are signed engine units of one asset: plus is what an account received, minus what it gave.
The postings of a transaction sum to zero in every asset; money is moved, never made.
"""

from __future__ import annotations

from typing import NamedTuple

from engine.domain.number import Nanos, Units


class Posting(NamedTuple):
    """One line of a transaction: what one ledger account received (plus) or gave (minus) of one asset."""

    account: str
    """A ledger account such as `A:free`, `A:locked`, `market:BTC/USDT`, `fees`, `deposits`."""
    asset: str
    units: Units
    at: Nanos


class Transaction(NamedTuple):
    """One entry of the ledger: why money moved, and every account it moved between."""

    why: str
    """`deposit`, `lock`, `release`, `buy` or `sell`."""
    owner: str
    reference: str
    """The order's id; empty for a deposit."""
    postings: tuple[Posting, ...]
    at: Nanos

    def imbalance(self) -> dict[str, int]:
        """Return what the postings do not cancel out, by asset; empty for a sound transaction."""
        sums: dict[str, int] = {}
        for posting in self.postings:
            sums[posting.asset] = sums.get(posting.asset, 0) + posting.units
        return {asset: units for asset, units in sums.items() if units}
