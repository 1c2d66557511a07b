"""A chain over JSON-RPC: the `ChainClient` of `ports.chain`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.adapters.chain import multicall, simulating, wire
from engine.adapters.chain.batcher import Batcher
from engine.adapters.chain.pool import Pool
from engine.adapters.chain.refusal import Meaning
from engine.adapters.chain.spans import Spans
from engine.defi.address import keccak
from engine.defi.chain import ChainSpec
from engine.errors import ChainUnavailable, NodeRefused, NotSimulated
from engine.ports.chain import (
    BlockHead,
    BlockTag,
    Call,
    FeeHistory,
    Log,
    Outcome,
    Receipt,
    SeenTransaction,
    Simulated,
)

MOST_FEE_BLOCKS = 1024


class RpcClient:
    """Asks the nodes of one chain; made by `rpc.connect`. It belongs to the loop that it was made on."""

    def __init__(self, spec: ChainSpec, pool: Pool) -> None:
        self.spec = spec
        """The chain, with what of it was found to be as it should (see `checks`)."""
        self.refused: dict[str, str] = {}
        """What was not, by name, with a sentence: exchanges, farms, tokens."""
        self.multicall = spec.multicall
        """Empty where the chain has none: many reads are then one batch."""
        self._pool = pool
        self._batcher = Batcher(pool)
        self._spans = Spans(self._batcher)
        self._is_closed = False

    def __repr__(self) -> str:
        return f"RpcClient({self.spec.name})"

    @property
    def chain_id(self) -> int:
        """The chain that its endpoints were checked to be of."""
        return self.spec.chain_id

    @property
    def health(self) -> str:
        """A sentence about the endpoints."""
        return self._pool.health

    @property
    def requests(self) -> int:
        """How many requests over HTTP were sent."""
        return sum(each.health.asked for each in self._pool.nodes)

    async def close(self) -> None:
        """Let go of connections; safe to call twice."""
        self._is_closed = True
        await self._batcher.close()
        await self._pool.close()

    # -- blocks and accounts ----------------------------------------------------------------------

    async def block_number(self) -> int:
        """Return the newest block's number."""
        return wire.count(await self._ask("eth_blockNumber"))

    async def block(self, tag: BlockTag = "latest") -> BlockHead | None:
        """Return a block's head, None if the chain has no such block."""
        found = await self._ask("eth_getBlockByNumber", wire.tag_text(tag), False)
        return None if found is None else wire.block_head(found)

    async def balance(self, address: str) -> int:
        """Return how much of the coin an address has, in wei."""
        return wire.number(await self._ask("eth_getBalance", address, "latest"))

    async def nonce(self, address: str, *, pending: bool = True) -> int:
        """Return the number of the next transaction of an address."""
        tag = "pending" if pending else "latest"
        return wire.count(await self._ask("eth_getTransactionCount", address, tag))

    async def code(self, address: str) -> bytes:
        """Return a contract's code; empty for an account."""
        return wire.data(await self._ask("eth_getCode", address, "latest"))

    # -- calls ------------------------------------------------------------------------------------

    async def call(self, call: Call, tag: BlockTag = "latest") -> bytes:
        """Return what a contract answers; see `ChainClient.call`."""
        return wire.data(await self._ask("eth_call", wire.call_object(call), wire.tag_text(tag)))

    async def read(self, calls: Sequence[Call], tag: BlockTag = "latest") -> list[Outcome]:
        """Return what many contracts answer, in one request and of one block."""
        return await multicall.read(self, self.multicall, calls, tag) if calls else []

    async def estimate_gas(self, call: Call) -> int:
        """Return the gas that a transaction would take.

        Raises:
            Reverted: it would fail.
            NodeRefused: the sender has too little of the coin ("insufficient-funds").
        """
        return wire.count(await self._ask("eth_estimateGas", wire.call_object(call)))

    async def simulate(self, calls: Sequence[Call]) -> list[Simulated]:
        """Return what calls would do one after the other in the next block; see `ChainClient.simulate`."""
        answer = await self._batcher.answer(simulating.METHOD, simulating.question(calls))
        if answer.meaning is Meaning.UNKNOWN_METHOD:
            raise NotSimulated("This node cannot say what a transaction would change (it has no eth_simulateV1).")
        if answer.refusal is not None:
            raise answer.refusal.error()
        return simulating.simulated(answer.result, len(calls))

    # -- fees and transactions --------------------------------------------------------------------

    async def fee_history(self, blocks: int, percentiles: Sequence[float]) -> FeeHistory:
        """Return what recent blocks cost; at most 1,024."""
        blocks = max(1, min(blocks, MOST_FEE_BLOCKS))
        found = await self._ask("eth_feeHistory", hex(blocks), "latest", list(percentiles))
        return wire.fee_history(found, blocks)

    async def send_raw(self, raw: bytes) -> str:
        """Hand a signed transaction over and return its hash; sending the same again is no mistake."""
        own = f"0x{keccak(raw).hex()}"
        answer = await self._batcher.answer("eth_sendRawTransaction", [f"0x{raw.hex()}"])
        if answer.refusal is None or answer.meaning is Meaning.KNOWN:
            return own
        error = answer.refusal.error()
        if isinstance(error, NodeRefused) and await self._is_known(own):
            return own  # an answer was lost on the way, and it was sent twice
        raise error

    async def transaction(self, transaction: str) -> SeenTransaction | None:
        """Return a transaction by hash, None if the node does not know it."""
        found = await self._ask("eth_getTransactionByHash", transaction)
        return None if found is None else self._same(wire.seen_transaction(found), transaction)

    async def receipt(self, transaction: str) -> Receipt | None:
        """Return what became of a transaction, None while it is in no block."""
        found = await self._ask("eth_getTransactionReceipt", transaction)
        if found is None or wire.fields(found).get("blockNumber") is None:
            return None
        got = wire.receipt(found)
        if got.transaction != transaction.lower():
            raise wire.Misshapen("A node sent the receipt of another transaction.")
        return got

    async def logs(
        self, addresses: Sequence[str], topics: Sequence[bytes | Sequence[bytes] | None], first: int, last: BlockTag
    ) -> list[Log]:
        """Return the lines that contracts wrote in a span of blocks; see `ChainClient.logs`."""
        end = last if isinstance(last, int) else await self._number_of(last)
        asked: dict[str, Any] = {"topics": [_topic(each) for each in topics]} if topics else {}
        if addresses:
            asked["address"] = addresses[0] if len(addresses) == 1 else list(addresses)
        return await self._spans.read(asked, max(0, first), end)

    # -- below ------------------------------------------------------------------------------------

    async def _ask(self, method: str, *params: Any) -> Any:  # noqa: ANN401 - of JSON
        if self._is_closed:
            raise ChainUnavailable(f"{self.spec.title} is not connected any more.")
        return await self._batcher.ask(method, params)

    async def _number_of(self, tag: BlockTag) -> int:
        if tag in ("latest", "pending"):
            return await self.block_number()
        head = await self.block(tag)
        if head is None:
            raise ChainUnavailable(f"{self.spec.title} has no {tag} block yet.")
        return head.number

    async def _is_known(self, transaction: str) -> bool:
        try:
            return await self.transaction(transaction) is not None
        except ChainUnavailable:
            return False

    def _same(self, found: SeenTransaction, wanted: str) -> SeenTransaction:
        if found.hash != wanted.lower():
            raise wire.Misshapen("A node sent another transaction than was asked for.")
        return found


def _topic(topic: bytes | Sequence[bytes] | None) -> Any:  # noqa: ANN401 - of JSON
    if topic is None:
        return None
    if isinstance(topic, bytes):
        return f"0x{topic.hex()}"
    return [f"0x{each.hex()}" for each in topic]
