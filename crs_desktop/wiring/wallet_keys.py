"""Actions on the keys of the account in use: the phrase again, a keystore file, another password, removing them."""

from __future__ import annotations

from crs_desktop.i18n import tr
from crs_desktop.viewmodels.wallet.front import WalletFront
from crs_desktop.wiring.console import Console


def reveal(console: Console, front: WalletFront, address: str) -> None:
    """Show the phrase of an account again."""
    from crs_desktop.shell.wallet.keys import RevealDialog

    account = next(each for each in front.accounts if each.address == address)
    if account.kind == "derived":
        RevealDialog(console.window, front, account.source).open()
    else:
        text = tr("It was imported as a key. Export a keystore file instead.")
        console.toasts.say(tr("This account has no phrase"), text)


def export(console: Console, front: WalletFront, address: str) -> None:
    """Write the key of an account into a keystore file."""
    from crs_desktop.shell.wallet.keys import ExportDialog

    def said(name: str) -> None:
        console.toasts.say(tr("Keystore saved"), name, "good")

    ExportDialog(console.window, front, address, said).open()


def change_password(console: Console, front: WalletFront) -> None:
    """Set another password for the wallet."""
    from crs_desktop.shell.wallet.keys import PasswordDialog

    PasswordDialog(console.window, front).open()


def ask_remove(console: Console, front: WalletFront, address: str) -> None:
    """Ask, with the password, to remove the phrase or key of an account."""
    from crs_desktop.shell.wallet.keys import RemoveDialog

    account = next((each for each in front.accounts if each.address == address), None)
    if account is not None and account.source:
        RemoveDialog(console.window, front, account.source).open()


async def forget_password(console: Console, front: WalletFront) -> None:
    """Take the password out of the system's keyring."""
    await front.keys.forget()
    console.toasts.say(tr("The keyring has no password of the wallet any more"))
