"""The fast lane: the same contracts on anvil, where somebody has it. For tests and the command line; nothing is kept.

anvil is a program of its own (github.com/foundry-rs/foundry, MIT or Apache-2.0); it is never fetched here. It has no
token in its address and no practice methods except those it shares (`evm_snapshot`, `evm_revert`, `evm_mine`).
"""

from __future__ import annotations

import itertools
import shutil
import socket
import subprocess
import time
from types import TracebackType

import httpx

from engine.adapters.practice.contracts import Contracts
from engine.adapters.practice.deploy import BALANCES, Progress, deploy
from engine.adapters.practice.manifest import Deployed
from engine.adapters.practice.refusal import Refusal
from engine.adapters.practice.rules import BASE_FEE_FLOOR, CHAIN_ID, GAS_LIMIT
from engine.adapters.practice.sender import address_of
from engine.adapters.practice.words import Json
from engine.errors import Unavailable

START_S, PAUSE_S = 20.0, 0.05


class Anvil:
    """A running anvil; a context manager that ends it."""

    def __init__(self, program: str = "anvil", port: int = 0) -> None:
        found = shutil.which(program)
        if found is None:
            raise Unavailable(f"There is no {program} on this machine. The practice chain works without it.")
        self._port = port or _free_port()
        self._numbers = itertools.count(1)
        command = [found, "--host", "127.0.0.1", "--port", str(self._port), "--chain-id", str(CHAIN_ID)]
        command += ["--gas-limit", str(GAS_LIMIT), "--base-fee", str(BASE_FEE_FLOOR), "--accounts", "0", "--silent"]
        self._process = subprocess.Popen(  # noqa: S603 - the program that the user named
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._client = httpx.Client(timeout=60, trust_env=False)
        try:
            self._wait()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Anvil:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.close()

    @property
    def url(self) -> str:
        """Where it is reached."""
        return f"http://127.0.0.1:{self._port}"

    def wire(self, method: str, params: list[Json]) -> Json:
        """Ask it.

        Raises:
            Refusal: it said no.
        """
        question = {"jsonrpc": "2.0", "id": next(self._numbers), "method": method, "params": params}
        told = self._client.post(self.url, json=question).json()
        if "error" in told:
            raise Refusal(told["error"]["message"], told["error"]["code"])
        return told["result"]

    def deploy(self, contracts: Contracts, progress: Progress = lambda *_: None) -> Deployed:
        """Make everything that is on the practice chain, at the same addresses.

        Raises:
            Unavailable: it refused something.
        """
        try:
            for name, wei in BALANCES.items():
                self.wire("anvil_setBalance", [address_of(name), hex(wei)])
            return deploy(self.wire, contracts, progress)
        except Refusal as refusal:
            raise Unavailable(f"anvil refused what the practice chain needs: {refusal}") from refusal

    def close(self) -> None:
        """End it; safe to call twice."""
        self._client.close()
        if self._process.poll() is None:
            self._process.terminate()
        self._process.wait()

    def _wait(self) -> None:
        end = time.monotonic() + START_S
        while time.monotonic() < end and self._process.poll() is None:
            try:
                found = int(self.wire("eth_chainId", []), 16)
            except (httpx.HTTPError, ValueError, KeyError):
                time.sleep(PAUSE_S)
                continue
            if found == CHAIN_ID:
                return
            break
        raise Unavailable("anvil did not come up; start it by hand to see what it says.")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
