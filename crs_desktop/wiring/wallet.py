"""Actions on the wallet: its dock, its dialogs, and the way of a wish through the confirmation to the chain."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from crs_desktop.i18n import spoken, tr
from crs_desktop.shell.life import LifeSigns
from crs_desktop.shell.screen_lock import ScreenLock
from crs_desktop.viewmodels.palette import Entry
from crs_desktop.viewmodels.wallet.door import Ended, WalletDoor
from crs_desktop.viewmodels.wallet.figures import plain
from crs_desktop.viewmodels.wallet.front import Contact, WalletFront
from crs_desktop.viewmodels.wallet.header import named
from crs_desktop.viewmodels.wallet.setup import Step
from crs_desktop.viewmodels.words import Sentence, say
from crs_desktop.wiring import wallet_dialogs, wallet_keys
from crs_desktop.wiring.console import Bindings, Console
from crs_desktop.wiring.dex import DexActions
from crs_desktop.wiring.wallet_practice import Practice
from crs_desktop.wiring.wallet_send import Sending
from engine.defi.intent import Intent
from engine.defi.prepared import FeePreset
from engine.errors import CrsError
from engine.services.wallet.events import WalletLocked

if TYPE_CHECKING:
    from crs_desktop.panes.wallet.pane import WalletPane
    from crs_desktop.wiring.charts import ChartActions
    from engine.settings import Settings

SEEN_S = 5.0
"""How often the keys are told at most that somebody is there."""
Secrets = Callable[[], Awaitable[Any]]
"""Gives the place for secrets of the profile, open."""
With = Callable[[WalletFront], object]


class WalletActions:
    """The group `wallet`, and what the panes let the window do (`viewmodels.wallet.door.Doing`)."""

    def __init__(self, console: Console, charts: ChartActions, secrets: Secrets) -> None:
        self._console, self._charts, self._secrets = console, charts, secrets
        self.opener: Callable[[Callable[[Sentence], None]], Awaitable[WalletFront]] = self._open_front
        """Opens the wallet; a test puts another one here."""
        self.door = WalletDoor(lambda tell: self.opener(tell), self)
        self.sending = Sending(console, self.door)
        self.dex = DexActions(console, self.door)
        self._signs: LifeSigns | None = None
        self._screen: ScreenLock | None = None
        self._seen = float("-inf")
        self._copied = ""
        """The address that was last put into the clipboard here."""
        self.practice = Practice(console)

    def bindings(self) -> Bindings:
        """Return what each action does."""
        console = self._console
        subjects = ("history", "allowances", "portfolio", "book", "accounts", "chains")
        return {
            "wallet.show": lambda: self._console.window.docks.focus("wallet"),
            **self.dex.bindings(),
            **{f"wallet.{each}": partial(self._show, each) for each in subjects},
            "wallet.send": self.send,
            "wallet.receive": self.receive,
            "wallet.lock": lambda: self._with(self._lock),
            "wallet.unlock": self.unlock,
            "wallet.contact": lambda: self.edit_contact(None),
            "wallet.contact_undo": lambda: self._with(lambda front: self.do(self._undo_contact(front))),
            "wallet.account": lambda: self._with(self._choose_account),
            "wallet.derive": lambda: self._with(lambda front: self.do(front.derive())),
            "wallet.chain": lambda: self._with(self._choose_chain),
            "wallet.token": self.add_token,
            "wallet.create": lambda: self.set_up(Step.PASSWORD),
            "wallet.import": lambda: self.set_up(Step.PHRASE),
            "wallet.watch": lambda: self.set_up(Step.WATCH),
            "wallet.practise": self.practise,
            "wallet.phrase": lambda: self._with_keys(partial(wallet_keys.reveal, console)),
            "wallet.export": lambda: self._with_keys(partial(wallet_keys.export, console)),
            "wallet.password": lambda: self._with_keys(
                lambda front, _address: wallet_keys.change_password(console, front)
            ),
            "wallet.forget_password": lambda: self._with(
                lambda front: self.do(wallet_keys.forget_password(console, front))
            ),
            "wallet.remove": lambda: self._with_keys(lambda front, address: self.remove_keys(address)),
        }

    async def close(self) -> None:
        """Lock and let go."""
        self.sending.close()
        self.dex.close()
        await self.practice.close()
        if self._signs is not None:
            self._signs.close()
        if self._screen is not None:
            self._screen.close()
        await self.door.close()

    def take_settings(self, settings: Settings) -> None:
        """Take over what was changed."""
        if self.door.front is not None:
            self.door.front.take_settings(settings)

    # -- what the panes let happen ------------------------------------------------------------------

    def set_up(self, step: Step, then: Callable[[], object] | None = None) -> None:
        """Make a wallet, take one in, or watch an address."""
        self._with(lambda front: wallet_dialogs.set_up(self._console, front, step, then))

    def practise(self) -> None:
        """Start the practice chain and go there; make an account first if there is none."""

        def begin(front: WalletFront) -> None:
            if front.accounts:
                self.do(self.practice.start(front))
            else:
                self.set_up(Step.PASSWORD, self.practise)

        self._with(begin)

    def unlock(self) -> None:
        """Ask for the password."""

        def show(front: WalletFront) -> None:
            if front.keys.accounts and front.keys.is_locked:
                self.do(wallet_dialogs.unlock(self._console, front))
            else:
                self._console.toasts.say(tr("The wallet is not locked") if front.keys.accounts else tr("No keys yet"))

        self._with(show)

    def go_to(self, chain: str) -> None:
        """Use another chain; ask first where its endpoints are if nobody said."""

        def go(front: WalletFront) -> None:
            state = next((each for each in front.chains if each.spec.name == chain), None)
            if state is None or (front.chain is not None and front.chain.spec.name == chain and front.chain.is_up):
                return
            if state.spec.is_practice:
                self.practise()
            elif not front.hosts(chain):
                self.edit_endpoints(chain)
            else:
                self.do(front.go_to(chain))

        self._with(go)

    def send(self, token: str = "") -> None:
        """Show the form that pays somebody."""

        def show(front: WalletFront) -> None:
            if not self._cannot_sign(front) and not self._has_no_chain(front):
                wallet_dialogs.send(self._console, front, token, self._copied, self.confirm)

        self._with(show)

    def receive(self) -> None:
        """Show the address of the account in use."""

        def show(front: WalletFront) -> None:
            if front.current is None:
                self._show("accounts")
            else:
                wallet_dialogs.receive(self._console, front.current, front.chain, self._note_copied)

        self._with(show)

    def confirm(
        self, *intents: Intent, fee: FeePreset = FeePreset.NORMAL, over: object = None, then: Ended | None = None
    ) -> None:
        """Prepare intents, show each before it is signed, one after the other."""
        parent = over if isinstance(over, QWidget) else self._console.window
        self._with(lambda front: self.sending.begin(front, intents, fee, parent, then))

    def show_transaction(self, transaction: str) -> None:
        """Show a transaction whole."""
        self._with(lambda front: self.do(self.sending.show(front, transaction)))

    def edit_contact(self, contact: Contact | None) -> None:
        """Write a line of the address book."""
        self._with(lambda front: wallet_dialogs.edit_contact(self._console, front, contact, self._reread))

    def drop_contact(self, contact: Contact) -> None:
        """Remove a line; a toast offers it back."""

        async def drop(front: WalletFront) -> None:
            await front.drop(contact)
            self._reread()
            text = tr("{name} is not in the address book any more", name=plain(contact.label, 40))
            self._console.toasts.undoable(text, "", lambda: self.do(self._bring_back(front, contact)))

        self._with(lambda front: self.do(drop(front)))

    def rename(self, address: str) -> None:
        """Call an account something else."""
        self._with(lambda front: wallet_dialogs.rename(self._console, front, address, self.do))

    def remove_keys(self, address: str) -> None:
        """Ask, with the password, to remove the phrase or key of an account."""
        self._with(lambda front: wallet_keys.ask_remove(self._console, front, address))

    def edit_endpoints(self, chain: str) -> None:
        """Say how a chain is reached."""
        self._with(lambda front: wallet_dialogs.edit_endpoints(self._console, front, chain))

    def add_token(self) -> None:
        """Add a token by its contract's address."""

        def show(front: WalletFront) -> None:
            if not self._has_no_chain(front):
                wallet_dialogs.add_token(self._console, front, self._reread)

        self._with(show)

    def do(self, work: Awaitable[object]) -> None:
        """Do something in the background; a refusal is said in a toast."""

        async def done() -> None:
            try:
                await work
            except CrsError as error:
                self._console.toasts.say(tr("Not done"), plain(str(error)), "error")

        self._console.run.start(done(), lasting=True)

    # -- inside -------------------------------------------------------------------------------------

    async def _open_front(self, tell: Callable[[Sentence], None]) -> WalletFront:
        """Import what is heavy on a thread, then open."""
        run, loop = self._console.run, asyncio.get_running_loop()
        tell(say("Loading the wallet…"))
        opening = await loop.run_in_executor(None, import_module, "crs_desktop.wiring.wallet_front")
        tell(say("Opening the wallet…"))
        front: WalletFront = await opening.open_front(run.profile, run.settings, self._secrets, tell)
        self._signs = LifeSigns(self._alive)
        front.bus.subscribe(WalletLocked, partial(self._say_locked, front))  # the bus ends with the wallet
        self._screen = ScreenLock(lambda why: front.keys.lock(f"The wallet was locked: {why}"))
        self.practice.follow(front)  # it may come back to the practice chain by itself
        return front

    def _say_locked(self, front: WalletFront, event: WalletLocked) -> None:
        if event.is_locked:
            self._console.toasts.say(tr("The wallet is locked"), front.lock_reason)

    def _alive(self) -> None:
        """Somebody is there: said to the keys now and then."""
        now = time.monotonic()
        if self.door.front is not None and now - self._seen >= SEEN_S:
            self._seen = now
            self.door.front.touch()

    def _with(self, act: With) -> None:
        """Do something with the wallet, which is opened first if need be."""
        if self.door.front is not None:
            act(self.door.front)
            return

        async def later() -> None:
            front = await self.door.opened()
            if front is not None:
                act(front)
            else:
                self._console.toasts.say(tr("The wallet could not be opened"), spoken(self.door.problem), "error")

        self._console.run.start(later(), lasting=True)

    def _with_keys(self, act: Callable[[WalletFront, str], object]) -> None:
        """Do something with the keys of the account in use."""

        def keyed(front: WalletFront) -> None:
            if not self._cannot_sign(front) and front.current is not None:
                act(front, front.current.address)

        self._with(keyed)

    def _cannot_sign(self, front: WalletFront) -> bool:
        """Say why nothing can be signed now, if so."""
        account = front.current
        if account is None:
            self._console.toasts.say(tr("There is no account yet"), tr("Create a wallet, import one, or practise."))
            self._console.window.docks.focus("wallet")
        elif not account.can_sign:
            self._console.toasts.say(tr("There is no key here for this account"), tr("It is only watched."), "error")
        return account is None or not account.can_sign

    def _has_no_chain(self, front: WalletFront) -> bool:
        """Say that no chain is in use, if so."""
        if front.chain is None:
            self._console.toasts.say(tr("No chain is in use"), tr("Choose one, or practise."))
            self._show("chains")
        return front.chain is None

    def _show(self, subject: str) -> None:
        self._console.window.docks.focus("wallet")
        pane = self._pane
        if pane is not None:
            pane.show_subject(subject)

    @property
    def _pane(self) -> WalletPane | None:
        from crs_desktop.panes.wallet.pane import WalletPane

        pane = self._console.window.docks.hosts["wallet"].pane
        return pane if isinstance(pane, WalletPane) else None

    def _reread(self) -> None:
        pane = self._pane
        if pane is not None:
            for each in pane.panes.values():
                each.read_soon()

    def _note_copied(self, address: str) -> None:
        self._copied = address

    def _lock(self, front: WalletFront) -> None:
        if front.keys.accounts and not front.keys.is_locked:
            front.keys.lock()

    async def _bring_back(self, front: WalletFront, contact: Contact) -> None:
        await front.keep(contact)
        self._reread()

    async def _undo_contact(self, front: WalletFront) -> None:
        what = await front.undo_contact()
        self._reread()
        self._console.toasts.say(tr("Taken back: {what}", what=plain(what, 60)))

    def _choose_account(self, front: WalletFront) -> None:
        entries = [
            Entry(named(each), tr("in use") if each == front.current else "", "action",
                  partial(self._use, front, each.address))
            for each in front.accounts
        ]  # fmt: skip
        if entries:
            self._charts.palette().open(entries)
        else:
            self._cannot_sign(front)

    def _use(self, front: WalletFront, address: str) -> None:
        self.do(front.use(address))

    def _choose_chain(self, front: WalletFront) -> None:
        self._charts.palette().open([
            Entry(each.spec.title, each.problem or each.health, "action", partial(self.go_to, each.spec.name))
            for each in front.chains
        ])  # fmt: skip
