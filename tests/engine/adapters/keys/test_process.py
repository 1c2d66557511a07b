"""The key process itself: what a crash, a lock, the end of the program and a look from outside do to it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.errors import KeysLocked
from tests.engine.adapters.keys.wallets import KEYS, PASSWORD, PHRASE, light_process, transaction, wallet

ROOT = Path(__file__).parents[4]
ONLY_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="memory and limits are read as Linux shows them")
pytestmark = pytest.mark.integration

OPEN = """
import asyncio, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from engine.adapters.keys.keyring import KeyProcess
from engine.adapters.keys.process import HostProcess
from engine.ports.chain import UnsignedTransaction

async def main():
    keys = KeyProcess(Path(sys.argv[2]), start=lambda: HostProcess(sys.argv[3]))
    await keys.load()
    await keys.unlock(sys.stdin.readline().strip())
    to = keys.accounts[0].address
    await keys.sign(UnsignedTransaction(1, to, 0, to, 1, b"", 21000, 2, 1))
    kept_out = ("eth_account", "eth_keyfile", "eth_keys", "coincurve")
    late = [each for each in sys.modules if each.split(".")[0] in kept_out]
    print(keys.pid, ",".join(late), flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""
"""A program that unlocks a wallet, signs, says which process holds its keys, and waits."""


@contextmanager
def opened(folder: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    from tests.engine.adapters.keys.wallets import BOOT

    program = subprocess.Popen(
        [sys.executable, "-c", OPEN, str(ROOT), str(folder), BOOT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert program.stdin is not None
    assert program.stdout is not None
    try:
        program.stdin.write(PASSWORD + "\n")
        program.stdin.flush()
        said = program.stdout.readline().rstrip("\n").split(" ")
        assert said[1:] == [""], f"loaded in the program itself: {said}"
        yield program, int(said[0])
    finally:
        program.kill()
        program.wait()
        program.stdin.close()
        program.stdout.close()


def memory(pid: int) -> bytes:
    """All that a process can write to, as far as this one may look."""
    found = []
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as file:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            span, rights, *_ = line.split()
            if not rights.startswith("rw"):
                continue
            first, last = (int(each, 16) for each in span.split("-"))
            try:
                file.seek(first)
                found.append(file.read(last - first))
            except OSError:  # reserved, and never touched
                continue
    return b"\0".join(found)


def shown_of(pid: int) -> list[bytes]:
    """Return what a process shows of how it was started; its environment to root alone."""
    names = [each for each in ("cmdline", "environ") if os.access(f"/proc/{pid}/{each}", os.R_OK)]
    assert "cmdline" in names
    return [Path(f"/proc/{pid}/{each}").read_bytes() for each in names]


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not (stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] == "Z")


async def two_keystores(folder: Path) -> None:
    async with wallet(folder) as keys:
        await keys.import_phrase(PHRASE, password=PASSWORD)
        await keys.import_key(KEYS[2])


@ONLY_LINUX
def test_keys_are_in_one_process_that_shows_nothing_and_ends_with_the_program(tmp_path: Path) -> None:
    asyncio.run(two_keystores(tmp_path))
    secrets = {
        "key": bytes.fromhex(KEYS[0]), "key in hex": KEYS[0].encode(), "imported": bytes.fromhex(KEYS[2]),
        "imported in hex": KEYS[2].encode(), "phrase": PHRASE.encode(),
    }  # fmt: skip

    with opened(tmp_path / "keys") as (program, pid):
        for shown in shown_of(pid):
            assert not [each for each, secret in secrets.items() if secret in shown]
            assert PASSWORD.encode() not in shown
        limits = Path(f"/proc/{pid}/limits").read_text()
        assert "Max core file size        0                    0" in limits
        assert Path(f"/proc/{pid}/mem").stat().st_uid == 0, "others of this user could look into it"

        if os.access(f"/proc/{pid}/mem", os.R_OK):  # whoever runs this is root
            assert secrets["key"] in memory(pid), "the search finds nothing at all"
        main = memory(program.pid)
        assert b"KeyProcess" in main, "the search finds nothing at all"
        assert [name for name, secret in secrets.items() if secret in main] == []

        program.kill()
        program.wait()
        until = time.monotonic() + 60
        while is_running(pid) and time.monotonic() < until:
            time.sleep(0.02)
        assert not is_running(pid)


async def test_a_crash_means_locked_and_a_lock_ends_the_process(tmp_path: Path) -> None:
    async with wallet(tmp_path, start=light_process) as keys:
        told: list[str] = []
        keys.on_locked.append(told.append)
        await keys.import_phrase(PHRASE, password=PASSWORD)
        assert keys.pid is not None
        os.kill(keys.pid, signal.SIGKILL)

        with pytest.raises(KeysLocked, match="ended unexpectedly"):
            await keys.sign(transaction())
        assert keys.is_locked
        assert len(told) == 1

        await keys.warm()
        await keys.unlock(PASSWORD)
        assert (await keys.sign(transaction())).raw
        pid = keys.pid
        assert pid is not None
        waiting = asyncio.ensure_future(keys.sign(transaction()))
        await asyncio.sleep(0)
        keys.lock("The user said so.")
        assert keys.is_locked
        with pytest.raises(KeysLocked, match="locked meanwhile"):
            await waiting
        await keys.close()
        assert not is_running(pid)
        assert told[1:] == ["The user said so."]


async def test_a_process_that_cannot_start_or_answers_nonsense_means_locked(tmp_path: Path) -> None:
    from engine.adapters.keys.process import HostProcess

    for boot in ("raise SystemExit(3)", "import os; os.write(1, b'\\xff' * 64); import time; time.sleep(60)"):

        def start(boot: str = boot) -> HostProcess:
            return HostProcess(boot)

        async with wallet(tmp_path, start=start) as keys:
            with pytest.raises(KeysLocked):
                await keys.import_phrase(PHRASE, password=PASSWORD)
            assert keys.accounts == ()
            assert keys.pid is None
