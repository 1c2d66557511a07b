"""What stands above the wallet's tables: account, chain, total, whether it is locked; and how it is first opened."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal
from typing import NamedTuple

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.wallet.behind import BehindDoor
from crs_desktop.viewmodels.wallet.door import DoorState, WalletDoor
from crs_desktop.viewmodels.wallet.figures import plain
from crs_desktop.viewmodels.wallet.front import Account, WalletFront, whose
from crs_desktop.viewmodels.words import NOTHING, Sentence, say
from engine.defi.address import short
from engine.services.wallet.events import WalletChanged, WalletLocked

CENT = Decimal("0.01")
MOST_LABEL = 40


class Choice(NamedTuple):
    """One of several to choose from."""

    key: str
    text: str


def dollars(value: Decimal | None) -> str:
    """Return a value in dollars and cents, cut off; a dash if it is not known."""
    if value is None:
        return fmt.DASH
    return fmt.grouped(format(value.quantize(CENT, ROUND_DOWN), "f"))


def named(account: Account) -> str:
    """Return how an account is called where there is little room."""
    label = plain(account.label, MOST_LABEL)
    return f"{label} · {short(account.address)}" if label else short(account.address)


class WalletModel(BehindDoor):
    """The state of the whole pane; tables have models of their own."""

    def __init__(self, desk: Desk, door: WalletDoor | None = None) -> None:
        super().__init__(desk, door)
        self.total: Decimal | None = None
        """What the account in use has on the chain in use; set by whoever reads balances."""
        self.unpriced = 0
        self._whose = whose(self.door.front)
        self.wait()

    @property
    def front(self) -> WalletFront | None:
        """The wallet, once it is open."""
        return self.door.front

    @property
    def has_accounts(self) -> bool:
        """Whether there is anything to show."""
        return self.front is not None and bool(self.front.accounts)

    @property
    def welcome(self) -> tuple[Sentence, str]:
        """What to say while there is no account: a sentence and its tone."""
        door = self.door
        if door.state is DoorState.FAILED:
            return say("The wallet could not be opened. {why}", why=str(door.problem)), "error"
        if door.state is not DoorState.OPEN:
            waited = f"{door.waited_s:.0f}"
            progress = str(door.progress) or str(say("Opening the wallet…"))
            return say("{what} ({seconds} s)", what=progress, seconds=waited) if door.waited_s >= 1 else say(
                "{what}", what=progress
            ), "muted"
        return say("Keys stay on this computer, encrypted. Nothing is signed that you have not seen."), "muted"

    # -- the head -----------------------------------------------------------------------------------

    @property
    def accounts(self) -> list[Choice]:
        """The accounts to choose from."""
        return [Choice(each.address, named(each)) for each in self.front.accounts] if self.front is not None else []

    @property
    def account(self) -> Account | None:
        """The one in use."""
        return self.front.current if self.front is not None else None

    @property
    def chains(self) -> list[Choice]:
        """The chains to choose from."""
        return [Choice(each.spec.name, each.spec.title) for each in self.front.chains] if self.front is not None else []

    @property
    def chain(self) -> str:
        """The name of the one in use, "" for none."""
        state = self.front.chain if self.front is not None else None
        return state.spec.name if state is not None else ""

    @property
    def is_practice(self) -> bool:
        """Whether coins here are worth nothing."""
        state = self.front.chain if self.front is not None else None
        return state is not None and state.spec.is_practice

    @property
    def health(self) -> tuple[Sentence, str]:
        """How the chain is reached, and the tone of that."""
        state = self.front.chain if self.front is not None else None
        if state is None:
            return NOTHING, "muted"
        if state.problem:
            return say("● {why}", why=state.problem), "error"
        if state.is_up and state.spec.is_practice:
            return say("● connected"), "good"
        if not state.health:
            return say("Not connected yet."), "muted"
        return say("● {health}", health=state.health), "good" if state.is_up else "warn"

    @property
    def worth(self) -> Sentence:
        """The total of the account on this chain."""
        if self.total is None:
            return NOTHING
        if self.unpriced and not self.total:
            return say("{count} tokens without a price", count=self.unpriced)
        value = dollars(self.total)
        if self.unpriced:
            return say("$ {value} + {count} unpriced", value=value, count=self.unpriced)
        return say("$ {value}", value=value)

    @property
    def lock(self) -> tuple[Sentence, Sentence]:
        """Whether the keys are locked, and what the button does about it; NOTHING where there is no key."""
        front, account = self.front, self.account
        if front is None or account is None:
            return NOTHING, NOTHING
        if not account.can_sign:
            return say("Watched only"), NOTHING
        if front.keys.is_locked:
            return say("Locked"), say("Unlock…")
        left = front.locks_in
        if left is None:
            return say("Unlocked"), say("Lock")
        return say("Locks in {span}", span=_minutes(left)), say("Lock")

    @property
    def warning(self) -> Sentence:
        """What should be done about the account in use."""
        account = self.account
        if account is not None and account.can_sign and not account.is_confirmed:
            return say("The phrase of this account was not confirmed: if this computer is lost, so is what is on it.")
        return NOTHING

    # -- inside -------------------------------------------------------------------------------------

    def listen(self, front: WalletFront) -> None:
        """Hear of other accounts and chains, and of the lock."""
        self._keep(front.bus.subscribe(WalletChanged, self._wallet_changed))
        self._keep(front.bus.subscribe(WalletLocked, lambda _event: self.hurry()))

    def _wallet_changed(self, _event: WalletChanged) -> None:
        before, self._whose = self._whose, whose(self.front)
        if self._whose != before:
            self.total, self.unpriced = None, 0
        self.hurry()


def _minutes(seconds: float) -> str:
    left = max(0, int(seconds))
    return f"{left} s" if left < 60 else f"{(left + 59) // 60} min"
