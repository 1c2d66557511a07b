"""`crs wallet import`: take in a phrase, a private key or a keystore file."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from engine.cli.wallet_ask import add_password, alone, secret, wallet_password
from engine.cli.wallet_list import plain
from engine.cli.wallet_open import with_wallet
from engine.errors import InvalidInput

if TYPE_CHECKING:
    from engine.bootstrap.wallet import WalletEngine
    from engine.ports.keys import TakenIn
    from engine.services.wallet.accounts import WalletAccount

NAME = "import"
MOST_BYTES = 100_000


def add_arguments(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the verb."""
    verb = verbs.add_parser(NAME, help="take in a phrase, a private key or a keystore file")
    verb.add_argument("what", choices=("phrase", "key", "keystore"), help="what it is")
    verb.add_argument("--file", type=Path, metavar="FILE", help="a keystore, or the phrase or key as first line")
    verb.add_argument("--extra", action="store_true", help="the phrase has extra words (BIP-39): ask for them")
    verb.add_argument("--extra-file", type=Path, metavar="FILE", help="its first line are the extra words")
    verb.add_argument("--file-password-file", type=Path, metavar="FILE", help="its first line opens the keystore")
    verb.add_argument("--label", default="", help="what the account is called")
    verb.add_argument("--json", action="store_true", help="print JSON")
    add_password(verb)


def run(args: argparse.Namespace) -> int:
    """Take it in and return the exit status."""
    if args.what == "keystore" and args.file is None:
        raise InvalidInput("Which keystore? Give it with --file FILE.")

    async def work(wallet: WalletEngine) -> tuple[WalletAccount, tuple[str, ...]]:
        taken = await _taken(wallet, args)
        address = taken.account.address
        await wallet.accounts.use(address)
        if args.label:
            await wallet.accounts.rename(address, args.label)
        return next(each for each in wallet.accounts.all if each.address == address), taken.remarks

    with alone(args):
        account, remarks = with_wallet(args, work)
    for each in remarks:
        print(f"crs: {each}", file=sys.stderr)
    print(json.dumps(plain(account), indent=2) if args.json else f"{account.label}  {account.address}")
    return 0


async def _taken(wallet: WalletEngine, args: argparse.Namespace) -> TakenIn:
    """Ask for what it takes, the wallet's own password last."""
    if args.what == "keystore":
        text = _text(args.file)
        opens = await secret("Password of the keystore: ", args.file_password_file, "--file-password-file")
        return await wallet.keys.import_keystore(text, opens, password=await wallet_password(wallet, args))
    if args.what == "key":
        key = await secret("Private key (not shown): ", args.file, "--file")
        return await wallet.keys.import_key(key, password=await wallet_password(wallet, args))
    phrase = await secret("Phrase (not shown): ", args.file, "--file")
    wanted = args.extra or args.extra_file is not None
    extra = await secret("Extra words (not shown): ", args.extra_file, "--extra-file") if wanted else ""
    return await wallet.keys.import_phrase(phrase, passphrase=extra, password=await wallet_password(wallet, args))


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InvalidInput(f"{path} is no keystore: it is far too long.")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path} cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}.") from error
