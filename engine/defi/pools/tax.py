"""Tokens that keep a part of every transfer: what arrives is less than what was sent.

Routers sell such tokens only by their `…SupportingFeeOnTransferTokens` methods, which look at what arrived in the pair.
"""

from __future__ import annotations

from typing import NamedTuple

from engine.defi.pools.v2 import V2Pool


class TransferTax(NamedTuple):
    """`numerator` of `denominator` of each transfer is kept, rounded down."""

    numerator: int = 0
    denominator: int = 10_000

    def arrives(self, sent: int) -> int:
        """Return what of a transfer arrives."""
        return sent - sent * self.numerator // self.denominator


UNTAXED = TransferTax()


def taxed_out(
    pool: V2Pool, token_in: str, amount_in: int, tax_in: TransferTax = UNTAXED, tax_out: TransferTax = UNTAXED
) -> int:
    """Return what reaches the receiver when either token keeps a part: the pair swaps what reached it.

    Raises:
        WouldRevert: as `V2Pool.quote_out`, of what reaches the pair.
    """
    return tax_out.arrives(pool.quote_out(token_in, tax_in.arrives(amount_in)))
