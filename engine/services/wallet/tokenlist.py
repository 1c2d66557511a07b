"""Token lists as tokenlists.org describes them, from a file that the user chose. Nothing in it is fetched.

Source: Uniswap/token-lists, its JSON schema (version, tokens with chainId, address, symbol, name, decimals).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from engine.defi.address import ZERO, parsed_address
from engine.defi.token import MOST_DECIMALS, Token
from engine.errors import InvalidInput
from engine.services.wallet.located import lines_of, unreadable
from engine.services.wallet.strangers import NAME_SHOWN, plain, plain_name, plain_symbol

MOST_BYTES = 16 * 2**20
MOST_TOKENS = 20_000
MOST_PROBLEMS = 20
"""Sentences about single tokens; the others are counted."""


class _File(msgspec.Struct, frozen=True):
    """What is read of a list; logos, tags and extensions are let be."""

    name: str
    tokens: list[Any]
    version: dict[str, int] = {}


@dataclass(frozen=True, slots=True)
class TokenList:
    """A list that was read."""

    name: str
    version: str
    tokens: tuple[Token, ...]
    left_out: int
    """Tokens that could not be used."""
    problems: tuple[str, ...]
    """Why, for the first of them: line, key, value."""


def read_token_list(data: bytes, file: str) -> TokenList:
    """Return the tokens of a list; single ones that are wrong are left out and said.

    Raises:
        InvalidInput: it is no token list; says on which line what is wrong.
    """
    if len(data) > MOST_BYTES:
        raise InvalidInput(f"{file} is too long; token lists of up to {MOST_BYTES >> 20} MB are read.")
    text = data.decode("utf-8", "replace")
    try:
        found = msgspec.json.decode(data, type=_File, strict=True)
    except msgspec.MsgspecError as error:
        raise unreadable(file, text, error) from None
    except RecursionError:
        raise InvalidInput(f"{file} is nested too deep to be a token list.") from None
    if len(found.tokens) > MOST_TOKENS:
        raise InvalidInput(f"{file} has {len(found.tokens):,} tokens; lists of up to {MOST_TOKENS:,} are read.")
    tokens: dict[Token, None] = {}
    wrong: list[tuple[int, str]] = []
    for at, row in enumerate(found.tokens):
        try:
            tokens[_token(row)] = None
        except InvalidInput as error:
            wrong.append((at, str(error)))
    told = wrong[:MOST_PROBLEMS]
    lines = lines_of(text, [f".tokens[{at}]" for at, _ in told]) if told else []
    problems = tuple(f"Line {line}: {why}" for line, (_, why) in zip(lines, told, strict=True))
    version = ".".join(str(found.version.get(each, 0)) for each in ("major", "minor", "patch"))
    return TokenList(plain(found.name, NAME_SHOWN) or file, version, tuple(tokens), len(wrong), problems)


def _token(row: object) -> Token:
    if not isinstance(row, Mapping):
        raise InvalidInput("an object was expected for a token.")
    chain_id, decimals = row.get("chainId"), row.get("decimals")
    if not isinstance(chain_id, int) or isinstance(chain_id, bool) or not 0 < chain_id < 2**53:
        raise InvalidInput(f"chainId {_shown(chain_id)} is no chain; a whole number above 0 is expected.")
    if not isinstance(decimals, int) or isinstance(decimals, bool) or not 0 <= decimals <= MOST_DECIMALS:
        raise InvalidInput(f"decimals {_shown(decimals)} is not possible; 0 to {MOST_DECIMALS} is.")
    address, symbol = row.get("address"), row.get("symbol")
    if not isinstance(address, str) or not isinstance(symbol, str):
        raise InvalidInput("address and symbol are expected as text.")
    shown = plain_symbol(symbol)
    if not shown:
        raise InvalidInput("symbol is empty.")
    name = row.get("name")
    at = parsed_address(address)
    if at == ZERO:
        raise InvalidInput(f"address {at} is no token.")
    return Token(chain_id, at, shown, decimals, plain_name(name) if isinstance(name, str) else "")


def _shown(value: object) -> str:
    return plain(repr(value), 40)
