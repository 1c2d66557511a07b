"""Sending the coin or a token to somebody."""

from __future__ import annotations

from engine.defi import abi
from engine.defi.address import parsed_address
from engine.defi.chain import ChainSpec
from engine.defi.intent import Intent, IntentKind
from engine.defi.token import TokenAmount
from engine.errors import InvalidInput

PLAIN_GAS = 21_000
"""What sending the coin to an account takes, exactly."""


def send(chain: ChainSpec, sender: str, to: str, amount: TokenAmount, to_title: str = "") -> Intent:
    """Return the intent to send the coin or a token, whichever the amount is of."""
    make = send_coin if amount.token.is_native else send_token
    return make(chain, sender, to, amount, to_title)


def send_coin(chain: ChainSpec, sender: str, to: str, amount: TokenAmount, to_title: str = "") -> Intent:
    """Return the intent to send the coin.

    Raises:
        InvalidInput: nothing to send, no address, or an amount of something else.
    """
    if not amount.token.is_native:
        raise InvalidInput(f"{amount} is no amount of {chain.native.symbol}.")
    payee = _checked(chain, to, amount)
    return Intent(
        IntentKind.SEND,
        chain.chain_id,
        sender,
        payee,
        to_title,
        value=amount.units,
        leaves=(amount,),
        arrives=(amount,),
        recipient=payee,
    )


def send_token(chain: ChainSpec, sender: str, to: str, amount: TokenAmount, to_title: str = "") -> Intent:
    """Return the intent to send a token.

    Raises:
        InvalidInput: nothing to send, no address, or an amount of the coin.
    """
    if amount.token.is_native:
        raise InvalidInput(f"{chain.native.symbol} is no token: it is sent as the coin that it is.")
    payee = _checked(chain, to, amount)
    return Intent(
        IntentKind.SEND,
        chain.chain_id,
        sender,
        amount.token.address,
        f"{amount.token.symbol[:20]}'s contract",
        data=abi.encode("transfer(address,uint256)", payee, amount.units),
        leaves=(amount,),
        arrives=(amount,),
        recipient=payee,
    )


def most_of_coin(chain: ChainSpec, balance: int, max_fee: int, gas: int = PLAIN_GAS) -> TokenAmount:
    """Return how much of the coin can be sent at most: the balance less the highest fee; 0 if that is more."""
    return chain.native.units(max(balance - gas * max_fee, 0))


def _checked(chain: ChainSpec, to: str, amount: TokenAmount) -> str:
    if amount.token.chain_id != chain.chain_id:
        raise InvalidInput(
            f"{amount.token.symbol[:20]} is a token of chain {amount.token.chain_id}, not of {chain.title}."
        )
    if amount.units <= 0:
        raise InvalidInput("The amount to send must be more than 0.")
    return parsed_address(to)
