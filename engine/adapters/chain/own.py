"""The user's own part of what is known of chains: endpoints of nodes, and chains that were added or changed.

They are in `wallet/chains.json`. An endpoint whose address may hold a key is there by its host alone; the address is
in the secrets store. An own chain with the name of a known one stands in its place.
"""

from __future__ import annotations

import asyncio
import secrets as randomness
from collections.abc import Sequence
from pathlib import Path

import msgspec

from engine.adapters.chain.endpoint import Endpoint, endpoint
from engine.adapters.chain.known import FILE, ChainRow, ChainsFile, known_chains, read_chains
from engine.defi.chain import ChainSpec
from engine.errors import InvalidInput
from engine.ports.secrets import SecretStore
from engine.services.offload import offload
from engine.services.wallet.kept import KeptFile, Struct
from engine.services.wallet.located import unreadable

MOST_ENDPOINTS, MOST_CHAINS = 12, 50
NAME = "chain-endpoint-"
"""Of secrets; the endpoint's id follows."""
PRACTICE = "practice"


class KeptEndpoint(msgspec.Struct, frozen=True, omit_defaults=True):
    """An endpoint as the file has it, and as lists show it."""

    id: str
    host: str
    url: str = ""
    """Empty: it may hold a key, and is in the secrets store."""
    per_s: float | None = None
    """Calls a second that it allows; None: what is usual."""

    @property
    def is_secret(self) -> bool:
        """Whether its address is kept in the secrets store."""
        return not self.url


class _Kept(Struct, frozen=True):
    chains: tuple[ChainRow, ...] = ()
    endpoints: dict[str, tuple[KeptEndpoint, ...]] = msgspec.field(default_factory=dict)
    """By the chain's name, in the order in which they are asked."""


class OwnChains:
    """Chains and endpoints of one profile. It belongs to the loop that it is used on; `load` it first."""

    def __init__(self, file: Path, secrets: SecretStore | None) -> None:
        self._file = KeptFile(file, _Kept, "The list of chains and nodes")
        self._secrets = secrets
        self._kept = _Kept()
        self._specs: dict[str, ChainSpec] = {}
        self._turn = asyncio.Lock()
        self.problem = ""
        """What could not be read of the file, in a sentence."""

    async def load(self) -> None:
        """Read the file.

        Raises:
            StorageUnavailable: it cannot be read.
        """
        self._kept = await offload(self._file.read)
        self.problem = self._file.problem
        known = await offload(known_chains)
        own: list[ChainSpec] = []
        for row in self._kept.chains:
            try:
                own += _specs(row)
            except InvalidInput as error:  # somebody wrote in the file
                self.problem = f"{self.problem} {error}".strip()
        self._specs = {each.name: each for each in (*known, *own)}

    # -- chains -----------------------------------------------------------------------------------

    @property
    def specs(self) -> tuple[ChainSpec, ...]:
        """All chains, known ones first."""
        return tuple(self._specs.values())

    def spec(self, name: str) -> ChainSpec:
        """Return a chain by its name.

        Raises:
            InvalidInput: there is none.
        """
        found = self._specs.get(name)
        if found is None:
            raise InvalidInput(f"There is no chain {name[:40]!r}; there are {', '.join(self._specs)}.")
        return found

    def is_own(self, name: str) -> bool:
        """Whether a chain was added or changed here."""
        return any(each.name == name for each in self._kept.chains)

    async def keep_chain(self, text: str) -> ChainSpec:
        """Add a chain, or change one, by its description as JSON (one of `chains` in `resources/defi/chains.json`).

        Raises:
            InvalidInput: says on which line what is wrong.
            StorageUnavailable: the disk refuses; nothing changed.
        """
        try:
            row = msgspec.json.decode(text.encode(), type=ChainRow, strict=True)
        except msgspec.MsgspecError as error:
            raise unreadable("The description", text, error) from None
        (spec,) = read_chains(f'{{"format":1,"chains":[{text}]}}'.encode(), "The description")
        if spec.name == PRACTICE:
            raise InvalidInput("The practice chain describes itself; another name is wanted.")
        for each in self.specs:
            if (each.name == spec.name) != (each.chain_id == spec.chain_id):
                raise InvalidInput(
                    f"{each.title} has the name {each.name!r} and the number {each.chain_id}; a chain with one of them "
                    "and not the other cannot be told from it."
                )
        async with self._turn:
            others = tuple(each for each in self._kept.chains if each.name != row.name)
            if len(others) >= MOST_CHAINS:
                raise InvalidInput(f"There are {MOST_CHAINS} chains of your own already; remove one first.")
            await self._keep(msgspec.structs.replace(self._kept, chains=(*others, row)))
            self._specs[spec.name] = spec
        return spec

    async def remove_chain(self, name: str) -> None:
        """Forget what was added or changed; a known chain is then as it was. Its endpoints stay.

        Raises:
            InvalidInput: it comes with the program.
            StorageUnavailable: the disk refuses; nothing changed.
        """
        if not self.is_own(name):
            raise InvalidInput(f"{self.spec(name).title} comes with the program and cannot be removed.")
        async with self._turn:
            left = tuple(each for each in self._kept.chains if each.name != name)
            await self._keep(msgspec.structs.replace(self._kept, chains=left))
            known = {each.name: each for each in await offload(known_chains)}
            if name in known:
                self._specs[name] = known[name]
            else:
                self._specs.pop(name, None)

    # -- endpoints --------------------------------------------------------------------------------

    def listed(self, name: str) -> tuple[KeptEndpoint, ...]:
        """Return a chain's endpoints for the screen, in the order in which they are asked."""
        return self._kept.endpoints.get(name, ())

    async def endpoints(self, name: str) -> list[Endpoint]:
        """Return a chain's endpoints with their addresses; one whose address is gone is left out (see `problem`).

        Raises:
            SecretsLocked: a passphrase is needed first.
            StorageUnavailable: the secrets cannot be read now.
        """
        found = []
        for each in self.listed(name):
            url = each.url or await self._url(each)
            if url:
                found.append(endpoint(url, each.per_s))
            else:
                self.problem = f"The address of {each.host} is not in the secrets store any more. Add it again."
        return found

    async def set_endpoints(self, name: str, urls: Sequence[str]) -> None:
        """Have these endpoints and no others, in this order; those that were there keep their pace.

        Raises:
            InvalidInput: one is no address, or an unsafe one; there are too many; nothing changed.
            SecretsLocked, StorageUnavailable: they cannot be kept; nothing changed.
        """
        spec = self.spec(name)
        made = {each.url: each for each in map(endpoint, urls)}
        if len(made) > MOST_ENDPOINTS:
            raise InvalidInput(f"{MOST_ENDPOINTS} endpoints are enough for {spec.title}; these are {len(made)}.")
        async with self._turn:
            before = self.listed(name)
            known = {each.url or await self._url(each): each for each in before}
            rows = [known.get(url) or _row(each, None) for url, each in made.items()]
            fresh = [each for each in rows if each not in before]
            try:
                for row, url in zip(rows, made, strict=True):
                    if row.is_secret and row in fresh:
                        await self._put(row, url)
                await self._order(name, tuple(rows))
            except BaseException:
                for row in fresh:
                    await self._forget(row)
                raise
            for row in before:
                if row not in rows:
                    await self._forget(row)

    async def add_endpoint(self, name: str, url: str, per_s: float | None = None) -> KeptEndpoint:
        """Keep an endpoint, as the last that is asked.

        Raises:
            InvalidInput: it is no address, an unsafe one, or there already; there is no such chain.
            SecretsLocked, StorageUnavailable: it cannot be kept; nothing changed.
        """
        spec, made = self.spec(name), endpoint(url, per_s)
        async with self._turn:
            before = self.listed(name)
            if any(each.url == made.url for each in await self.endpoints(name)):
                raise InvalidInput(f"This address of {made.host} is there already.")
            if len(before) >= MOST_ENDPOINTS:
                raise InvalidInput(f"{spec.title} has {MOST_ENDPOINTS} endpoints; remove one first.")
            kept = _row(made, per_s)
            if kept.is_secret:
                await self._put(kept, made.url)
            try:
                await self._order(name, (*before, kept))
            except BaseException:
                await self._forget(kept)
                raise
        return kept

    async def remove_endpoint(self, name: str, id_: str) -> None:
        """Forget an endpoint and its address; errors as `add_endpoint`."""
        async with self._turn:
            gone = self._found(name, id_)
            await self._order(name, tuple(each for each in self.listed(name) if each is not gone))
            await self._forget(gone)

    async def move_endpoint(self, name: str, id_: str, place: int) -> None:
        """Ask an endpoint earlier or later: 0 is first; errors as `add_endpoint`."""
        async with self._turn:
            moved = self._found(name, id_)
            others = [each for each in self.listed(name) if each is not moved]
            place = max(0, min(place, len(others)))
            await self._order(name, (*others[:place], moved, *others[place:]))

    # -- below ------------------------------------------------------------------------------------

    def _found(self, name: str, id_: str) -> KeptEndpoint:
        found = next((each for each in self.listed(name) if each.id == id_), None)
        if found is None:
            raise InvalidInput("This endpoint is not there any more.")
        return found

    async def _order(self, name: str, rows: tuple[KeptEndpoint, ...]) -> None:
        await self._keep(msgspec.structs.replace(self._kept, endpoints={**self._kept.endpoints, name: rows}))

    async def _keep(self, kept: _Kept) -> None:
        await offload(self._file.write, kept)
        self._kept = kept

    async def _put(self, kept: KeptEndpoint, url: str) -> None:
        if self._secrets is None:
            raise InvalidInput(
                f"The address of {kept.host} may hold a key, and there is no place for secrets on this machine yet."
            )
        await offload(self._secrets.put, NAME + kept.id, url)

    async def _url(self, kept: KeptEndpoint) -> str:
        if self._secrets is None:
            return ""
        url: str | None = await offload(self._secrets.get, NAME + kept.id)
        return url or ""

    async def _forget(self, kept: KeptEndpoint) -> None:
        if kept.is_secret and self._secrets is not None:
            await offload(self._secrets.remove, NAME + kept.id)


def _specs(row: ChainRow) -> tuple[ChainSpec, ...]:
    """Return a row's chain, checked as the chains that come with the program are."""
    return read_chains(msgspec.json.format(msgspec.json.encode(ChainsFile(1, [row])), indent=1), f"Your {FILE}")


def _row(made: Endpoint, per_s: float | None) -> KeptEndpoint:
    return KeptEndpoint(randomness.token_hex(8), made.host, made.url if _is_plain(made) else "", per_s)


def _is_plain(made: Endpoint) -> bool:
    """Whether an address has nothing but scheme, host and port."""
    return made.url.rstrip("/").partition("://")[2].casefold() == made.host.casefold()
