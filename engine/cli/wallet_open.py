"""The wallet of a profile as commands use it: opened, on a chain, unlocked when something is to be signed."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from engine.cli.confirm import answered
from engine.errors import InvalidInput, KeysLocked
from engine.profile import Profile

if TYPE_CHECKING:
    from engine.bootstrap.chaindesk import ChainDesk
    from engine.bootstrap.wallet import WalletEngine
    from engine.defi.token import Token
    from engine.services.wallet.accounts import WalletAccount

R = TypeVar("R")
PRACTICE = "practice"
LONGEST_LINE = 10_000
"""Characters of a file's first line."""


def check_installed() -> None:
    """Refuse to go on without what a wallet is made of.

    Raises:
        InvalidInput: the extra is not installed; says how it is.
    """
    missing = [each for each in ("eth_abi", "eth_account") if find_spec(each) is None]
    if missing:
        raise InvalidInput(
            f"The wallet is not installed ({missing[0]} is missing). Install it with: pip install crs-desktop[defi]"
        )


def add_wallet(parser: argparse.ArgumentParser, *, chain: bool = True) -> None:
    """Declare which chain and account a command is about."""
    if chain:
        parser.add_argument("--chain", default=PRACTICE, metavar="NAME", help="default: the practice chain")
    parser.add_argument("--account", metavar="ADDRESS", help="address or label (default: the one in use)")
    parser.add_argument("--json", action="store_true", help="print JSON")


def add_signing(parser: argparse.ArgumentParser) -> None:
    """Declare what signing takes."""
    parser.add_argument("--fee", choices=("slow", "normal", "fast"), default="normal", help="default: normal")
    parser.add_argument("--yes", action="store_true", help="sign without asking, unless there are warnings")
    accept = "accept the warning of this code; may be given more than once"
    parser.add_argument("--accept", action="append", default=[], metavar="CODE", help=accept)
    parser.add_argument("--password-file", type=Path, metavar="FILE", help="its first line unlocks the wallet")


def with_wallet(args: argparse.Namespace, work: Callable[[WalletEngine], Awaitable[R]]) -> R:
    """Open the wallet of the profile, do something with it, and close it whatever happens."""
    from engine.adapters.secrets.choice import secrets_of
    from engine.bootstrap.wallet import open_wallet

    async def opened() -> R:
        profile = Profile.at(args.profile_dir)
        wallet = await open_wallet(profile, await asyncio.to_thread(secrets_of, profile))
        try:
            return await work(wallet)
        finally:
            await wallet.close()

    return asyncio.run(opened())


async def on_chain(wallet: WalletEngine, args: argparse.Namespace) -> ChainDesk:
    """Go to the chain that was asked for; says how far the practice chain is where somebody looks."""

    def progress(part: float, text: str) -> None:
        if sys.stderr.isatty() and not args.json:
            print(f"\r\x1b[K{part:4.0%} {text}" if part < 1 else "\r\x1b[K", end="", file=sys.stderr, flush=True)

    desk = await wallet.go_to(args.chain, progress=progress)
    progress(1.0, "")
    return desk


def account_of(wallet: WalletEngine, args: argparse.Namespace) -> WalletAccount:
    """Return the account that was asked for, or the one in use.

    Raises:
        InvalidInput: there is none, or the label is that of several.
    """
    accounts = wallet.accounts
    if not args.account:
        if accounts.current is None:
            raise InvalidInput("There is no account in this wallet yet: make one with `crs wallet new`.")
        return accounts.current
    found = accounts.find(args.account)
    named = [found] if found is not None else [each for each in accounts.all if each.label == args.account]
    if len(named) != 1:
        many = "several accounts have that label" if named else "no account has that address or label"
        raise InvalidInput(f"Which account is {args.account!r}? In this wallet {many}.")
    return named[0]


async def token_of(desk: ChainDesk, text: str) -> Token:
    """Return a token by its symbol, or by its address whatever it is.

    Raises:
        InvalidInput: no token of that symbol is known here, or several are.
    """
    from engine.defi.address import SHAPE, parsed_address

    known = desk.spec.token(text)
    if known is not None:
        return known
    if not SHAPE.fullmatch(text):
        have = ", ".join(each.symbol for each in desk.spec.tokens[:12])
        raise InvalidInput(f"{desk.spec.title} has no token {text!r} that is known here. Give its address, or: {have}.")
    address = parsed_address(text)
    return (await desk.names.named([address]))[address]


async def unlock(wallet: WalletEngine, args: argparse.Namespace) -> None:
    """Unlock the wallet: with the password that the keyring has, of the file, or asked for.

    Raises:
        InvalidInput: there is nobody to ask.
        WrongPassphrase: it was not the password.
    """
    if not wallet.keys.is_locked:
        return None
    if args.password_file is not None:
        return await wallet.keys.unlock(first_line(args.password_file))
    with suppress(KeysLocked):
        return await wallet.keys.unlock()
    if not sys.stdin.isatty():
        raise InvalidInput("The wallet is locked and nobody is there to ask: give --password-file.")
    return await wallet.keys.unlock(answered(lambda: getpass.getpass("Password of the wallet: ")))


def first_line(path: Path) -> str:
    """Return the first line of a file that holds a secret; it never stands on a command line.

    Raises:
        InvalidInput: it cannot be read.
    """
    try:
        with path.open(encoding="utf-8") as file:
            line = file.readline(LONGEST_LINE + 1).removesuffix("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path} cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}.") from error
    if len(line) > LONGEST_LINE:
        raise InvalidInput(f"The first line of {path} is no secret: it is far too long.")
    return line
