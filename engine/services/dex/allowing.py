"""The approvals that are missing before a contract can take what it is to take: exact to the unit."""

from __future__ import annotations

from collections.abc import Sequence

from engine.defi import abi
from engine.defi.chain import ChainSpec
from engine.defi.intent import Intent
from engine.defi.intents.allow import APPROVE, exact_allowance, revoke
from engine.defi.token import TokenAmount
from engine.errors import Reverted
from engine.ports.chain import Call, ChainClient
from engine.services.dex.reading import Ask, answers


async def missing_approvals(
    chain: ChainClient, spec: ChainSpec, account: str, spender: str, title: str, wanted: Sequence[TokenAmount]
) -> list[Intent]:
    """Return what is to be signed before a contract may take some amounts; the coin needs nothing.

    A token that lets no allowance be changed but from 0 (USDT on Ethereum) gets its old one taken back first.

    Args:
        chain: to ask.
        spec: of the chain.
        account: whose tokens they are.
        spender: who will take them.
        title: who that is, in our words.
        wanted: what it will take.

    Raises:
        ChainUnavailable: nobody answers.
    """
    needed = [each for each in wanted if not each.token.is_native]
    asks = [Ask(each.token.address, "allowance(address,address)", "(uint256)", (account, spender)) for each in needed]
    found: list[Intent] = []
    for amount, answer in zip(needed, await answers(chain, asks), strict=True):
        before = int(answer[0]) if answer else 0
        if before >= amount.units:
            continue
        if before and not await _can_raise(chain, account, spender, amount):
            found.append(revoke(spec, account, amount.token, spender, title, before))
            before = 0
        found.append(exact_allowance(spec, account, amount, spender, title, before))
    return found


async def _can_raise(chain: ChainClient, account: str, spender: str, amount: TokenAmount) -> bool:
    try:
        await chain.call(Call(amount.token.address, abi.encode(APPROVE, spender, amount.units), sender=account))
    except Reverted:
        return False
    return True
