"""The window's front over a real wallet: `engine.bootstrap.wallet`, one account on one chain at a time.

Imported off the loop when a wallet pane is first looked at: nothing of a wallet is loaded before.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from typing import Any

from crs_desktop.viewmodels.wallet.dexes import DexFront
from crs_desktop.viewmodels.wallet.front import (
    Account,
    ChainState,
    Contact,
    FoundToken,
    Grant,
    Holding,
    Holdings,
    Transfer,
    WalletFront,
)
from crs_desktop.viewmodels.words import Sentence, say, verbatim
from crs_desktop.wiring.dex_front import EngineDex
from engine.bootstrap.chaindesk import ChainDesk
from engine.bootstrap.wallet import PRACTICE, WalletEngine, open_wallet
from engine.bus import Bus
from engine.defi.chain import ChainSpec
from engine.defi.intent import Intent
from engine.defi.intents import revoke, send
from engine.defi.token import NATIVE, Token, TokenAmount
from engine.errors import ChainUnavailable, CrsError, InvalidInput
from engine.ports.keys import KeyStore
from engine.profile import Profile
from engine.services.task import TaskOwner
from engine.services.wallet.accounts import WalletAccount
from engine.services.wallet.address_book import Entry
from engine.services.wallet.events import BalancesChanged, WalletChanged
from engine.services.wallet.pipeline import SendPipeline
from engine.services.wallet.portfolio import Part, wallet_parts
from engine.services.wallet.sent import SentTransaction
from engine.settings import Settings

Secrets = Callable[[], Awaitable[Any]]


class EngineFront:
    """`WalletFront` over a `WalletEngine`."""

    def __init__(self, engine: WalletEngine, settings: Settings) -> None:
        self.engine, self._settings = engine, settings
        self._touched = time.monotonic()
        self._tasks = TaskOwner("wallet front")
        self._lock_reason = ""
        engine.keys.on_locked.insert(0, self._locked)  # before it is told on the bus
        self._problem: dict[str, str] = {}
        """Why a chain could not be used, by its name."""
        for hears in (engine.accounts.on_changed, engine.book.on_changed):
            hears.append(lambda: engine.bus.publish(WalletChanged()))

    @property
    def bus(self) -> Bus:
        """Where events of the wallet are told."""
        return self.engine.bus

    @property
    def keys(self) -> KeyStore:
        """Who signs."""
        return self.engine.keys

    @property
    def pipeline(self) -> SendPipeline:
        """The way to a signature on the chain in use."""
        return self._desk.pipeline

    @property
    def locks_in(self) -> float | None:
        """Seconds until the keys are locked if nobody does anything."""
        whole = self.engine.keys.auto_lock_s
        if not whole or self.keys.is_locked:
            return None
        return max(0.0, whole - (time.monotonic() - self._touched))

    @property
    def lock_reason(self) -> str:
        """Why the keys were locked last."""
        return self._lock_reason

    def _locked(self, reason: str) -> None:
        self._lock_reason = reason

    def touch(self) -> None:
        """Somebody is there."""
        self._touched = time.monotonic()
        self.keys.touch()

    def take_settings(self, settings: Settings) -> None:
        """Take over settings that were changed."""
        self._settings = settings
        self.engine.keys.auto_lock_s = settings.wallet.auto_lock_minutes * 60
        self.bus.publish(WalletChanged())

    @property
    def dex(self) -> DexFront | None:
        """The exchanges of the chain in use."""
        desk, account = self.engine.desk, self.engine.accounts.current
        if desk is None or account is None:
            return None
        return EngineDex(self.engine, desk, account.address, self._settings.wallet.slippage_bps)

    # -- accounts -----------------------------------------------------------------------------------

    @property
    def accounts(self) -> tuple[Account, ...]:
        """All accounts."""
        return tuple(_account(each) for each in self.engine.accounts.all)

    @property
    def current(self) -> Account | None:
        """The one in use."""
        found = self.engine.accounts.current
        return _account(found) if found is not None else None

    async def use(self, address: str) -> None:
        """Use another account."""
        await self.engine.accounts.use(address)

    async def rename(self, address: str, label: str) -> None:
        """Call an account something else."""
        await self.engine.accounts.rename(address, label)

    async def watch(self, address: str, label: str) -> None:
        """Watch an address, and use it."""
        made = await self.engine.accounts.watch(address, label)
        await self.engine.accounts.use(made.address)

    async def derive(self) -> Account:
        """Add the next account of the phrase and use it."""
        made = await self.engine.keys.add_account()
        await self.engine.accounts.use(made.address)
        return next(each for each in self.accounts if each.address == made.address)

    async def forget(self, address: str) -> None:
        """Watch an address no more."""
        await self.engine.accounts.unwatch(address)

    # -- chains -------------------------------------------------------------------------------------

    @property
    def chains(self) -> tuple[ChainState, ...]:
        """The chains that can be used, that in use with how it is reached."""
        current = self.chain
        wanted = [_PRACTICE_STATE] if self._settings.wallet.practice == "on" else []
        wanted += [ChainState(each, "", is_up=False) for each in self.engine.chains.specs]
        found = [
            current if current is not None and current.spec.name == each.spec.name
            else replace(each, problem=self._problem.get(each.spec.name, ""))
            for each in wanted
        ]  # fmt: skip
        if current is not None and current not in found:
            found.insert(0, current)
        return tuple(found)

    @property
    def chain(self) -> ChainState | None:
        """The one in use."""
        desk = self.engine.desk
        if desk is None:
            return None
        return ChainState(desk.spec, desk.client.health, is_up=True, problem=self._problem.get(desk.spec.name, ""))

    async def go_to(self, name: str) -> None:
        """Use another chain."""
        try:
            await self.engine.go_to(name)
        except CrsError as error:
            self._problem[name] = str(error)
            raise
        self._problem.pop(name, None)

    def hosts(self, name: str) -> tuple[str, ...]:
        """Return the endpoints of a chain for the screen."""
        return tuple(each.host for each in self.engine.chains.listed(name))

    async def endpoints(self, name: str) -> tuple[str, ...]:
        """Return the endpoints of a chain with their addresses."""
        return tuple(each.url for each in await self.engine.chains.endpoints(name))

    async def set_endpoints(self, name: str, urls: tuple[str, ...]) -> None:
        """Keep the endpoints of a chain."""
        await self.engine.chains.set_endpoints(name, urls)
        self._problem.pop(name, None)
        self.bus.publish(WalletChanged())

    async def tell_market(self, prices: Mapping[str, Decimal]) -> None:
        """Tell the practice chain what the simulated market pays."""
        if self.engine.practice.is_running:
            await self.engine.practice.tell(prices)

    async def practise(self, tell: Callable[[Sentence], None]) -> None:
        """Start the practice chain, and give the account in use something to begin with."""
        loop = asyncio.get_running_loop()

        def progress(share: float, text: str) -> None:
            loop.call_soon_threadsafe(tell, say("{text} ({share})", text=text, share=f"{share:.0%}"))

        await self.engine.practise(progress=progress)
        account = self.engine.accounts.current
        if account is not None:
            self.bus.publish(BalancesChanged(account.address))

    # -- the address book ---------------------------------------------------------------------------

    def contacts(self) -> tuple[Contact, ...]:
        """Return the lines of the book."""
        return tuple(Contact(each.label, each.address, each.chain_id, each.note) for each in self.engine.book.entries)

    def label(self, address: str) -> str:
        """Return what an address is called here."""
        desk = self.engine.desk
        return self.engine.book.title(address, desk.spec.chain_id if desk is not None else None)

    def look_alike(self, address: str) -> str:
        """Return a sentence if an address could be taken for another one."""
        found = self.engine.book.look_alike(address)
        return found.sentence if found is not None else ""

    async def keep(self, contact: Contact, before: Contact | None = None) -> None:
        """Put a line into the book."""
        wanted = {"label": contact.label, "address": contact.address, "chain_id": contact.chain_id,
                  "note": contact.note}  # fmt: skip
        if before is None:
            await self.engine.book.add(contact.label, contact.address, chain_id=contact.chain_id, note=contact.note)
        else:
            await self.engine.book.edit(_entry(before), **wanted)  # type: ignore[arg-type] # the names fit

    async def drop(self, contact: Contact) -> None:
        """Take a line out of the book."""
        await self.engine.book.remove(_entry(contact))

    async def undo_contact(self) -> str:
        """Take the last change of the book back."""
        return await self.engine.book.undo()

    # -- what there is ------------------------------------------------------------------------------

    def tokens(self) -> tuple[Token, ...]:
        """Return the tokens that are followed on the chain in use, the coin first."""
        spec = self._spec
        return () if spec is None else tuple(dict.fromkeys((spec.native, *self.engine.tokens.followed(spec))))

    async def look_up_token(self, address: str) -> FoundToken:
        """Ask a contract what token it is."""
        desk = self._desk
        found = await self.engine.tokens.look_up(desk.client, desk.spec, address)
        return FoundToken(found.token, found.source, found.warning)

    async def keep_token(self, token: Token) -> None:
        """Follow a token from now on."""
        await self.engine.tokens.keep(token)

    async def holdings(self) -> Holdings:
        """Read all balances of the account in use, of one block, with prices from pools."""
        view = await self._desk.portfolio.read(self._owner)
        rows = [Holding(each.amount, each.price, each.source, each.priced_ns, each.is_thin) for each in view.rows]
        return Holdings(tuple(rows), view.at_ns, view.block)

    async def sent(self, *, limit: int = 100) -> list[SentTransaction]:
        """Return what the account in use sent on the chain in use."""
        return await self.engine.ledger.page(self._desk.spec.chain_id, self._owner, limit=limit)

    async def transfers(self) -> list[Transfer]:
        """Look for what came in and return it."""
        history, owner = self._desk.history, self._owner
        await history.look(owner)
        return [
            Transfer(
                line.hash, at, each.counterparty, each.amount, each.block, each.at * 10**9 if each.at else None,
                self.engine.book.suspicion(each.counterparty, each.amount.units),
            )
            for line in await history.page(owner)
            if line.sent is None
            for at, each in enumerate(line.transfers)
        ]  # fmt: skip

    async def find(self, transaction: str) -> SentTransaction | None:
        """Return a transaction that was sent from here on the chain in use."""
        return await self.engine.ledger.find(self._desk.spec.chain_id, transaction)

    async def grants(self) -> list[Grant]:
        """Find the allowances that stand."""
        return [
            Grant(each.token, each.spender, each.spender_title, each.amount.units, each.block)
            for each in await self._desk.allowances.list(self._owner)
        ]

    async def parts(self) -> list[Part]:
        """Return what the account in use has on the chain in use."""
        account, desk = self.current, self.engine.desk
        if account is None or desk is None:
            return []
        view = await desk.portfolio.read(account.address)
        return wallet_parts(view, desk.spec.title, account.label or account.address)

    # -- what can be wanted -------------------------------------------------------------------------

    def send(self, amount: TokenAmount, to: str) -> Intent:
        """Return the wish to pay somebody."""
        return send(self._desk.spec, self._owner, to, amount, self.label(to))

    def revoke(self, grant: Grant) -> Intent:
        """Return the wish to take an allowance back."""
        return revoke(
            self._desk.spec, self._owner, grant.token, grant.spender, grant.spender_title, before=grant.amount
        )

    async def speed_up(self, sent: SentTransaction) -> Intent:
        """Return the wish to have it mined sooner."""
        return self._desk.pipeline.speed_up(sent)

    async def cancel(self, sent: SentTransaction) -> Intent:
        """Return the wish to have nothing in its place."""
        return self._desk.pipeline.cancel(sent)

    def come_back(self) -> None:
        """Go to the practice chain in the background if it was used last; nodes wait until somebody says so."""
        if self.engine.accounts.chain == PRACTICE and self._settings.wallet.practice == "on":
            self._tasks.start(self._come_back())

    async def close(self) -> None:
        """Lock the keys and let go of everything."""
        await self._tasks.join()
        await self.engine.close()

    # -- inside -------------------------------------------------------------------------------------

    async def _come_back(self) -> None:
        with suppress(CrsError):  # why is told where chains are chosen
            await self.go_to(PRACTICE)
        self.bus.publish(WalletChanged())

    @property
    def _desk(self) -> ChainDesk:
        if self.engine.desk is None:
            raise ChainUnavailable("No chain is in use: choose one under Chains, or practise.")
        return self.engine.desk

    @property
    def _spec(self) -> ChainSpec | None:
        return self.engine.desk.spec if self.engine.desk is not None else None

    @property
    def _owner(self) -> str:
        account = self.engine.accounts.current
        if account is None:
            raise InvalidInput("There is no account yet.")
        return account.address


async def open_front(
    profile: Profile, settings: Settings, secrets: Secrets, tell: Callable[[Sentence], None]
) -> WalletFront:
    """Open the wallet of a profile.

    Raises:
        StorageUnavailable, StorageCorrupt, StorageTooNew: its files cannot be used.
    """
    try:
        store = await secrets()
    except CrsError:  # a keyring that is shut only means that the password is asked for
        store = None
    engine = await open_wallet(
        profile, store, auto_lock_s=settings.wallet.auto_lock_minutes * 60, progress=lambda text: tell(verbatim(text))
    )
    front = EngineFront(engine, settings)
    front.come_back()
    return front


def _account(each: WalletAccount) -> Account:
    return Account(each.address, each.label, each.kind, each.path, each.source, each.is_confirmed)


def _entry(contact: Contact) -> Entry:
    return Entry(contact.label, contact.address, contact.chain_id, contact.note)


_ETHER = Token(0, NATIVE, "ETH", 18, "Ether")
_PRACTICE_STATE = ChainState(
    ChainSpec(0, PRACTICE, "Practice chain", _ETHER, _ETHER, 1.0, 1, "", "made on this computer", is_practice=True),
    "", is_up=False,
)  # fmt: skip
"""How the practice chain is offered before it runs: its contracts are known when it does."""
