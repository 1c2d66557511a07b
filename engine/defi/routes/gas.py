"""What gas costs, told in the token that a route is judged in.

The figures of gas are for choosing between routes. What a transaction really takes is estimated from the real sender
before it is signed.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from engine.defi.chain import DexKind

TRANSACTION_GAS = 45_000
"""What every swap transaction takes besides its hops: 21,000, its data, the transfer in, the router."""
APPROVAL_GAS = 46_000
HOP_GAS = {DexKind.V2: 70_000, DexKind.V3: 80_000}
"""One more pool on the way, by the kind of exchange.

Whole swaps on the practice chain took 102 to 136 thousand through one V2 pair and 187 through two (more where a balance
or an accumulator is written for the first time), 113 to 135 through one V3 pool and 174 to 208 through two.
"""


@dataclass(frozen=True, slots=True)
class GasPrice:
    """Units of a token that one gas costs; a fraction, for most tokens are coarser than that."""

    per_gas: Fraction = Fraction(0)

    def cost(self, gas: int) -> int:
        """Return what so much gas costs, in whole units of the token, rounded up."""
        top = gas * self.per_gas.numerator
        return -(-top // self.per_gas.denominator)


FREE = GasPrice()
