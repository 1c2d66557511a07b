"""An account on the practice chain with the real send pipeline in front of it, for tests of the desk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from eth_account import Account

from engine.adapters.chain.rpc import connect
from engine.adapters.practice.manifest import Deployed
from engine.adapters.sql.walletstore import SqliteWalletStore
from engine.bus import Bus
from engine.defi import abi
from engine.defi.chain import ChainSpec, DexKind, DexSpec, FarmKind, FarmSpec
from engine.defi.intent import Intent
from engine.defi.token import NATIVE, Token, TokenAmount
from engine.ports.chain import Call, ChainClient, Receipt, SignedTransaction, UnsignedTransaction
from engine.ports.clock import SystemClock
from engine.services.wallet.ledger import Ledger
from engine.services.wallet.pipeline import SendPipeline
from engine.services.wallet.sent import SentTransaction

KEY = "0x" + "b7" * 32
ACCOUNT = str(Account.from_key(KEY).address)
COIN = 10**18


class OpenKeys:
    """Signs at once, with a key that everybody knows."""

    is_locked = False

    def can_sign(self, address: str) -> bool:
        return address == ACCOUNT

    async def sign(self, transaction: UnsignedTransaction) -> SignedTransaction:
        fields = {
            "chainId": transaction.chain_id,
            "nonce": transaction.nonce,
            "to": transaction.to,
            "value": transaction.value,
            "data": transaction.data,
            "gas": transaction.gas,
            "maxFeePerGas": transaction.max_fee,
            "maxPriorityFeePerGas": transaction.max_priority_fee,
        }
        signed = Account.sign_transaction(fields, KEY)
        return SignedTransaction("0x" + bytes(signed.hash).hex(), bytes(signed.raw_transaction))


class Everybody:
    """An address book in which everybody is."""

    def title(self, address: str, chain_id: int) -> str:
        return ""

    def is_known(self, address: str) -> bool:
        return True

    def mistaken_for(self, address: str) -> str:
        return ""

    def remember(self, address: str) -> None:
        pass


def spec_of(made: Deployed, url: str) -> ChainSpec:
    """Return the practice chain as data."""
    tokens = tuple(Token(made.chain_id, each.address, each.symbol, each.decimals, each.name) for each in made.tokens)
    by_symbol = {each.symbol: each for each in tokens}
    return ChainSpec(
        made.chain_id,
        "practice",
        "Practice chain",
        Token(made.chain_id, NATIVE, "ETH", 18, "Ether"),
        by_symbol["WETH"],
        block_s=12.0,
        confirmations=1,
        multicall=made.multicall,
        source="its manifest",
        dexes=tuple(
            DexSpec(
                each.name,
                each.title,
                DexKind(each.kind),
                each.factory,
                each.router,
                "its manifest",
                each.fee,
                bytes.fromhex(each.init_code_hash),
                each.fee_tiers,
                each.quoter,
                each.position_manager,
            )
            for each in made.exchanges
        ),
        farms=tuple(
            FarmSpec(each.name, each.title, FarmKind(each.kind), each.address, by_symbol[each.reward], "its manifest")
            for each in made.farms
        ),
        tokens=tokens,
        stables=tuple(by_symbol[each].address for each in ("USDT", "USDC", "DAI")),
        is_practice=True,
        rpc=(url,),
    )


class Desk:
    """One account, its chain and its pipeline."""

    def __init__(self, spec: ChainSpec, folder: Path) -> None:
        self.spec = spec
        self.account = ACCOUNT
        self.store = SqliteWalletStore(folder / "wallet.db")
        self.bus = Bus()
        self.clock = SystemClock()
        self.ledger = Ledger(self.store, self.clock, self.bus)
        self.chain: ChainClient
        self.pipeline: SendPipeline

    async def __aenter__(self) -> Desk:
        self.chain = await connect(self.spec, checks=False)
        self.pipeline = SendPipeline(
            self.chain,
            self.spec,
            OpenKeys(),
            self.ledger,
            Everybody(),
            self.clock,
            tokens=lambda address: self.spec.token(address),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.chain.close()
        self.store.close()

    def token(self, symbol: str) -> Token:
        found = self.spec.token(symbol)
        assert found is not None
        return found

    def of(self, text: str) -> TokenAmount:
        """Return "1.5 WETH" as an amount."""
        number, symbol = text.split()
        return self.token(symbol).of(number)

    def dex(self, name: str) -> DexSpec:
        found = self.spec.dex(name)
        assert found is not None
        return found

    async def send(self, intent: Intent) -> SentTransaction:
        """Prepare, look, say yes, send."""
        prepared = await self.pipeline.prepare(intent)
        assert not prepared.refusals, prepared.refusals
        confirmed = await self.pipeline.confirm(prepared, frozenset(each.code for each in prepared.warnings))
        return await self.pipeline.send(confirmed)

    async def act(self, intents: Sequence[Intent]) -> Receipt:
        """Send one after the other and return the receipt of the last."""
        for each in intents:
            sent = await self.send(each)
            receipt = await self.chain.receipt(sent.hash)
            assert receipt is not None
            assert receipt.ok
        return receipt

    async def ask(
        self, to: str, function: str, answer: str, *args: object, sender: str | None = None
    ) -> tuple[Any, ...]:
        data = await self.chain.call(Call(to, abi.encode(function, *args), sender=sender))
        return abi.decode(answer, data)

    async def balance(self, token: Token, account: str = ACCOUNT) -> int:
        if token.is_native:
            return await self.chain.balance(account)
        return int((await self.ask(token.address, "balanceOf(address)", "(uint256)", account))[0])

    async def now(self) -> int:
        head = await self.chain.block()
        assert head is not None
        return head.at
