"""The way to a server's account, stopped at the last moment."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from crs_desktop.viewmodels.words import Sentence
from crs_desktop.wiring.server_door import ServerDoor
from engine.profile import Profile


class Opened:
    """An engine that only knows whether it was closed."""

    venue = SimpleNamespace(account="U-1")

    def __init__(self) -> None:
        self.is_closed = False

    async def close(self) -> None:
        self.is_closed = True


async def test_an_engine_that_opened_when_it_was_no_longer_wanted_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, kept = Opened(), asyncio.Event()
    door = ServerDoor(cast(Any, SimpleNamespace(engine=None, profile=Profile(tmp_path))))

    async def signed_in(_url: str) -> Any:  # noqa: ANN401 - of a session
        return SimpleNamespace(is_signed_in=True, accounts=())

    async def opens(*_args: object, **_options: object) -> Opened:
        return engine

    async def remote() -> Any:  # noqa: ANN401 - of the module
        return SimpleNamespace(open_remote=opens)

    async def slow_disk(*_args: object, **_options: object) -> Sentence:
        kept.set()
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(door, "connect", signed_in)
    monkeypatch.setattr(door, "_remote", remote)
    monkeypatch.setattr(door, "note", slow_disk)
    going = asyncio.create_task(door.open("https://crs.test", ""))
    await kept.wait()

    going.cancel()
    with pytest.raises(asyncio.CancelledError):
        await going

    assert engine.is_closed
