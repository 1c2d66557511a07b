"""Opens the wallet's dialogs: set up, unlock, pay, be paid, address book, names, endpoints, tokens.

A dialog's code is imported when it is first opened.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Protocol

from shiboken6 import isValid

from crs_desktop.i18n import tr
from crs_desktop.viewmodels.wallet.book import ContactForm
from crs_desktop.viewmodels.wallet.door import Ended
from crs_desktop.viewmodels.wallet.front import Account, ChainState, Contact, WalletFront
from crs_desktop.viewmodels.wallet.setup import Setup, Step
from crs_desktop.viewmodels.words import say
from crs_desktop.wiring.console import Console
from engine.defi.intent import Intent
from engine.defi.prepared import FeePreset
from engine.errors import CrsError

if TYPE_CHECKING:
    from crs_desktop.shell.wallet.send import SendDialog

Do = Callable[[Awaitable[object]], None]
"""Does something in the background; a refusal is said."""
After = Callable[[], object]


class Confirm(Protocol):
    """Prepares an intent and shows it before it is signed."""

    def __call__(
        self, *intents: Intent, fee: FeePreset = FeePreset.NORMAL, over: object = None, then: Ended | None = None
    ) -> None:
        """See `Doing.confirm`."""
        ...


def set_up(console: Console, front: WalletFront, step: Step, then: After | None = None) -> None:
    """Make a wallet, take one in, or watch an address."""
    from crs_desktop.shell.wallet.setup import SetupDialog

    dialog = SetupDialog(console.window, Setup(front, step))
    if then is not None:
        dialog.accepted.connect(then)
    dialog.open()


async def unlock(console: Console, front: WalletFront) -> None:
    """Unlock with a password that was remembered; ask for it if none was."""
    from crs_desktop.shell.wallet.small import UnlockDialog

    try:
        await front.keys.unlock()
    except CrsError:
        UnlockDialog(console.window, front).open()
    else:
        console.toasts.say(tr("Unlocked with the password of the keyring"))


def send(console: Console, front: WalletFront, token: str, copied: str, confirm: Confirm) -> None:
    """Show the form that pays somebody; `token` to begin with, `copied` was last put into the clipboard here."""
    from crs_desktop.shell.wallet.send import SendDialog
    from crs_desktop.viewmodels.wallet.send import SendForm

    def go_on(intent: Intent, fee: FeePreset, over: SendDialog) -> None:
        confirm(intent, fee=fee, over=over, then=lambda sent: over.answered(sent) if isValid(over) else None)

    if front.chain is not None:
        SendDialog(console.window, SendForm(front, token, copied=copied), front.chain.spec.title, go_on).open()


def receive(console: Console, account: Account, chain: ChainState | None, note_copied: Callable[[str], object]) -> None:
    """Show the address of an account."""
    from crs_desktop.shell.wallet.small import ReceiveDialog

    ReceiveDialog(console.window, account, chain.spec.title if chain is not None else "", note_copied).open()


def edit_contact(console: Console, front: WalletFront, contact: Contact | None, after: After) -> None:
    """Write a line of the address book."""
    from crs_desktop.shell.wallet.small import ContactDialog

    chains = [(each.spec.title, each.spec.chain_id) for each in front.chains]
    dialog = ContactDialog(console.window, ContactForm(front, contact), chains)
    dialog.accepted.connect(after)
    dialog.open()


def rename(console: Console, front: WalletFront, address: str, do: Do) -> None:
    """Call an account something else."""
    from crs_desktop.shell.name_dialog import NameDialog

    account = next((each for each in front.accounts if each.address == address), None)
    if account is not None:
        NameDialog(
            console.window, tr("Name of the account"), tr("Rename"), account.label,
            lambda _name: say(""), lambda name: do(front.rename(address, name)),
        ).open()  # fmt: skip


def edit_endpoints(console: Console, front: WalletFront, chain: str) -> None:
    """Say how a chain is reached, and go there."""
    from crs_desktop.shell.wallet.small import EndpointsDialog

    state = next((each for each in front.chains if each.spec.name == chain), None)
    if state is None or state.spec.is_practice:
        return

    async def keep(wanted: tuple[str, ...]) -> None:
        await front.set_endpoints(chain, wanted)
        if wanted:
            await front.go_to(chain)

    title, hosts = state.spec.title, front.hosts(chain)
    EndpointsDialog(console.window, title, hosts, partial(front.endpoints, chain), keep).open()


def add_token(console: Console, front: WalletFront, after: After) -> None:
    """Add a token by its contract's address."""
    from crs_desktop.shell.wallet.small import TokenDialog

    dialog = TokenDialog(console.window, front)
    dialog.accepted.connect(after)
    dialog.open()
