"""What a mined transaction of an order brought and cost, from its receipt."""

from __future__ import annotations

from engine.defi.address import ZERO
from engine.defi.effects import moves
from engine.defi.token import NATIVE, Token
from engine.ports.chain import ChainClient, Receipt
from engine.services.wallet.sent import SentTransaction


async def brought(
    chain: ChainClient, sent: SentTransaction, wrapped: str, sell: Token, buy: Token
) -> tuple[int, int] | None:
    """Return what a transaction sold and bought, None if the chain does not know it (any more).

    Args:
        chain: to ask.
        sent: the transaction.
        wrapped: address of the coin as a token; the coin itself leaves no trace in logs but being unwrapped.
        sell: what was sold.
        buy: what was bought.

    Raises:
        ChainUnavailable: nobody answers.
    """
    receipt = await chain.receipt(sent.hash)
    if receipt is None:
        return None
    account = sent.sender
    sold = sent.transaction.value if sell.is_native else -received(receipt, wrapped, account, sell)
    return sold, received(receipt, wrapped, account, buy)


def received(receipt: Receipt, wrapped: str, account: str, token: Token) -> int:
    """Return how much of a token came to an account, less what left it.

    Of the coin it is what a contract unwrapped in this transaction: it does that only to pay the account.
    """
    found = moves(receipt.logs, wrapped)
    if token.is_native:
        seen = sum(each.units for each in found if each.token == NATIVE and each.target == account)
        return seen or sum(each.units for each in found if each.token == wrapped and each.target == ZERO)
    came = sum(each.units for each in found if each.token == token.address and each.target == account)
    left = sum(each.units for each in found if each.token == token.address and each.source == account)
    return came - left
