"""Secrets on the command line: typed without being shown, or the first line of a file; never an argument."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from engine.cli.confirm import answered
from engine.cli.wallet_open import first_line
from engine.errors import InvalidInput
from engine.profile import Profile, ProfileLock

if TYPE_CHECKING:
    from engine.bootstrap.wallet import WalletEngine


def add_password(parser: argparse.ArgumentParser) -> None:
    """Declare where the wallet's password comes from, if nobody is there to ask."""
    text = "its first line is the wallet's password (default: it is asked for)"
    parser.add_argument("--password-file", type=Path, metavar="FILE", help=text)


@contextmanager
def alone(args: argparse.Namespace) -> Iterator[None]:
    """Have the profile for this program alone: its window, if it is open, has the wallet's files in memory.

    Raises:
        ProfileInUse: another program runs on it.
    """
    lock = ProfileLock(Profile.at(args.profile_dir))
    try:
        yield
    finally:
        lock.release()


async def secret(question: str, file: Path | None, option: str) -> str:
    """Return a secret.

    Raises:
        InvalidInput: nobody is there to ask; names the option that would do.
    """
    if file is not None:
        return first_line(file)
    if not sys.stdin.isatty():
        raise InvalidInput(f"{question.rstrip(': ')} is wanted and nobody is there to ask: give {option} FILE.")
    return answered(lambda: getpass.getpass(question))


async def wallet_password(wallet: WalletEngine, args: argparse.Namespace) -> str | None:
    """Return what adding a key takes: a new password for the first, the wallet's if it is locked, else nothing.

    Raises:
        InvalidInput: it is too short, or was typed in two ways.
    """
    from engine.services.wallet.password import check, strength

    if wallet.keys.accounts:
        if not wallet.keys.is_locked:
            return None
        return await secret("Password of the wallet: ", args.password_file, "--password-file")
    password = check(await secret("Choose a password for the wallet: ", args.password_file, "--password-file"))
    print(strength(password).sentence, file=sys.stderr)
    if args.password_file is None and await secret("Once more: ", None, "--password-file") != password:
        raise InvalidInput("That was another one. Nothing was made; try again.")
    return password
