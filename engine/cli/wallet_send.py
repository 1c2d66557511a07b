"""`crs wallet send`: send the coin or a token, through the one send pipeline."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from engine.cli.wallet_open import account_of, add_signing, add_wallet, on_chain, token_of, with_wallet
from engine.cli.wallet_sign import as_json, carry_out, told
from engine.errors import InvalidInput

if TYPE_CHECKING:
    from engine.bootstrap.wallet import WalletEngine
    from engine.services.wallet.sent import SentTransaction

NAME = "send"


def add_arguments(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the verb."""
    verb = verbs.add_parser(NAME, help="send the coin or a token")
    verb.add_argument("amount", metavar="AMOUNT", help="in whole tokens, e.g. 1.5")
    verb.add_argument("token", metavar="TOKEN", help="symbol or address; the coin by its symbol")
    verb.add_argument("to", metavar="TO", help="an address, or a name of the address book or of an own account")
    add_wallet(verb)
    add_signing(verb)


def run(args: argparse.Namespace) -> int:
    """Send and return the exit status."""

    async def work(wallet: WalletEngine) -> list[SentTransaction]:
        from engine.defi.intents import send

        account = account_of(wallet, args)
        desk = await on_chain(wallet, args)
        to = payee_of(wallet, args.to, desk.spec.chain_id)
        amount = (await token_of(desk, args.token)).of(args.amount)
        intent = send(desk.spec, account.address, to, amount, wallet.book.title(to, desk.spec.chain_id))
        return await carry_out(wallet, desk, [intent], args)

    sent = with_wallet(args, work)
    print(json.dumps([as_json(each) for each in sent], indent=2) if args.json else told(sent))
    return 0


def payee_of(wallet: WalletEngine, text: str, chain_id: int) -> str:
    """Return an address that was typed, or that has the name that was typed.

    Raises:
        InvalidInput: nobody is called so, or several are; or it is mistyped.
    """
    from engine.defi.address import parsed_address

    if text.lower().startswith("0x"):
        return parsed_address(text)
    own = {each.address for each in wallet.accounts.all if each.label == text}
    book = {e.address for e in wallet.book.entries if e.label == text and e.chain_id in (None, chain_id)}
    found = own | book
    if len(found) != 1:
        many = "several have that name" if found else "no account and no line of the address book has that name"
        raise InvalidInput(f"To whom is {text[:60]!r}? {many[0].upper()}{many[1:]}; give the address.")
    return found.pop()
