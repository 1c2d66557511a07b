"""The one store of drawings that all charts over an engine share."""

from __future__ import annotations

from pathlib import Path
from weakref import WeakKeyDictionary

from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.drawings.file import DrawingFile
from crs_desktop.viewmodels.drawings.store import DrawingStore
from engine.bus import Bus

FILE = "drawings.json"
_stores: WeakKeyDictionary[Bus, DrawingStore] = WeakKeyDictionary()


def drawings_of(desk: Desk) -> DrawingStore:
    """Return the store of a desk's engine, read from its profile by whoever asks first."""
    store = _stores.get(desk.bus)
    if store is None:
        profile = getattr(desk.services, "profile", None)
        path: Path | None = None if profile is None else profile.data_dir / FILE
        store = _stores[desk.bus] = DrawingStore(DrawingFile(path))
    return store


def share_drawings(desk: Desk, other: Desk) -> None:
    """Let a desk over another engine draw on the same drawings."""
    _stores[other.bus] = drawings_of(desk)


def flush(desk: Desk) -> None:
    """Wait until the drawings of a desk's engine are on the disk, if any were asked for."""
    if (store := _stores.get(desk.bus)) is not None:
        store.flush()
