"""The approvals that are missing before a contract can take what it is to take: exact to the unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.defi import abi
from engine.defi.chain import ChainSpec
from engine.defi.intent import Intent
from engine.defi.intents.allow import APPROVE, exact_allowance, revoke
from engine.defi.token import TokenAmount
from engine.errors import Reverted
from engine.ports.chain import Call, ChainClient
from engine.services.dex.reading import Ask, answers


@dataclass(frozen=True, slots=True)
class Taking:
    """What a contract will take from an account."""

    spender: str
    title: str
    """Who that is, in our words."""
    amount: TokenAmount


async def missing_approvals(
    chain: ChainClient, spec: ChainSpec, account: str, wanted: Sequence[Taking]
) -> list[Intent]:
    """Return what is to be signed before contracts may take what they will take; the coin needs nothing.

    A token that lets no allowance be changed but from 0 (USDT on Ethereum) gets its old one taken back first.

    Raises:
        ChainUnavailable: nobody answers.
    """
    needed = [each for each in wanted if not each.amount.token.is_native]
    asks = [
        Ask(each.amount.token.address, "allowance(address,address)", "(uint256)", (account, each.spender))
        for each in needed
    ]
    found: list[Intent] = []
    for each, answer in zip(needed, await answers(chain, asks), strict=True):
        before = int(answer[0]) if answer else 0
        if before >= each.amount.units:
            continue
        if before and not await _can_raise(chain, account, each):
            found.append(revoke(spec, account, each.amount.token, each.spender, each.title, before))
            before = 0
        found.append(exact_allowance(spec, account, each.amount, each.spender, each.title, before))
    return found


async def _can_raise(chain: ChainClient, account: str, taking: Taking) -> bool:
    amount = taking.amount
    try:
        await chain.call(Call(amount.token.address, abi.encode(APPROVE, taking.spender, amount.units), sender=account))
    except Reverted:
        return False
    return True
