"""Somebody with an open wallet on the practice chain: the key process, the desk, and everything held against balances.

Whatever they do goes through the one send pipeline, and what the confirmation said is compared with what came of it:
the balances of the coin and of every token that is known or was named, to the unit, with the fee apart.
"""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

import engine.bootstrap.wallet as bootstrap
from engine.adapters.keys.keyring import KeyProcess
from engine.adapters.secrets.memory import MemorySecrets
from engine.bootstrap.chaindesk import ChainDesk
from engine.bootstrap.practice import Practice
from engine.bootstrap.wallet import PRACTICE, WalletEngine
from engine.defi import abi
from engine.defi.chain import ChainSpec, DexSpec
from engine.defi.intent import Intent
from engine.defi.prepared import Prepared
from engine.defi.token import NATIVE, Token, TokenAmount
from engine.ports.chain import Receipt
from engine.profile import Profile
from engine.services.dex.quoterow import QuoteRow, RowKind
from engine.services.dex.swap import Ticket
from engine.services.wallet.sent import SendState
from tests.engine.adapters.keys.wallets import ACCOUNTS, PASSWORD, PHRASE, light_process
from tests.practice import Node

ME = ACCOUNTS[0]


@dataclass
class Done:
    """A transaction that is in a block, what was shown of it, and what it moved, by the token's address."""

    prepared: Prepared
    receipt: Receipt
    moved: dict[str, int]

    def came(self, token: Token) -> int:
        """Units of a token that arrived; negative: that left; the coin without the fee."""
        return self.moved.get(token.address, 0)


class WalletPerson:
    """An account of an open wallet."""

    def __init__(self, node: Node, wallet: WalletEngine, desk: ChainDesk) -> None:
        self.node, self.wallet, self.desk, self.spec = node, wallet, desk, desk.spec
        self.sent: list[Done] = []

    def token(self, symbol: str) -> Token:
        """Return a token of the chain."""
        found = self.spec.token(symbol)
        assert found is not None
        return found

    def of(self, text: str) -> TokenAmount:
        """Return "1.5 WETH" as an amount."""
        number, symbol = text.split()
        return self.token(symbol).of(number)

    def dex(self, name: str) -> DexSpec:
        """Return an exchange of the chain."""
        found = self.spec.dex(name)
        assert found is not None
        return found

    async def balance(self, token: Token) -> int:
        """Return what the account has of a token."""
        return (await self._held([token]))[token.address]

    async def quote(self, sold: str, bought: str, text: str, dex: str, *, exact_in: bool = True) -> QuoteRow:
        """Return what one pool of an exchange gives."""
        token_in, token_out = self.token(sold), self.token(bought)
        amount = (token_in if exact_in else token_out).of(text).units
        found = await self.desk.quotes.best(token_in, token_out, amount, exact_in, hops=1)
        return next(each for each in found.rows if each.dexes == (dex,) and each.kind is RowKind.DIRECT)

    async def swap(self, row: QuoteRow) -> Done:
        """Carry a quote out; what comes and what goes is what was quoted, to the unit."""
        done = await self.does(await self.desk.swaps.intents(row, Ticket(ME)))
        assert -done.came(row.token_in) == row.amount_in.units
        assert done.came(row.token_out) == row.amount_out.units
        return done

    async def does(self, intents: Sequence[Intent], *, grows: Sequence[Token] = ()) -> Done:
        """Do one after the other; of `grows` more may arrive than was shown, because time passes."""
        for each in intents:
            self.sent.append(await self._one(each, [token.address for token in grows]))
        return self.sent[-1]

    async def all_settled(self) -> None:
        """Follow until every transaction is deep enough, and look at what is kept and listed of it."""
        for _ in range(10):
            if not await self.desk.tracker.poll():
                break
        kept = [await self.wallet.ledger.find(self.spec.chain_id, each.receipt.transaction) for each in self.sent]
        assert [each.state for each in kept if each is not None] == [SendState.FINAL] * len(self.sent)
        shown = await self.desk.history.page(ME, limit=200)
        assert {each.receipt.transaction for each in self.sent} <= {each.hash for each in shown}

    async def _one(self, intent: Intent, grows: Sequence[str]) -> Done:
        pipeline = self.desk.pipeline
        prepared = await pipeline.prepare(intent)
        assert not [each.text for each in prepared.refusals]
        assert prepared.simulation.ok
        assert prepared.simulation.is_complete
        shown = {each.amount.token.address: each.amount.units for each in prepared.simulation.changes}
        named = [each.amount.token for each in prepared.simulation.changes]
        tokens = [*self._known(), *named, *(each.token for each in (*intent.leaves, *intent.arrives))]
        before = await self._held(tokens)
        codes = frozenset(each.code for each in prepared.warnings)
        sent = await pipeline.send(await pipeline.confirm(prepared, codes))
        receipt = await self.desk.client.receipt(sent.hash)
        assert receipt is not None
        assert receipt.ok
        await self.desk.tracker.poll()
        after = await self._held(tokens)
        fee = receipt.gas_used * receipt.gas_price
        assert receipt.gas_used <= prepared.transaction.gas
        assert fee <= prepared.transaction.gas * prepared.transaction.max_fee
        moved = {each: after[each] - before[each] for each in after}
        moved[NATIVE] += fee
        _compare({each: units for each, units in moved.items() if units}, shown, grows)
        assert all(-moved[each.token.address] <= each.units for each in intent.leaves)
        assert all(moved[each.token.address] >= each.units for each in intent.arrives)
        await self._check_allowance(intent)
        return Done(prepared, receipt, moved)

    async def _check_allowance(self, intent: Intent) -> None:
        granted = intent.approval
        if granted is None:
            return
        question = abi.encode("allowance(address,address)", ME, granted.spender).hex()
        told = self.node.rpc("eth_call", {"to": granted.token.address, "data": "0x" + question}, "latest")
        assert int(str(told), 16) == granted.amount

    async def _held(self, tokens: Sequence[Token]) -> dict[str, int]:
        """Return units by address; of a token whose contract is yet to be made there is nothing."""
        held = await self.desk.balances.read(ME, tokens)
        nothing = {each.address: 0 for each in held.unread}
        return nothing | {token.address: amount.units for token, amount in held.amounts.items()}

    def _known(self) -> tuple[Token, ...]:
        return (self.spec.native, *self.spec.tokens)


def _compare(moved: dict[str, int], shown: dict[str, int], grows: Sequence[str]) -> None:
    """What moved is what was shown, and nothing else did."""
    assert moved.keys() == shown.keys()
    for token, units in shown.items():
        assert moved[token] >= units if token in grows else moved[token] == units, token


class Running(Practice):
    """The practice chain that runs for all tests, as the wallet's own; it knows only the tokens that are wanted."""

    def __init__(self, node: Node, symbols: Sequence[str]) -> None:
        self._node, self._symbols = node, symbols

    async def start(self, **_: object) -> ChainSpec:
        spec = self._node.spec()
        tokens = tuple(each for each in spec.tokens if each.symbol in self._symbols)
        known = {each.address for each in tokens}
        return replace(spec, tokens=tokens, stables=tuple(each for each in spec.stables if each in known))

    async def close(self) -> None: ...


@asynccontextmanager
async def wallet_person(
    node: Node, folder: Path, monkeypatch: pytest.MonkeyPatch, purse: dict[str, int]
) -> AsyncIterator[WalletPerson]:
    """Open a wallet with the real key process, its scrypt light, with so many whole tokens; "ETH" is the coin."""
    monkeypatch.setattr(bootstrap, "KeyProcess", functools.partial(KeyProcess, start=light_process))
    wallet = await bootstrap.open_wallet(Profile(folder), MemorySecrets())
    wallet.practice = Running(node, ["WETH", *purse])
    try:
        await wallet.keys.import_phrase(PHRASE, password=PASSWORD)
        desk = await wallet.go_to(PRACTICE)
        person = WalletPerson(node, wallet, desk)
        for symbol, whole in purse.items():
            token = person.token(symbol)
            node.give(ME, token.of(str(whole)).units, None if token.is_native else symbol)
        yield person
    finally:
        await wallet.close()
