"""`crs wallet phrase`: show the phrase at the terminal, and confirm that it was written down."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from engine.cli.confirm import answered
from engine.cli.terminal import harmless
from engine.cli.wallet_ask import add_password, alone, secret
from engine.cli.wallet_open import with_wallet
from engine.errors import InvalidInput

if TYPE_CHECKING:
    from engine.bootstrap.wallet import WalletEngine

NAME = "phrase"
CLEAR = "\x1b[2J\x1b[3J\x1b[H"
"""Empties the terminal, what was scrolled away too. Source: xterm, "Control Sequences", ED 3."""
COLUMNS = 4


def add_arguments(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the verb."""
    verb = verbs.add_parser(NAME, help="show the phrase, and confirm that it was written down")
    verb.add_argument("--account", metavar="ADDRESS", help="one of its accounts (default: of the first phrase)")
    add_password(verb)


def run(args: argparse.Namespace) -> int:
    """Show the phrase and return the exit status."""
    if not at_terminal():
        raise InvalidInput("A phrase is shown at a terminal only: elsewhere it may end in a file or a log.")

    async def work(wallet: WalletEngine) -> None:
        chosen = [e for e in wallet.accounts.all if e.path and args.account in (None, e.address, e.label)]
        if not chosen:
            raise InvalidInput("There is no account here that comes from a phrase, or none of that address.")
        password = await secret("Password of the wallet: ", _file_of(args), "--password-file")
        revealed = await wallet.keys.reveal_phrase(chosen[0].source, password)
        await wallet.keys.unlock(password)
        await show(revealed.words, revealed.passphrase)
        if not chosen[0].is_confirmed:
            await confirmed(wallet, chosen[0].source)

    with alone(args):
        with_wallet(args, work)
    return 0


def at_terminal() -> bool:
    """Return whether a person types, and sees what is said to them."""
    return sys.stdin.isatty() and sys.stderr.isatty()


async def show(words: Sequence[str], passphrase: str = "") -> None:
    """Show a phrase until Enter is pressed, and empty the terminal."""
    print("\nWrite these words down, in this order. Whoever has them has the money.\n", file=sys.stderr)
    for first in range(0, len(words), COLUMNS):
        numbered = (f"{place + 1:>2} {words[place]:<10}" for place in range(first, min(first + COLUMNS, len(words))))
        print("  " + " ".join(numbered).rstrip(), file=sys.stderr)
    if passphrase:
        print(f"\n  Extra words: {harmless(passphrase)}", file=sys.stderr)
    answered(_until_enter)
    print(CLEAR, end="", file=sys.stderr, flush=True)


def _until_enter() -> None:
    words = "\nPress Enter when it is done; the words are taken from the terminal then. "
    print(words, end="", file=sys.stderr, flush=True)
    sys.stdin.readline()


async def confirmed(wallet: WalletEngine, source: str) -> bool:
    """Ask for three of the words; say what it means if they are wrong."""
    positions = wallet.keys.positions(source)
    given = {place: answered(partial(getpass.getpass, f"Word {place}: ")) for place in positions}
    if await wallet.keys.confirm(source, given):
        print("Confirmed: the phrase is written down.", file=sys.stderr)
        return True
    print(
        "These are not its words. The wallet works, and says that its phrase is not confirmed: look at it again with "
        "`crs wallet phrase`.",
        file=sys.stderr,
    )
    return False


def _file_of(args: argparse.Namespace) -> Path | None:
    found: Path | None = args.password_file
    return found
