"""A wallet on the practice chain, put together by hand: a key, a ledger on the disk, an address book, the pipeline."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eth_account import Account
from hexbytes import HexBytes

from engine.adapters.chain.client import RpcClient
from engine.adapters.chain.rpc import connect
from engine.adapters.sql.walletstore import SqliteWalletStore
from engine.bus import Bus
from engine.defi import abi
from engine.defi.address import checksummed
from engine.defi.chain import ChainSpec
from engine.defi.intent import Intent, IntentKind
from engine.defi.token import NATIVE, Token, TokenAmount
from engine.errors import WatchOnly
from engine.ports.chain import Call, SignedTransaction, UnsignedTransaction
from engine.ports.clock import SystemClock
from engine.services.wallet.events import TransactionChanged
from engine.services.wallet.ledger import Ledger
from engine.services.wallet.pipeline import SendPipeline
from engine.services.wallet.sent import SentTransaction
from engine.services.wallet.tracker import TransactionTracker
from tests.practice import Node

ALICE = Account.from_key("0x" + "a1" * 32)
BOB = Account.from_key("0x" + "b2" * 32).address
CAROL = Account.from_key("0x" + "c3" * 32).address
ETHER = 10**18
GWEI = 10**9


class Keys:
    """A `KeyRing` with a key in its hand."""

    def __init__(self) -> None:
        self.signed: list[UnsignedTransaction] = []
        self.is_locked = False

    def can_sign(self, address: str) -> bool:
        return bool(address == ALICE.address)

    async def sign(self, transaction: UnsignedTransaction) -> SignedTransaction:
        if not self.can_sign(transaction.sender):
            raise WatchOnly("There is no key here.")
        self.signed.append(transaction)
        signed = ALICE.sign_transaction(
            {
                "chainId": transaction.chain_id,
                "nonce": transaction.nonce,
                "to": transaction.to,
                "value": transaction.value,
                "data": HexBytes(transaction.data),
                "gas": transaction.gas,
                "maxFeePerGas": transaction.max_fee,
                "maxPriorityFeePerGas": transaction.max_priority_fee,
                "type": 2,
            }
        )
        return SignedTransaction("0x" + bytes(signed.hash).hex(), bytes(signed.raw_transaction))


@dataclass
class Book:
    """An address book of three lines."""

    titles: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    alike: dict[str, str] = field(default_factory=dict)

    def title(self, address: str, chain_id: int) -> str:
        return self.titles.get(address, "")

    def is_known(self, address: str) -> bool:
        return address in self.titles or address in self.used

    def mistaken_for(self, address: str) -> str:
        return self.alike.get(address, "")

    def remember(self, address: str) -> None:
        self.used.add(address)


def spec_of(node: Node) -> ChainSpec:
    """The practice chain as data."""
    told = node.manifest
    tokens = tuple(Token(told.chain_id, checksummed(each.address), each.symbol, each.decimals) for each in told.tokens)
    wrapped = next(each for each in tokens if each.symbol == "WETH")
    return ChainSpec(
        told.chain_id,
        "practice",
        "Practice chain",
        Token(told.chain_id, NATIVE, "ETH", 18),
        wrapped,
        block_s=12,
        confirmations=3,
        multicall=told.multicall,
        source="tests",
        tokens=tokens,
        is_practice=True,
    )


class Desk:
    """All of it."""

    def __init__(self, node: Node, client: RpcClient, spec: ChainSpec, folder: Path) -> None:
        self.node, self.client, self.spec = node, client, spec
        self.keys, self.book, self.bus, self.clock = Keys(), Book(), Bus(), SystemClock()
        self.store = SqliteWalletStore(folder / "wallet.db")
        self.ledger = Ledger(self.store, self.clock, self.bus)
        self.pipeline = self.opened()
        self.tracker = TransactionTracker(client, spec, self.ledger, self.clock)
        self.told: list[TransactionChanged] = []
        self.bus.subscribe(TransactionChanged, self.told.append)
        node.give(ALICE.address, 10 * ETHER)

    def opened(self) -> SendPipeline:
        """A pipeline as after a start."""
        return SendPipeline(self.client, self.spec, self.keys, self.ledger, self.book, self.clock)

    def token(self, symbol: str) -> Token:
        return next(each for each in self.spec.tokens if each.symbol == symbol)

    def give(self, symbol: str, text: str, address: str = ALICE.address) -> TokenAmount:
        amount = self.token(symbol).of(text)
        self.node.give(address, amount.units, symbol)
        return amount

    async def send(self, intent: Intent, *acknowledged: str, allow_unlimited: bool = False) -> SentTransaction:
        """Prepare, confirm and send."""
        prepared = await self.pipeline.prepare(intent, allow_unlimited=allow_unlimited)
        return await self.pipeline.send(await self.pipeline.confirm(prepared, frozenset(acknowledged)))

    async def balance(self, token: Token, address: str) -> int:
        if token.is_native:
            return await self.client.balance(address)
        return int(
            abi.decode(
                "(uint256)", await self.client.call(Call(token.address, abi.encode("balanceOf(address)", address)))
            )[0]
        )

    async def balances(self, accounts: Iterable[str]) -> dict[tuple[str, Token], int]:
        """Of the coin and all tokens, in one request."""
        pairs = [(who, token) for who in accounts for token in (self.spec.native, *self.spec.tokens)]
        found = await asyncio.gather(*(self.balance(token, who) for who, token in pairs))
        return dict(zip(pairs, found, strict=True))

    async def now(self) -> int:
        head = await self.client.block("latest")
        assert head is not None
        return max(head.at, self.clock.wall() // 10**9)

    async def swap(
        self,
        units: int,
        *,
        dex: str = "uniswap-v2",
        out: str = "USDT",
        keep_bps: int = 9_900,
        **changes: Any,  # noqa: ANN401
    ) -> Intent:
        """Coin for a token at a V2 router, as the desk of exchanges would ask for it."""
        weth, token = self.spec.wrapped, self.token(out)
        exchange = self.node.manifest.exchange(dex)
        router = checksummed(exchange.router)
        path = [weth.address, token.address]
        told = await self.client.call(Call(router, abi.encode("getAmountsOut(uint256,address[])", units, path)))
        expected = int(abi.decode("(uint256[])", told)[0][1])
        deadline = await self.now() + 600
        least = expected * keep_bps // 10_000
        data = abi.encode(
            "swapExactETHForTokens(uint256,address[],address,uint256)",
            changes.pop("data_least", least),
            path,
            changes.pop("data_to", ALICE.address),
            changes.pop("data_deadline", deadline),
        )
        fields: dict[str, Any] = {
            "data": data,
            "value": units,
            "leaves": (self.spec.native.units(units),),
            "arrives": (token.units(least),),
            "expected": (token.units(expected),),
            "slippage_bps": 10_000 - keep_bps,
            "impact_bps": 10,
            "deadline": deadline,
            "route": (f"100 % WETH → {out} at {exchange.title}",),
        }
        return Intent(
            IntentKind.SWAP, self.spec.chain_id, ALICE.address, router, f"{exchange.title}'s router", **fields | changes
        )


async def open_desk(node: Node, folder: Path) -> Desk:
    """Connect to the practice chain and put a wallet on it."""
    spec = spec_of(node)
    return Desk(node, await connect(spec, [node.url], checks=False), spec, folder)
