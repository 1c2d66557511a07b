"""What of limits outlasts a restart: blocks and trust, in one small file of the data directory."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec

from engine.server.limits.block import Block
from engine.services.offload import offload

log = logging.getLogger(__name__)


Trust = tuple[tuple[str, float, float], ...]
"""Names with their trust and its instant, seconds since 1970."""


class Known(NamedTuple):
    """Everything that is kept."""

    blocks: tuple[Block, ...] = ()
    trust: Trust = ()


class Changes(NamedTuple):
    """What changed since it was kept last."""

    blocked: tuple[Block, ...] = ()
    lifted: tuple[str, ...] = ()
    trust: Trust = ()

    def __bool__(self) -> bool:
        return any(self[:])

    def then(self, later: Changes) -> Changes:
        """Return both as one; of an address that was blocked and lifted, the last of it counts."""
        lifted, blocked = set(later.lifted), {block.net for block in later.blocked}
        return Changes(
            (*(block for block in self.blocked if block.net not in lifted | blocked), *later.blocked),
            (*(net for net in self.lifted if net not in lifted | blocked), *later.lifted),
            (*self.trust, *later.trust),
        )


class Keep(Protocol):
    """Where it is kept. Nothing here raises: who cannot keep goes on without."""

    shared: bool
    """Whether other processes keep theirs in the same place."""

    async def load(self, *, trust: bool = True) -> Known | None:
        """Return what is kept, without anybody's trust if that is not asked for; None if it cannot be read now."""
        ...

    async def save(self, everything: Known, changes: Changes) -> bool:
        """Keep what changed, if anything did; returns whether that worked."""
        ...


class FileKeep:
    """A file, replaced atomically."""

    shared = False

    def __init__(self, path: Path) -> None:
        self._path = path

    async def load(self, *, trust: bool = True) -> Known | None:
        """Return what is kept; a damaged file costs what is in it, never the start."""
        known = await offload(self._read)
        return known if trust or known is None else known._replace(trust=())

    async def save(self, everything: Known, changes: Changes) -> bool:
        """Write everything anew."""
        return await offload(self._write, everything)

    def _read(self) -> Known | None:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=Known)
        except FileNotFoundError:
            return Known()
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
            log.warning("limits of the last run cannot be read", extra={"reason": str(error)})
            return None

    def _write(self, known: Known) -> bool:
        beside = self._path.with_suffix(".new")
        try:
            beside.unlink(missing_ok=True)
            with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(msgspec.json.encode(known))
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self._path)
        except OSError as error:
            log.warning("limits cannot be kept", extra={"reason": str(error)})
            return False
        return True
