"""A node on this machine for the tests of whoever asks one: JSON-RPC over HTTP, with the faults that nodes have.

    async with Peer() as peer:
        peer.contracts[TOKEN] = answers
        peer.faults.append("drop")     # of the next request
        …ask peer.url…

Contracts are functions of Python. What it writes is spelled out here, and not made by the code under test.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections import deque
from collections.abc import Callable
from typing import Any, Self

from eth_abi.abi import decode, encode
from eth_utils.crypto import keccak

MULTICALL = "0xcA11bde05977b3631167028862bE2a173976CA11"
TRY_AGGREGATE = keccak(b"tryAggregate(bool,(address,bytes)[])")[:4]
HUGE = 2 * 2**20
GET_ETH_BALANCE = keccak(b"getEthBalance(address)")[:4]

Contract = Callable[[bytes], bytes]
Json = Any


class Revert(Exception):  # noqa: N818 - what a contract does
    """A contract says no, with these bytes."""

    def __init__(self, data: bytes = b"") -> None:
        super().__init__(data)
        self.data = data


class RpcError(Exception):
    """A node says no."""

    def __init__(self, code: int, message: str, data: Json = None) -> None:
        super().__init__(message)
        self.body = {"code": code, "message": message} | ({} if data is None else {"data": data})


class Peer:
    """One node. `asked` has a list of methods for each request over HTTP."""

    def __init__(self, chain_id: int = 1, height: int = 100, tls: ssl.SSLContext | None = None) -> None:
        self.chain_id, self.height, self._tls = chain_id, height, tls
        self.contracts: dict[str, Contract] = {MULTICALL.lower(): self._multicall}
        self.balances: dict[str, int] = {}
        self.logs: list[dict[str, Any]] = []
        self.transactions: dict[str, dict[str, Any]] = {}
        self.answers: dict[str, Callable[[list[Any]], Any]] = {}
        """Methods that are answered otherwise."""
        self.faults: deque[str] = deque()
        """Of coming requests: drop, garbage, cut, html, half, mixed, hang, 429, 429:<s>, 500, 401, 302, huge."""
        self.always = ""
        """A fault of every request."""
        self.batches: int | str = 1000
        """How many calls it takes at once; "object" or "400": it takes no batch, and says so in that way."""
        self.widest: int | None = None
        """Blocks of logs at once."""
        self.asked: list[list[str]] = []
        self.bodies: list[bytes] = []
        self.calls_seen = 0
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Be gone."""
        if self._server is not None:
            self._server.close()
            for each in tuple(self._tasks):
                each.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self._server.wait_closed()

    @property
    def url(self) -> str:
        assert self._server is not None
        scheme = "http" if self._tls is None else "https"
        return f"{scheme}://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v3/0123456789abcdefSECRET"

    # -- HTTP ---------------------------------------------------------------------------------------

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while await self._one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lines = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in head.split("\r\n")[1:])}
        body = await reader.readexactly(int(lines["content-length"]))
        read = json.loads(body)
        self.bodies.append(body)
        self.asked.append([each["method"] for each in (read if isinstance(read, list) else [read])])
        fault = self.always or (self.faults.popleft() if self.faults else "")
        if fault == "drop":
            return False
        if fault == "hang":
            await reader.read()  # until the other side gives up
            return False
        status, headers, answer = self._faulty(fault, read)
        text = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(answer)}\r\n{text}\r\n".encode())
        writer.write(answer[: len(answer) // 2] if fault == "cut" else answer)
        await writer.drain()
        return fault != "cut"

    def _faulty(self, fault: str, read: Json) -> tuple[int, dict[str, str], bytes]:
        plain = {"Content-Type": "application/json"}
        if fault.startswith("429"):
            seconds = fault.partition(":")[2]
            return 429, plain | ({"Retry-After": seconds} if seconds else {}), b'{"error": "slow"}'
        if fault in ("500", "503", "401"):
            return int(fault), plain, b'{"jsonrpc": "2.0", "id": null, "error": {"code": -32000, "message": "no"}}'
        if fault == "302":
            return 302, {"Location": "http://127.0.0.1:1/"}, b""
        if fault == "html":
            return 200, {"Content-Type": "text/html"}, b"<html>Sign in to this network</html>"
        if fault == "garbage":
            return 200, plain, b"\x00\xff not json"
        if fault == "huge":
            return 200, plain, b'"' + b"x" * HUGE + b'"'
        status, answer = self._answer(read)
        if isinstance(answer, list):
            if fault == "half":
                answer = answer[: len(answer) // 2]
            if fault == "mixed":
                odd: list[Json] = [{"id": 10**9, "result": "0x1"}, "?", {"id": [1]}, {"id": {}, "result": 1}, None]
                answer = [*odd, *reversed(answer)]
        return status, plain, json.dumps(answer).encode()

    # -- JSON-RPC -----------------------------------------------------------------------------------

    def _answer(self, read: Json) -> tuple[int, Any]:
        if not isinstance(read, list):
            return 200, self._single(read)
        error = {"code": -32600, "message": "Batch requests are not supported"}
        if self.batches == "400":
            return 400, "bad request"
        if self.batches == "object":
            return 200, {"jsonrpc": "2.0", "id": None, "error": error}
        if isinstance(self.batches, int) and len(read) > self.batches:
            error = {"code": -32600, "message": f"batch too large: at most {self.batches} requests"}
            return 200, {"jsonrpc": "2.0", "id": None, "error": error}
        return 200, [self._single(each) for each in read]

    def _single(self, asked: Json) -> dict[str, Any]:
        self.calls_seen += 1
        head = {"jsonrpc": "2.0", "id": asked["id"]}
        try:
            return head | {"result": self._result(asked["method"], asked["params"])}
        except Revert as error:
            data = f"0x{error.data.hex()}"
            return head | {"error": {"code": 3, "message": "execution reverted", "data": data}}
        except RpcError as error:
            return head | {"error": error.body}

    def _result(self, method: str, params: list[Any]) -> Json:
        if method in self.answers:
            return self.answers[method](params)
        own = getattr(self, f"_{method}", None)
        if own is None:
            raise RpcError(-32601, f"the method {method} does not exist/is not available")
        return own(*params)

    def _eth_chainId(self) -> str:  # noqa: N802 - JSON-RPC's name, and the following
        return hex(self.chain_id)

    def _eth_blockNumber(self) -> str:  # noqa: N802
        return hex(self.height)

    def _eth_getBalance(self, address: str, _: str) -> str:  # noqa: N802
        return hex(self.balances.get(address.lower(), 0))

    def _eth_getTransactionCount(self, _: str, tag: str) -> str:  # noqa: N802
        return {"latest": "0x7", "pending": "0x9"}[tag]

    def _eth_getCode(self, address: str, _: str) -> str:  # noqa: N802
        return "0x6001" if address.lower() in self.contracts else "0x"

    def _eth_call(self, call: dict[str, str], tag: str) -> str:
        if tag not in ("latest", "pending") and int(tag, 16) > self.height:
            raise RpcError(-32000, "header not found")
        return f"0x{self._called(call['to'], bytes.fromhex(call.get('data', '0x')[2:])).hex()}"

    def _eth_estimateGas(self, call: dict[str, str]) -> str:  # noqa: N802
        self._eth_call(call, "latest")
        return hex(21_000)

    def _eth_getBlockByNumber(self, tag: str, _: bool) -> Json:  # noqa: N802
        number = self.height if not tag.startswith("0x") else int(tag, 16)
        if number > self.height:
            return None
        return {
            "number": hex(number),
            "hash": f"0x{number:064x}",
            "parentHash": f"0x{max(0, number - 1):064x}",
            "timestamp": hex(1_700_000_000 + 12 * number),
            "baseFeePerGas": "0x3b9aca00",
            "gasLimit": "0x1c9c380",
            "gasUsed": "0xe4e1c0",
        }

    def _eth_getLogs(self, asked: dict[str, Any]) -> Json:  # noqa: N802
        first, last = int(asked["fromBlock"], 16), int(asked["toBlock"], 16)
        if self.widest is not None and last - first + 1 > self.widest:
            raise RpcError(-32602, "query exceeds max block range")
        return [each for each in self.logs if first <= int(each["blockNumber"], 16) <= last]

    def _eth_getTransactionByHash(self, hash_: str) -> Json:  # noqa: N802
        return self.transactions.get(hash_)

    def _called(self, to: str, data: bytes) -> bytes:
        contract = self.contracts.get(to.lower())
        return contract(data) if contract else b""

    def _multicall(self, data: bytes) -> bytes:
        if data[:4] == GET_ETH_BALANCE:
            return encode(["uint256"], [self.balances.get(decode(["address"], data[4:])[0], 0)])
        if data[:4] != TRY_AGGREGATE:
            raise Revert
        must, calls = decode(["bool", "(address,bytes)[]"], data[4:])
        rows = []
        for to, inner in calls:
            try:
                rows.append((True, self._called(to, inner)))
            except Revert as error:
                if must:
                    raise
                rows.append((False, error.data))
        return encode(["(bool,bytes)[]"], [rows])
