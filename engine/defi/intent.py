"""What somebody wants a chain to do, before it is a transaction: said so that a person can hold the result against it.

Every transaction of this program starts as an `Intent`, whoever makes it (the send form, the swap desk, an order that
became due). The send pipeline turns it into what is signed, and refuses what breaks a rule of `policy`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.defi.token import Token, TokenAmount

UNLIMITED = 2**256 - 1
"""An allowance that never runs out; given only where the user asked for it."""


class IntentKind(StrEnum):
    """What kind of act it is."""

    SEND = "send"
    WRAP = "wrap"
    UNWRAP = "unwrap"
    APPROVE = "approve"
    REVOKE = "revoke"
    SWAP = "swap"
    ADD_LIQUIDITY = "add-liquidity"
    REMOVE_LIQUIDITY = "remove-liquidity"
    COLLECT = "collect"
    STAKE = "stake"
    UNSTAKE = "unstake"
    CLAIM = "claim"
    CANCEL = "cancel"
    """An empty transaction that takes the number of one that waits."""


@dataclass(frozen=True, slots=True)
class Approval:
    """An allowance that an intent gives or takes away."""

    token: Token
    spender: str
    spender_title: str
    """Who that is, in our words ("Uniswap V2's router")."""
    amount: int
    """In the token's smallest unit; 0 takes it away, `UNLIMITED` never runs out."""
    before: int | None = None
    """What it was, if that was read."""

    @property
    def is_unlimited(self) -> bool:
        """Whether it is more than any amount there is: contracts treat the largest as endless."""
        return self.amount >= 2**255


@dataclass(frozen=True, slots=True)
class Intent:
    """An act, with all that it promises to whoever signs it."""

    kind: IntentKind
    chain_id: int
    sender: str
    to: str
    """The contract that is called, or who is paid."""
    to_title: str
    """Who that is, in our words; empty: nobody we know."""
    data: bytes = b""
    value: int = 0
    """Wei that go along."""
    leaves: tuple[TokenAmount, ...] = ()
    """What may leave the sender at most, gas apart."""
    arrives: tuple[TokenAmount, ...] = ()
    """What must arrive at least; a simulation that brings less is a refusal."""
    recipient: str = ""
    """To whom it arrives; empty: the sender."""
    approval: Approval | None = None
    deadline: int | None = None
    """Seconds since 1970 after which the contract refuses it; every swap and every change of liquidity has one."""
    expected: tuple[TokenAmount, ...] = ()
    """What should arrive if nothing moves before it is mined."""
    slippage_bps: int | None = None
    """How much less than expected is still taken."""
    impact_bps: int | None = None
    """How far it moves the price against itself."""
    route: tuple[str, ...] = ()
    """Where it goes through, a line each ("60 % WETH → USDC at Uniswap V3 0.05 %")."""
    replaces: str | None = None
    """The hash of the waiting transaction whose number it takes (speed up, cancel)."""
    gas_hint: int | None = None
    """What such a call took before; an estimate of the moment counts more."""
