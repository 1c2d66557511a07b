"""From a profile's folder to a running chain: the kept one, else a copy of the prepared one, else one made now."""

from __future__ import annotations

import logging
import secrets
import sqlite3
import time
from pathlib import Path

from engine.adapters.practice import kept
from engine.adapters.practice.contracts import Contracts
from engine.adapters.practice.deploy import Progress
from engine.adapters.practice.kept import Kept
from engine.adapters.practice.ledger import Ledger
from engine.adapters.practice.manifest import Deployed
from engine.adapters.practice.prepared import make

FILE = "chain.sqlite"
OLD_S = 86_400.0
"""Prepared chains of other versions are removed when they are this old."""
_log = logging.getLogger(__name__)


def prepared_file(contracts: Contracts) -> Path:
    """Return where the prepared chain is, beside the contracts it is made of."""
    return contracts.folder / f"prepared-{kept.fingerprint(contracts)}.sqlite"


def prepare(contracts: Contracts, progress: Progress = lambda *_: None) -> Path:
    """Make the prepared chain if it is not there, and return its file.

    Raises:
        NoContracts: bytecode is missing.
        OSError, sqlite3.Error: the folder cannot be written.
    """
    target = prepared_file(contracts)
    if target.exists():
        return target
    for old in contracts.folder.glob("prepared-*"):
        if old.stat().st_mtime < time.time() - OLD_S:
            old.unlink(missing_ok=True)
    fresh = target.with_name(f"{target.stem}.{secrets.token_hex(4)}.new")  # another process may be making it too
    file = Kept(fresh)
    try:
        file.begin(*make(contracts, progress), kept.fingerprint(contracts))
        file.finish()
        fresh.replace(target)
    except BaseException:
        file.close()
        kept.remove(fresh)
        raise
    return target


def open_chain(
    folder: Path, contracts: Contracts, progress: Progress = lambda *_: None
) -> tuple[Kept, Ledger, Deployed]:
    """Return the chain of a profile's folder, its file open.

    Raises:
        NoContracts: there is no kept chain, and bytecode is missing.
        OSError, sqlite3.Error: the folder cannot be written.
    """
    path, wanted = folder / FILE, kept.fingerprint(contracts)
    if path.exists():
        found = _opened(path, wanted)
        if found is not None:
            return found
        _log.warning("the kept chain cannot be used and was set aside", extra={"file": path.name})
        kept.set_aside(path)
    try:
        kept.copy(prepare(contracts, progress), path)
    except (OSError, sqlite3.Error) as error:
        _log.info("no prepared chain could be kept beside the contracts", extra={"error": str(error)})
    else:
        found = _opened(path, wanted)
        if found is not None:
            return found
        kept.remove(path)
    ledger, deployed = make(contracts, progress)
    file = Kept(path)
    file.begin(ledger, deployed, wanted)
    return file, ledger, deployed


def _opened(path: Path, wanted: str) -> tuple[Kept, Ledger, Deployed] | None:
    file = None
    try:
        file = Kept(path)
        found = file.load(wanted)
    except Exception:  # whatever the libraries make of bytes that were damaged
        _log.warning("a kept chain could not be read", exc_info=True)
        found = None
    if found is None:
        if file is not None:
            file.close()
        return None
    assert file is not None  # noqa: S101 - it was opened
    return (file, *found)
