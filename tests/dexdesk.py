"""An account on the practice chain with the real send pipeline in front of it, for tests of the desk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from eth_account import Account

from engine.adapters.chain.rpc import connect
from engine.adapters.sql.walletstore import SqliteWalletStore
from engine.bus import Bus
from engine.defi import abi
from engine.defi.chain import ChainSpec, DexSpec
from engine.defi.intent import Intent
from engine.defi.token import Token, TokenAmount
from engine.domain.number import Nanos
from engine.ports.chain import Call, ChainClient, Receipt, SignedTransaction, UnsignedTransaction
from engine.ports.clock import SystemClock
from engine.services.dex.carrying import Carrier
from engine.services.wallet.ledger import Ledger
from engine.services.wallet.pipeline import SendPipeline
from engine.services.wallet.sent import SentTransaction
from engine.services.wallet.tracker import TransactionTracker

KEY = "0x" + "b7" * 32
ACCOUNT = str(Account.from_key(KEY).address)
COIN = 10**18


class OpenKeys:
    """Signs at once, with a key that everybody knows."""

    def __init__(self) -> None:
        self.is_locked = False

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


class SetClock(SystemClock):
    """The machine's clock, ahead by as much as a test wants."""

    ahead_s = 0

    def wall(self) -> Nanos:
        return Nanos(super().wall() + self.ahead_s * 10**9)


class Desk:
    """One account, its chain and its pipeline."""

    def __init__(self, spec: ChainSpec, folder: Path) -> None:
        self.spec = spec
        self.account = ACCOUNT
        self.store = SqliteWalletStore(folder / "wallet.db")
        self.bus = Bus()
        self.clock = SetClock()
        self.ledger = Ledger(self.store, self.clock, self.bus)
        self.keys = OpenKeys()
        self.chain: ChainClient
        self.pipeline: SendPipeline
        self.tracker: TransactionTracker
        self.carrier: Carrier

    async def __aenter__(self) -> Desk:
        self.chain = await connect(self.spec, checks=False)
        self.pipeline = SendPipeline(
            self.chain,
            self.spec,
            self.keys,
            self.ledger,
            Everybody(),
            self.clock,
            tokens=lambda address: self.spec.token(address),
        )
        self.tracker = TransactionTracker(self.chain, self.spec, self.ledger, self.clock)
        self.carrier = Carrier(self.pipeline, self.spec, self.keys, self.clock)
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
        receipts = [await self._mined(await self.send(each)) for each in intents]
        return receipts[-1]

    async def set_up(self, intents: Sequence[Intent]) -> None:
        """Do what a test begins with, signed and sent without the pipeline's care: a third of its time."""
        for each in intents:
            nonce = await self.chain.nonce(ACCOUNT)
            made = UnsignedTransaction(
                each.chain_id, ACCOUNT, nonce, each.to, each.value, each.data, 2_000_000, 5 * 10**9, 10**9
            )
            sent = await self.chain.send_raw((await self.keys.sign(made)).raw)
            receipt = await self.chain.receipt(sent)
            assert receipt is not None
            assert receipt.ok

    async def settle(self) -> None:
        """Follow what was sent until nothing waits; a block is believed by the second look."""
        for _ in range(5):
            if not await self.tracker.poll():
                return

    async def _mined(self, sent: SentTransaction) -> Receipt:
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
