"""A started practice chain for tests: once for all of them, and taken back after each.

`practice` is the fixture: a `Node` whose `url` any client may use. It is skipped where the contracts are not there;
`python packaging/contracts.py` fetches them.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
import pytest

from engine.adapters.practice.contracts import NoContracts, find
from engine.adapters.practice.manifest import Deployed, read
from engine.adapters.practice.process import PracticeChain
from engine.adapters.practice.spec import chain_spec
from engine.adapters.practice.words import Json
from engine.defi.chain import ChainSpec
from tests.unmeasured import UNMEASURED


class Refused(Exception):  # noqa: N818 - the node's answer
    """The node answered with an error; `error` is its object of code, message and data."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["message"])
        self.error = error


class Node:
    """A practice chain over HTTP."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = httpx.Client(timeout=60.0)
        self._numbers = itertools.count(1)
        self.manifest: Deployed = read(httpx.Response(200, json=self.rpc("practice_manifest")).content)

    def rpc(self, method: str, *params: Json) -> Json:
        """Ask for one thing."""
        request = {"jsonrpc": "2.0", "id": next(self._numbers), "method": method, "params": list(params)}
        told = self._client.post(self.url, json=request).json()
        if "error" in told:
            raise Refused(told["error"])
        return told["result"]

    def give(self, address: str, amount: int, token: str | None = None) -> str:
        """Give coin, or a token by its symbol, in its smallest unit."""
        return str(self.rpc("practice_faucet", address, token and self.manifest.token(token), hex(amount)))

    def spec(self) -> ChainSpec:
        """Return the chain as the wallet knows chains, with this one's address."""
        return chain_spec(self.manifest, self.url)

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()


@pytest.fixture(scope="session")
def practice_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """One chain for the whole session; mines a block for each transaction, and none by itself."""
    try:
        find()
    except NoContracts as missing:
        pytest.skip(str(missing))
    folder: Path = tmp_path_factory.mktemp("practice")
    chain = PracticeChain(folder, folder / "practice.log")
    with patch.dict(os.environ, UNMEASURED):  # its machine is counted in the test's own process; counting slows it
        node = Node(chain.start(interval_s=0))
    yield node
    node.close()
    chain.close()


@pytest.fixture
def practice(practice_node: Node) -> Iterator[Node]:
    """The chain as it was at the beginning; what a test does to it is taken back."""
    mark = practice_node.rpc("practice_snapshot")
    yield practice_node
    practice_node.rpc("practice_setMining", {"instant": True, "interval_s": 0})
    assert practice_node.rpc("practice_revert", mark)
