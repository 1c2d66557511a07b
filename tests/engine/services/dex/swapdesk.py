"""An account on the practice chain that asks for quotes and carries them out, signing for itself."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from eth_account import Account

from engine.adapters.chain.client import RpcClient
from engine.adapters.chain.rpc import connect
from engine.defi import abi
from engine.defi.chain import ChainSpec
from engine.defi.intent import Intent
from engine.defi.token import Token
from engine.ports.chain import Call
from engine.services.dex.pools import PoolBook
from engine.services.dex.quoterow import DexQuotes, QuoteRow, RowKind
from engine.services.dex.quotes import Quotes
from engine.services.dex.swap import Swaps, Ticket
from tests.practice import Node

GAS = 3_000_000
GAS_PRICE = 3 * 10**9


class Desk:
    """Quotes and swaps of one account."""

    def __init__(self, node: Node, client: RpcClient, known: Path | None = None) -> None:
        self.node, self.client, self.spec = node, client, client.spec
        self.account = Account.from_key("0x" + "b7" * 32)
        self.address = str(self.account.address)
        self.book = PoolBook(client, self.spec, known)
        self.quotes = Quotes(client, self.spec, self.book)
        self.swaps = Swaps(client, self.spec)
        self.gas_paid = 0

    def token(self, symbol: str) -> Token:
        """Return a token of the chain by its symbol."""
        found = self.spec.token(symbol)
        assert found is not None
        return found

    async def quote(self, sold: str, bought: str, text: str, *, exact_in: bool = True) -> DexQuotes:
        """Return quotes for an amount in whole tokens."""
        token_in, token_out = self.token(sold), self.token(bought)
        amount = (token_in if exact_in else token_out).of(text).units
        return await self.quotes.best(token_in, token_out, amount, exact_in)

    async def balance(self, token: Token) -> int:
        """Return what the account has of a token; of the coin, what it had if gas were free."""
        if token.is_native:
            return await self.client.balance(self.address) + self.gas_paid
        answer = await self.client.call(Call(token.address, abi.encode("balanceOf(address)", self.address)))
        return int.from_bytes(answer, "big")

    async def carry_out(self, row: QuoteRow, slippage_bps: int = 100) -> tuple[int, int, list[Intent]]:
        """Sign and send everything; return what went, what came, and the intents."""
        before = await self.balance(row.token_in), await self.balance(row.token_out)
        intents = await self.swaps.intents(row, Ticket(self.address, slippage_bps))
        await self.send(intents)
        after = await self.balance(row.token_in), await self.balance(row.token_out)
        return before[0] - after[0], after[1] - before[1], intents

    async def send(self, intents: Sequence[Intent]) -> None:
        """Sign and send, one after the other; each has to succeed."""
        for intent in intents:
            fields = {
                "chainId": self.spec.chain_id,
                "nonce": await self.client.nonce(self.address),
                "to": intent.to,
                "value": intent.value,
                "data": intent.data,
                "gas": GAS,
                "maxFeePerGas": GAS_PRICE,
                "maxPriorityFeePerGas": 10**8,
            }
            receipt = await self.client.receipt(
                await self.client.send_raw(bytes(self.account.sign_transaction(fields).raw_transaction))
            )
            assert receipt is not None
            assert receipt.ok, intent.route
            self.gas_paid += receipt.gas_used * receipt.gas_price


def narrowed(spec: ChainSpec, *symbols: str) -> ChainSpec:
    """Return a chain that knows only some tokens, for reading every pool of all takes a second."""
    tokens = tuple(each for each in spec.tokens if each.symbol in symbols)
    known = {each.address for each in tokens}
    return replace(spec, tokens=tokens, stables=tuple(each for each in spec.stables if each in known))


@asynccontextmanager
async def opened(node: Node, known: Path | None, *symbols: str) -> AsyncIterator[Desk]:
    """Open a desk that trades these tokens, with an account that has coin."""
    client = await connect(narrowed(node.spec(), "WETH", *symbols), checks=False)
    try:
        desk = Desk(node, client, known)
        node.give(desk.address, 10_000 * 10**18)
        yield desk
    finally:
        await client.close()


def row_of(quotes: DexQuotes, dex: str, kind: RowKind) -> QuoteRow:
    """Return the row of an exchange."""
    return next(each for each in quotes.rows if each.dexes == (dex,) and each.kind is kind)
