"""A wallet in a folder, with a key process whose scrypt is light: the only way to have one is this boot line."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from io import BytesIO
from pathlib import Path

from engine.adapters.keys.custody import Custody
from engine.adapters.keys.host import answered
from engine.adapters.keys.keyring import KeyProcess
from engine.adapters.keys.message import Reply, Request, frame, read_reply, read_request
from engine.adapters.keys.process import CRASHED, Host, HostProcess
from engine.domain.number import Nanos
from engine.errors import KeysLocked
from engine.ports.chain import UnsignedTransaction
from engine.ports.secrets import SecretStore

LIGHT = 2**10
BOOT = f"import sys; sys.path.insert(0, sys.argv[1]); from engine.adapters.keys.host import main; main({LIGHT})"
PASSWORD = "plum orchard 71 lanterns"
PHRASE = "test test test test test test test test test test test junk"
"""The phrase of Hardhat's and Anvil's accounts. Source: Hardhat Network reference, "accounts"."""
ACCOUNTS = (
    "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
    "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
    "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC",
)
KEYS = (
    "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
    "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
    "5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a",
)


class HandClock:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.wall_ns = 1_800_000_000_000_000_000
        self.monotonic_ns = 5_000_000_000

    def wall(self) -> Nanos:
        return Nanos(self.wall_ns)

    def monotonic(self) -> Nanos:
        return Nanos(self.monotonic_ns)

    def go_on(self, seconds: float) -> None:
        self.wall_ns += int(seconds * 1e9)
        self.monotonic_ns += int(seconds * 1e9)


class ThreadHost:
    """What the key process does, in this one: the same frames and the same custody, without a second for its start."""

    pid = 0

    def __init__(self) -> None:
        self.is_alive = True
        self._custody = Custody(LIGHT)

    def ask(self, request: Request) -> Reply:
        if not self.is_alive:
            raise KeysLocked(CRASHED)
        asked = read_request(BytesIO(frame(request)).read)
        assert asked is not None
        reply = read_reply(BytesIO(frame(answered(self._custody, asked))).read)
        assert reply is not None
        return reply

    def kill(self) -> None:
        self.is_alive = False
        self._custody = Custody(LIGHT)

    def end(self) -> None:
        self.kill()


light_process = partial(HostProcess, BOOT)


@asynccontextmanager
async def wallet(
    folder: Path,
    *,
    clock: HandClock | None = None,
    secrets: SecretStore | None = None,
    start: Callable[[], Host] = ThreadHost,
) -> AsyncIterator[KeyProcess]:
    keys = KeyProcess(folder / "keys", secrets, clock=clock or HandClock(), start=start)
    await keys.load()
    try:
        yield keys
    finally:
        await keys.close()


def transaction(
    sender: str = ACCOUNTS[0], *, is_legacy: bool = False, to: str | None = ACCOUNTS[1]
) -> UnsignedTransaction:
    return UnsignedTransaction(
        chain_id=31337,
        sender=sender,
        nonce=7,
        to=to,
        value=10**18,
        data=b"\x12\x34",
        gas=120_000,
        max_fee=30 * 10**9,
        max_priority_fee=10**9,
        is_legacy=is_legacy,
    )
