"""The coin as a token, and back: one for one, always."""

from __future__ import annotations

from engine.defi import abi
from engine.defi.chain import ChainSpec
from engine.defi.intent import Intent, IntentKind
from engine.errors import InvalidInput


def wrap(chain: ChainSpec, sender: str, units: int) -> Intent:
    """Return the intent to make so many wei of the coin a token.

    Raises:
        InvalidInput: not more than 0.
    """
    _check(units)
    return Intent(
        IntentKind.WRAP,
        chain.chain_id,
        sender,
        chain.wrapped.address,
        f"{chain.wrapped.symbol}'s contract",
        data=abi.encode("deposit()"),
        value=units,
        leaves=(chain.native.units(units),),
        arrives=(chain.wrapped.units(units),),
    )


def unwrap(chain: ChainSpec, sender: str, units: int) -> Intent:
    """Return the intent to make so many units of the wrapped coin the coin again.

    Raises:
        InvalidInput: not more than 0.
    """
    _check(units)
    return Intent(
        IntentKind.UNWRAP,
        chain.chain_id,
        sender,
        chain.wrapped.address,
        f"{chain.wrapped.symbol}'s contract",
        data=abi.encode("withdraw(uint256)", units),
        leaves=(chain.wrapped.units(units),),
        arrives=(chain.native.units(units),),
    )


def _check(units: int) -> None:
    if units <= 0:
        raise InvalidInput("The amount must be more than 0.")
