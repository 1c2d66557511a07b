"""Allowances: exactly what is needed, unless something else is asked for by name; and taking them back."""

from __future__ import annotations

from engine.defi import abi
from engine.defi.address import parsed_address
from engine.defi.chain import ChainSpec
from engine.defi.intent import UNLIMITED, Approval, Intent, IntentKind
from engine.defi.token import Token, TokenAmount
from engine.errors import InvalidInput

APPROVE = "approve(address,uint256)"


def exact_allowance(
    chain: ChainSpec, sender: str, amount: TokenAmount, spender: str, spender_title: str = "", before: int | None = None
) -> Intent:
    """Return the intent to let a contract take just this much.

    Raises:
        InvalidInput: of the coin, which has no allowances; not more than 0; no address.
    """
    if amount.units <= 0:
        raise InvalidInput("An allowance must be more than 0. To take one back, revoke it.")
    return allow(chain, sender, Approval(amount.token, parsed_address(spender), spender_title, amount.units, before))


def unlimited_allowance(
    chain: ChainSpec, sender: str, token: Token, spender: str, spender_title: str = "", before: int | None = None
) -> Intent:
    """Return the intent to let a contract take everything; the pipeline refuses it unless it was opted for."""
    return allow(chain, sender, Approval(token, parsed_address(spender), spender_title, UNLIMITED, before))


def revoke(
    chain: ChainSpec, sender: str, token: Token, spender: str, spender_title: str = "", before: int | None = None
) -> Intent:
    """Return the intent to take an allowance back."""
    return allow(chain, sender, Approval(token, parsed_address(spender), spender_title, 0, before))


def allow(chain: ChainSpec, sender: str, approval: Approval) -> Intent:
    """Return the intent to set an allowance to a figure; 0 is a revocation.

    Raises:
        InvalidInput: the coin has no allowances.
    """
    token = approval.token
    if token.is_native:
        raise InvalidInput(f"{token.symbol} is the coin itself: nobody can be allowed to take it.")
    return Intent(
        IntentKind.APPROVE if approval.amount else IntentKind.REVOKE,
        chain.chain_id,
        sender,
        token.address,
        f"{token.symbol[:20]}'s contract",
        data=abi.encode(APPROVE, approval.spender, approval.amount),
        approval=approval,
    )
