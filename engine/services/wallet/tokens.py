"""Which tokens there are: those that come with a chain, those that were added by address, those of token lists.

A token is its chain and address; symbols are what strangers say. The first that knows an address says what it is
called: the chain's own data, then the user's imports, then lists in the order in which they were added.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NamedTuple

import msgspec

from engine.defi import abi
from engine.defi.address import checksummed, parsed_address
from engine.defi.chain import ChainSpec
from engine.defi.token import MOST_DECIMALS, Token
from engine.errors import InvalidInput
from engine.ports.chain import Call, ChainClient
from engine.services.offload import offload
from engine.services.wallet.kept import KeptFile, Struct
from engine.services.wallet.strangers import known_tokens, plain_name, plain_symbol, warning_of
from engine.services.wallet.tokenlist import MOST_BYTES, TokenList, read_token_list
from engine.services.wallet.toldtoken import decimals_told, name_told, symbol_told

MOST_IMPORTED, MOST_LISTS = 500, 10
MOST_FOUND = 50


class Origin(StrEnum):
    """Who says what a token is."""

    KNOWN = "known"
    """The data of the chain, with their source."""
    IMPORTED = "imported"
    """The user gave its address, the contract says the rest."""
    LISTED = "listed"
    """A token list that the user added."""


@dataclass(frozen=True, slots=True)
class TokenEntry:
    """A token with who vouches for it."""

    token: Token
    origin: Origin
    source: str
    """"Ethereum's own data", a list's name, "its contract"."""
    warning: str = ""
    """What would mislead, in a sentence."""


@dataclass(frozen=True, slots=True)
class ListEntry:
    """A token list that was added."""

    name: str
    version: str
    count: int


class _Row(msgspec.Struct, frozen=True, array_like=True):
    """A token in the file."""

    chain_id: Annotated[int, msgspec.Meta(ge=1)]
    address: Annotated[str, msgspec.Meta(pattern=r"^0x[0-9a-fA-F]{40}$")]
    symbol: str
    decimals: Annotated[int, msgspec.Meta(ge=0, le=MOST_DECIMALS)]
    name: str = ""

    @classmethod
    def of(cls, token: Token) -> _Row:
        """Return a token's row."""
        return cls(token.chain_id, token.address, token.symbol, token.decimals, token.name)

    @property
    def token(self) -> Token:
        """The token; its texts are a file's, and bounded again."""
        address = checksummed(self.address)
        return Token(self.chain_id, address, plain_symbol(self.symbol), self.decimals, plain_name(self.name))


class _KeptList(msgspec.Struct, frozen=True):
    name: str
    version: str
    tokens: tuple[_Row, ...]


class _Kept(Struct, frozen=True):
    imported: tuple[_Row, ...] = ()
    lists: tuple[_KeptList, ...] = ()


class _Indexed(NamedTuple):
    """The file, as it is looked up in."""

    kept: _Kept
    imported: tuple[Token, ...]
    by_chain: dict[int, dict[str, tuple[Token, str]]]
    """Of lists: by chain and address, with the list's name."""


class TokenRegistry:
    """The tokens of a wallet on all chains. It belongs to the loop that it is used on; `load` it first."""

    def __init__(self, file: Path) -> None:
        self._file = KeptFile(file, _Kept, "The list of tokens")
        self._kept = _Kept()
        self._imported: tuple[Token, ...] = ()
        self._turn = asyncio.Lock()
        self._by_chain: dict[int, dict[str, tuple[Token, str]]] = {}

    @property
    def problem(self) -> str:
        """What could not be read of the file, in a sentence."""
        return self._file.problem

    async def load(self) -> None:
        """Read what was imported.

        Raises:
            StorageUnavailable: the file cannot be read.
        """
        self._take(await offload(lambda: _indexed(self._file.read())))

    # -- what there is ----------------------------------------------------------------------------

    def followed(self, spec: ChainSpec) -> tuple[Token, ...]:
        """Return the tokens whose balances are looked at: the coin, known and imported ones."""
        own = [each for each in self._imported if each.chain_id == spec.chain_id]
        return tuple(dict.fromkeys((*known_tokens(spec), *own)))

    def entries(self, spec: ChainSpec) -> tuple[TokenEntry, ...]:
        """Return all tokens of a chain, known ones first."""
        return tuple(self._entry(spec, each) for each in self._all(spec))

    def entry(self, spec: ChainSpec, token: Token) -> TokenEntry:
        """Return a token with who vouches for it; one that nobody here knows is what its contract says."""
        return self._entry(spec, token)

    def token(self, spec: ChainSpec, address: str) -> Token | None:
        """Return a token by its address, checksummed or `NATIVE`; None if nobody here knows it."""
        vouched = self._vouched(spec, address)
        if vouched is not None:
            return vouched
        listed = self._by_chain.get(spec.chain_id, {}).get(address)
        return listed[0] if listed else None

    def lookup(self, spec: ChainSpec) -> Callable[[str], Token | None]:
        """Return a function from addresses to tokens, for whoever names what would change.

        Those of lists are not among them: a list may say other decimals than the contract, and figures would be wrong.
        """
        return lambda address: self._vouched(spec, address)

    def find(self, spec: ChainSpec, text: str) -> list[TokenEntry]:
        """Return the tokens that somebody may mean by an address, a symbol or a part of a name; the likeliest first."""
        wanted = text.strip().casefold()
        if not wanted:
            return [self._entry(spec, each) for each in self.followed(spec)][:MOST_FOUND]
        ranked = [(rank, at, each) for at, each in enumerate(self._all(spec)) if (rank := _rank(each, wanted)) < 9]
        return [self._entry(spec, each) for _, _, each in sorted(ranked, key=lambda row: row[:2])[:MOST_FOUND]]

    # -- what is added ----------------------------------------------------------------------------

    async def look_up(self, chain: ChainClient, spec: ChainSpec, address: str) -> TokenEntry:
        """Ask a contract what token it is; nothing is kept.

        Raises:
            InvalidInput: that is no address, there is no contract, or it is no token.
            ChainUnavailable: nobody answers.
        """
        at = parsed_address(address)
        known = self._vouched(spec, at)
        return self._entry(spec, known or await read_token(chain, spec.chain_id, at))

    async def keep(self, token: Token) -> None:
        """Import a token that was looked up.

        Raises:
            InvalidInput: it is the chain's coin, or there are too many.
            StorageUnavailable: the disk refuses; nothing changed.
        """
        if token.is_native:
            raise InvalidInput(f"{token.symbol} is the chain's own coin, which is always there.")
        async with self._turn:
            others = tuple(each for each in self._imported if each != token)
            if len(others) >= MOST_IMPORTED:
                raise InvalidInput(f"{MOST_IMPORTED} tokens were added already; remove one first.")
            await self._keep(msgspec.structs.replace(self._kept, imported=tuple(map(_Row.of, (*others, token)))))

    async def remove(self, token: Token) -> None:
        """Forget an import; that there is none is no error.

        Raises:
            StorageUnavailable: the disk refuses; nothing changed.
        """
        async with self._turn:
            left = tuple(_Row.of(each) for each in self._imported if each != token)
            await self._keep(msgspec.structs.replace(self._kept, imported=left))

    @property
    def lists(self) -> tuple[ListEntry, ...]:
        """The token lists that were added."""
        return tuple(ListEntry(each.name, each.version, len(each.tokens)) for each in self._kept.lists)

    async def add_list(self, path: Path) -> TokenList:
        """Add the token list of a file, in the place of an earlier one of its name; return what was read of it.

        Raises:
            InvalidInput: it is no token list, or there are too many.
            StorageUnavailable: the disk refuses; nothing changed.
        """
        found = await offload(_read_file, path)
        async with self._turn:
            others = tuple(each for each in self._kept.lists if each.name != found.name)
            if len(others) >= MOST_LISTS:
                raise InvalidInput(f"{MOST_LISTS} token lists were added already; remove one first.")
            kept = _KeptList(found.name, found.version, tuple(map(_Row.of, found.tokens)))
            await self._keep(msgspec.structs.replace(self._kept, lists=(*others, kept)))
        return found

    async def remove_list(self, name: str) -> None:
        """Forget a token list; errors as `remove`."""
        async with self._turn:
            left = tuple(each for each in self._kept.lists if each.name != name)
            await self._keep(msgspec.structs.replace(self._kept, lists=left))

    # -- below ------------------------------------------------------------------------------------

    def _vouched(self, spec: ChainSpec, address: str) -> Token | None:
        return next((each for each in self.followed(spec) if each.address == address), None)

    async def _keep(self, kept: _Kept) -> None:
        indexed = await offload(_indexed, kept)
        await offload(self._file.write, kept)
        self._take(indexed)

    def _take(self, indexed: _Indexed) -> None:
        self._kept, self._imported, self._by_chain = indexed

    def _all(self, spec: ChainSpec) -> Iterable[Token]:
        listed = (token for token, _ in self._by_chain.get(spec.chain_id, {}).values())
        return dict.fromkeys((*self.followed(spec), *listed))

    def _entry(self, spec: ChainSpec, token: Token) -> TokenEntry:
        known = known_tokens(spec)
        if token in known:
            return TokenEntry(token, Origin.KNOWN, f"{spec.title}'s own data")
        listed = self._by_chain.get(spec.chain_id, {}).get(token.address)
        warning = warning_of(token, known)
        if listed is not None and token not in self._imported:
            return TokenEntry(token, Origin.LISTED, listed[1], warning)
        return TokenEntry(token, Origin.IMPORTED, "its contract", warning)


async def read_token(chain: ChainClient, chain_id: int, address: str) -> Token:
    """Ask a contract what token it is.

    Raises:
        InvalidInput: there is no contract, or it does not say its decimals as a token does.
        ChainUnavailable: nobody answers.
    """
    calls = [Call(address, abi.encode(f"{name}()")) for name in ("decimals", "symbol", "name")]
    code, told = await asyncio.gather(chain.code(address), chain.read(calls))
    if not code:
        raise InvalidInput(f"There is no contract at {address} on this chain.")
    decimals = decimals_told(told[0])
    if decimals is None:
        raise InvalidInput(f"The contract at {address} does not say its decimals as a token does.")
    return Token(chain_id, address, symbol_told(told[1], address), decimals, name_told(told[2]))


def _indexed(kept: _Kept) -> _Indexed:
    """Return what a file holds; checksums of many addresses take a while."""
    by_chain: dict[int, dict[str, tuple[Token, str]]] = {}
    for each in kept.lists:
        for token in (row.token for row in each.tokens):
            by_chain.setdefault(token.chain_id, {}).setdefault(token.address, (token, each.name))
    return _Indexed(kept, tuple(each.token for each in kept.imported), by_chain)


def _rank(token: Token, wanted: str) -> int:
    """Return how well a token fits a text; 0 is best, 9 not at all."""
    symbol, name = token.symbol.casefold(), token.name.casefold()
    if wanted in (token.address.casefold(), symbol):
        return 0
    if symbol.startswith(wanted):
        return 1
    if name.startswith(wanted):
        return 2
    if wanted in symbol or wanted in name:
        return 3
    return 4 if wanted.startswith("0x") and token.address.casefold().startswith(wanted) else 9


def _read_file(path: Path) -> TokenList:
    try:
        if path.exists() and not path.is_file():
            raise InvalidInput(f"{path.name} is no file.")
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)  # what is longer is refused by its length, and never held
    except OSError as error:
        raise InvalidInput(f"{path.name} cannot be read: {error.strerror}.") from error
    return read_token_list(data, path.name)
