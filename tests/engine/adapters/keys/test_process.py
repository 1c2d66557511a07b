"""The key process itself: what a crash, a lock, the end of the program and a look from outside do to it."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from engine.errors import KeysLocked
from tests.engine.adapters.keys.wallets import PASSWORD, PHRASE, light_process, transaction, wallet

pytestmark = pytest.mark.integration


async def test_a_crash_of_the_process_means_locked(tmp_path: Path) -> None:
    async with wallet(tmp_path, start=light_process) as keys:
        told: list[str] = []
        keys.on_locked.append(told.append)
        await keys.import_phrase(PHRASE, password=PASSWORD)
        pid = keys.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)

        with pytest.raises(KeysLocked, match="ended unexpectedly"):
            await keys.sign(transaction())
        assert keys.is_locked
        assert len(told) == 1
        await keys.unlock(PASSWORD)
        assert (await keys.sign(transaction())).raw


async def test_locking_ends_the_process_while_a_question_waits(tmp_path: Path) -> None:
    async with wallet(tmp_path, start=light_process) as keys:
        await keys.import_phrase(PHRASE, password=PASSWORD)
        pid = keys.pid
        assert pid is not None
        waiting = asyncio.ensure_future(keys.sign(transaction()))
        await asyncio.sleep(0)
        keys.lock("The user said so.")
        with pytest.raises(KeysLocked):
            await waiting
        await keys.close()
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
