"""What a contract tells of the token that it is: texts of strangers, bounded, and decimals that can be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from engine.defi import abi
from engine.defi.address import short
from engine.defi.token import MOST_DECIMALS, Token
from engine.errors import InvalidInput
from engine.ports.chain import Outcome
from engine.services.wallet.strangers import imitated, plain_name, plain_symbol


def stranger(chain_id: int, address: str, symbol: Outcome, places: int, known: Iterable[Token]) -> Token:
    """Return a token that nobody vouches for; what calls itself as a known one does is called by its address.

    No line of a confirmation may say USDC of another contract.
    """
    token = Token(chain_id, address, symbol_told(symbol, address), places)
    return token if imitated(token, known) is None else replace(token, symbol=short(address))


def symbol_told(told: Outcome, address: str) -> str:
    """Return a symbol as it is shown; the short address where there is none."""
    return plain_symbol(_text(told)) or short(address)


def name_told(told: Outcome) -> str:
    """Return a name as it is shown, empty where there is none."""
    return plain_name(_text(told))


def decimals_told(told: Outcome) -> int | None:
    """Return the decimals; None where the contract does not say them as a token does."""
    figure = int.from_bytes(told.data[:32], "big") if told.ok and len(told.data) >= 32 else MOST_DECIMALS + 1
    return figure if figure <= MOST_DECIMALS else None


def _text(told: Outcome) -> str:
    """Return a text that was told; the first tokens told 32 bytes. Empty if there is none."""
    if not told.ok:
        return ""
    try:
        return str(abi.decode("(string)", told.data)[0])
    except InvalidInput:
        return told.data[:32].rstrip(b"\0").decode("utf-8", "replace") if len(told.data) == 32 else ""
