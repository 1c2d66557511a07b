"""Which pools a chain has, as far as anybody asked: kept in a small file, for it hardly changes and costs many calls.

That a pool is missing is kept too, with the block at which it was, and asked again after a while. What stands in the
file is only where to look: every pool is read from the chain before it is used.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from engine.defi.address import SHAPE
from engine.defi.chain import ChainSpec
from engine.services.wallet.kept import set_aside, write_whole

MOST_POOLS, MOST_MISSING = 4_000, 20_000
MOST_BYTES = 8_000_000
VERSION = 1
NEVER = -(10**18)


class KnownPool(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A pool that an exchange's factory named."""

    dex: str
    factory: str
    address: str
    token0: str
    token1: str
    fee: int = 0
    """V3: in millionths; V2: 0, its exchange's fee holds."""
    spacing: int = 0
    """V3: ticks between those that can be initialised."""


Slot = tuple[str, str, str, int]
"""Where a pool may be: factory, token0, token1, fee."""


class _Kept(msgspec.Struct, forbid_unknown_fields=True):
    version: int
    chain_id: int
    pools: list[KnownPool]
    missing: list[tuple[str, str, str, int, int]]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a file held; `problem` is a sentence where it could not be read."""

    pools: tuple[KnownPool, ...] = ()
    missing: tuple[tuple[Slot, int], ...] = ()
    problem: str = ""


class KnownPools:
    """Pools by slot; `changed` says whether there is something to be kept."""

    def __init__(self, spec: ChainSpec, loaded: Loaded | None = None) -> None:
        self._factories = {each.factory for each in spec.dexes}
        self._chain_id = spec.chain_id
        self._pools: dict[Slot, KnownPool] = {}
        self._missing: dict[Slot, int] = {}
        for pool in loaded.pools if loaded else ():
            if pool.factory in self._factories:
                self._pools[slot_of(pool)] = pool
        for slot, block in loaded.missing if loaded else ():
            if slot[0] in self._factories:
                self._missing[slot] = block
        self.changed = False

    def found(self, slots: Iterable[Slot]) -> list[KnownPool]:
        """Return the pools that are known at these slots."""
        return [self._pools[each] for each in slots if each in self._pools]

    def open(self, slots: Iterable[Slot], asked_since: int) -> list[Slot]:
        """Return the slots that have to be asked for: not known, and not missed since a block."""
        return [each for each in slots if each not in self._pools and self._missing.get(each, NEVER) < asked_since]

    def add(self, pool: KnownPool) -> None:
        """Remember a pool; beyond `MOST_POOLS` the oldest is forgotten."""
        self._pools[slot_of(pool)] = pool
        self._missing.pop(slot_of(pool), None)
        self.changed = True
        if len(self._pools) > MOST_POOLS:
            del self._pools[next(iter(self._pools))]

    def miss(self, slot: Slot, block: int) -> None:
        """Remember that there was none at a block."""
        self._missing.pop(slot, None)
        self._missing[slot] = block
        self.changed = True
        if len(self._missing) > MOST_MISSING:
            del self._missing[next(iter(self._missing))]

    def forget_missing(self) -> None:
        """Know of no slot any more that it is empty."""
        self._missing.clear()

    def packed(self) -> bytes:
        """Return it as the file holds it."""
        missing = [(*slot, block) for slot, block in self._missing.items()]
        return msgspec.json.encode(_Kept(VERSION, self._chain_id, list(self._pools.values()), missing))


def slot_of(pool: KnownPool) -> Slot:
    """Return where a pool is."""
    return pool.factory, pool.token0, pool.token1, pool.fee


def load(path: Path, chain_id: int) -> Loaded:
    """Read a file; one that cannot be understood is set aside, for everything in it can be asked again. Blocks.

    Raises:
        StorageUnavailable: it cannot even be set aside.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ValueError(path.name)
        kept = msgspec.json.decode(path.read_bytes(), type=_Kept)
    except FileNotFoundError:
        return Loaded()
    except OSError as error:
        return Loaded(problem=f"{path.name} cannot be read: {error.strerror}. The pools are searched for again.")
    except ValueError:  # of msgspec, too
        name = set_aside(path).name
        return Loaded(problem=f"{path.name} was damaged; it is now {name}, and the pools are searched for again.")
    if (kept.version, kept.chain_id) != (VERSION, chain_id):
        return Loaded()
    pools = tuple(each for each in kept.pools if all(map(SHAPE.fullmatch, (each.address, each.token0, each.token1))))
    return Loaded(pools[:MOST_POOLS], tuple((each[:4], each[4]) for each in kept.missing[:MOST_MISSING]))


def save(path: Path, data: bytes) -> None:
    """Replace the file. Blocks.

    Raises:
        StorageUnavailable: the disk refuses.
    """
    write_whole(path, data, "The list of pools")
