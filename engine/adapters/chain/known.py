"""The chains that this program knows, with what is on them: `resources/defi/chains.json`, and files of its shape.

Every address has its sources with it, and how far they agree. None counts as checked before `checks` looked at the
chain itself.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

import msgspec

from engine.defi.address import parsed_address
from engine.defi.chain import ChainSpec, DexKind, DexSpec, FarmKind, FarmSpec
from engine.defi.token import NATIVE, Token
from engine.errors import InvalidInput
from engine.services.wallet.located import unreadable, wrong

FILE = "chains.json"
MOST_BYTES = 4 * 2**20

Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
Title = Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
Symbol = Annotated[str, msgspec.Meta(min_length=1, max_length=20)]
Decimals = Annotated[int, msgspec.Meta(ge=0, le=77)]
Verified = Literal["agreed", "owner", "other", "yours"]

VERIFIED = {
    "agreed": "two repositories say the same",
    "owner": "the project's own repository says so",
    "other": "somebody else's list says so",
    "yours": "you added it",
}


class SourceRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A place where addresses were read."""

    title: Title
    repository: str
    commit: str
    path: str


class CoinRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The coin of a chain."""

    symbol: Symbol
    decimals: Decimals
    name: str = ""


class TokenRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A token."""

    address: str
    symbol: Symbol
    decimals: Decimals
    name: str = ""
    verified: Verified = "yours"
    sources: list[str] = []


class DexRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An exchange; see `DexSpec`."""

    name: Name
    title: Title
    kind: DexKind
    factory: str
    router: str
    quoter: str = ""
    position_manager: str = ""
    fee: tuple[int, int] = (997, 1000)
    init_code_hash: str = ""
    fee_tiers: list[int] = []
    verified: Verified = "yours"
    sources: list[str] = []


class FarmRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A farm; `reward` is the symbol of one of the chain's tokens."""

    name: Name
    title: Title
    kind: FarmKind
    address: str
    reward: str
    verified: Verified = "yours"
    sources: list[str] = []


class ChainRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A chain; see `ChainSpec`."""

    chain_id: Annotated[int, msgspec.Meta(ge=1, lt=2**53)]
    name: Name
    title: Title
    native: CoinRow
    wrapped: TokenRow
    block_s: Annotated[float, msgspec.Meta(gt=0, le=3600)]
    confirmations: Annotated[int, msgspec.Meta(ge=1, le=10_000)]
    multicall: str = ""
    multicall_verified: Verified = "yours"
    sources: list[str] = []
    has_fee_market: bool = True
    explorer: str = ""
    dexes: list[DexRow] = []
    farms: list[FarmRow] = []
    tokens: list[TokenRow] = []
    stables: list[str] = []
    """Symbols of tokens above; the first is what prices are told in."""


class ChainsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    format: Literal[1]
    chains: list[ChainRow]
    sources: dict[str, SourceRow] = {}
    note: str = ""


@cache
def known_chains() -> tuple[ChainSpec, ...]:
    """Return the chains that come with the program, in the order in which they are offered. Reads a file, once."""
    return read_chains((files("resources") / "defi" / FILE).read_bytes(), FILE)


def read_chains(data: bytes, name: str = FILE) -> tuple[ChainSpec, ...]:
    """Return the chains of a file.

    Raises:
        InvalidInput: says which line and key, what stands there, and what was expected.
    """
    if len(data) > MOST_BYTES:
        raise InvalidInput(f"{name} has {len(data):,} bytes; a list of chains is far shorter.")
    text = data.decode("utf-8", "replace")
    try:
        found = msgspec.json.decode(data, type=ChainsFile, strict=True)
    except msgspec.MsgspecError as error:
        raise unreadable(name, text, error) from None
    reader = _Reader(name, text, found.sources)
    specs = tuple(reader.chain(f".chains[{at}]", row) for at, row in enumerate(found.chains))
    for key in ("chain_id", "name"):
        seen: set[object] = set()
        for at, each in enumerate(specs):
            if (value := getattr(each, key)) in seen:
                raise wrong(name, text, f".chains[{at}].{key}", f"{value} is there twice.")
            seen.add(value)
    return specs


class _Reader:
    """Turns rows into specs, and says where a value is wrong."""

    def __init__(self, name: str, text: str, sources: dict[str, SourceRow]) -> None:
        self._name, self._text, self._sources = name, text, sources

    def chain(self, at: str, row: ChainRow) -> ChainSpec:
        wrapped = self.token(f"{at}.wrapped", row.chain_id, row.wrapped)
        tokens = tuple(self.token(f"{at}.tokens[{i}]", row.chain_id, each) for i, each in enumerate(row.tokens))
        self._unlike(f"{at}.tokens", [each.address for each in tokens], "address")
        tokens = tokens if wrapped in tokens else (wrapped, *tokens)
        dexes = tuple(self.dex(f"{at}.dexes[{i}]", each) for i, each in enumerate(row.dexes))
        self._unlike(f"{at}.dexes", [each.name for each in dexes], "name")
        farms = tuple(self.farm(f"{at}.farms[{i}]", each, tokens) for i, each in enumerate(row.farms))
        self._unlike(f"{at}.farms", [each.name for each in farms], "name")
        stables = [self._symbol(f"{at}.stables[{i}]", each, tokens) for i, each in enumerate(row.stables)]
        if row.explorer and not row.explorer.startswith("https://"):
            raise self._wrong(f"{at}.explorer", f"{row.explorer!r} is no address that begins with https://.")
        return ChainSpec(
            chain_id=row.chain_id,
            name=row.name,
            title=row.title,
            native=Token(row.chain_id, NATIVE, row.native.symbol, row.native.decimals, row.native.name),
            wrapped=wrapped,
            block_s=row.block_s,
            confirmations=row.confirmations,
            multicall=self._address(f"{at}.multicall", row.multicall) if row.multicall else "",
            source=self._source(f"{at}.sources", row.sources, row.multicall_verified),
            has_fee_market=row.has_fee_market,
            dexes=dexes,
            farms=farms,
            tokens=tokens,
            stables=tuple(each.address for each in stables),
            explorer=row.explorer.rstrip("/"),
        )

    def token(self, at: str, chain_id: int, row: TokenRow) -> Token:
        self._source(f"{at}.sources", row.sources, row.verified)
        return Token(chain_id, self._address(f"{at}.address", row.address), row.symbol, row.decimals, row.name)

    def dex(self, at: str, row: DexRow) -> DexSpec:
        kept, whole = row.fee
        if not 0 < kept <= whole:
            raise self._wrong(f"{at}.fee", f"{kept} of {whole} is no part of an amount that counts.")
        if row.kind is DexKind.V3 and not row.fee_tiers:
            raise self._wrong(f"{at}.fee_tiers", "an exchange of V3's kind has at least one.")
        for i, tier in enumerate(row.fee_tiers):
            if not 0 < tier < 1_000_000:
                raise self._wrong(f"{at}.fee_tiers[{i}]", f"{tier} is no fee; hundredths of a basis point are wanted.")
        if row.kind is DexKind.V3 and not (row.quoter and row.position_manager):
            raise self._wrong(at, "an exchange of V3's kind has a quoter and a position_manager.")
        return DexSpec(
            name=row.name,
            title=row.title,
            kind=row.kind,
            factory=self._address(f"{at}.factory", row.factory),
            router=self._address(f"{at}.router", row.router),
            source=self._source(f"{at}.sources", row.sources, row.verified),
            fee=(kept, whole),
            init_code_hash=self._hash(f"{at}.init_code_hash", row.init_code_hash),
            fee_tiers=tuple(row.fee_tiers),
            quoter=self._address(f"{at}.quoter", row.quoter) if row.quoter else "",
            position_manager=self._address(f"{at}.position_manager", row.position_manager)
            if row.position_manager
            else "",
        )

    def farm(self, at: str, row: FarmRow, tokens: tuple[Token, ...]) -> FarmSpec:
        return FarmSpec(
            name=row.name,
            title=row.title,
            kind=row.kind,
            address=self._address(f"{at}.address", row.address),
            reward=self._symbol(f"{at}.reward", row.reward, tokens),
            source=self._source(f"{at}.sources", row.sources, row.verified),
        )

    def _address(self, at: str, text: str) -> str:
        return self._read(at, lambda: parsed_address(text))

    def _hash(self, at: str, text: str) -> bytes:
        digits = text.removeprefix("0x")
        try:
            found = bytes.fromhex(digits)
        except ValueError:
            found = b"?"
        if text and len(found) != 32:
            raise self._wrong(at, f"{text[:80]!r} is no hash: 0x and 64 hexadecimal digits are wanted.")
        return found

    def _symbol(self, at: str, symbol: str, tokens: tuple[Token, ...]) -> Token:
        found = [each for each in tokens if each.symbol == symbol]
        if len(found) != 1:
            raise self._wrong(at, f"{symbol[:40]!r} is the symbol of {len(found)} of the chain's tokens, not of one.")
        return found[0]

    def _source(self, at: str, keys: list[str], verified: str) -> str:
        for i, key in enumerate(keys):
            if key not in self._sources:
                raise self._wrong(f"{at}[{i}]", f"{key[:40]!r} is not among the sources of this file.")
        said = (f"{each.title} ({each.repository} @{each.commit[:8]})" for each in map(self._sources.__getitem__, keys))
        return "; ".join([VERIFIED[verified], *said])

    def _unlike(self, at: str, values: list[str], key: str) -> None:
        for i, each in enumerate(values):
            if each in values[:i]:
                raise self._wrong(f"{at}[{i}].{key}", f"{each} is there twice.")

    def _read(self, at: str, read: Callable[[], str]) -> str:
        try:
            return read()
        except InvalidInput as error:
            raise self._wrong(at, str(error)) from None

    def _wrong(self, at: str, what: str) -> InvalidInput:
        return wrong(self._name, self._text, at, what)
