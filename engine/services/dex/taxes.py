"""Whether tokens keep a part of a transfer, found out by simulating transfers out of a pool and back into it.

Nothing is sent and nobody's money is needed: a simulation can act as the pool, which holds the token. What a token
says about itself in logs is not looked at, only balances. A token may treat a sale to a pool otherwise than a buy, so
both are tried; whether it treats some accounts otherwise than others cannot be known here, and the simulation of the
swap itself, from its real sender, has the last word.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from engine.defi import abi
from engine.defi.address import checksummed, keccak
from engine.defi.pools.tax import TransferTax
from engine.defi.routes.graph import PoolGraph
from engine.defi.routes.taxed import NO_TAX, Tax
from engine.defi.slippage import BPS
from engine.errors import CrsError, NotSimulated, Unavailable
from engine.ports.chain import Call, ChainClient, Simulated
from engine.services.dex.plainwords import plain_call

log = logging.getLogger(__name__)

PROBE = checksummed("0x" + keccak(b"CRS: whether a transfer arrives whole")[12:].hex())
"""An address that nobody has."""
PART = 1_000
"""What part of the pool's holding is moved: one in so many."""
BACK = 4
"""What part of that is sent back."""
TOGETHER = 8
"""Tokens in one simulation."""
STEPS = 5


class TokenTaxes:
    """What is known of the tokens of one chain, as long as the program runs."""

    def __init__(self, chain: ChainClient) -> None:
        self._chain = chain
        self._known: dict[str, Tax] = {}
        self._tried: set[str] = set()
        self._can = True
        self.problem = ""
        """A sentence, if transfers could not be simulated at all."""

    async def of(self, graph: PoolGraph) -> Mapping[str, Tax]:
        """Return what the tokens of a graph keep, by address; those that could not be tried are left out.

        Raises:
            ChainUnavailable: nobody answers.
        """
        unknown = [each for each in graph.edges if each not in self._tried]
        for start in range(0, len(unknown), TOGETHER):
            if self._can:
                await self._try(graph, unknown[start : start + TOGETHER])
        return {each: self._known[each] for each in graph.edges if each in self._known}

    async def _try(self, graph: PoolGraph, tokens: Sequence[str]) -> None:
        """Simulate transfers of some tokens, once."""
        holders = [graph.edges[each][0].market.pool.address for each in tokens]
        balances = await self._chain.read(
            [plain_call(token, "balanceOf(address)", holder) for token, holder in zip(tokens, holders, strict=True)]
        )
        tried: list[tuple[str, int]] = []
        calls: list[Call] = []
        for token, holder, balance in zip(tokens, holders, balances, strict=True):
            amount = int.from_bytes(balance.data[:32], "big") // PART if balance.ok else 0
            if amount >= BACK:
                tried.append((token, amount))
                calls += _moves(token, holder, amount)
        try:
            told = await self._chain.simulate(calls) if calls else []
        except NotSimulated as error:
            self._can = False
            self.problem = f"Whether tokens keep a part of transfers is not known: {error}"
            return
        except Unavailable as error:  # the next quote tries again
            log.info("transfers not simulated", extra={"tokens": len(tokens), "reason": type(error).__name__})
            return
        except CrsError as error:
            log.info("transfers refused", extra={"tokens": len(tokens), "reason": type(error).__name__})
            told = []
        self._tried.update(tokens)
        for place, (token, amount) in enumerate(tried):
            tax = _tax(told[place * STEPS : (place + 1) * STEPS], amount)
            if tax is not None:
                self._known[token] = tax


def _moves(token: str, holder: str, amount: int) -> list[Call]:
    """Return the steps: out of the pool, what arrived, what the pool has, some of it back, what the pool has then."""

    def transfer(sender: str, to: str, units: int) -> Call:
        return Call(token, abi.encode("transfer(address,uint256)", to, units), sender=sender)

    def balance(of: str) -> Call:
        return Call(token, abi.encode("balanceOf(address)", of))

    return [
        transfer(holder, PROBE, amount),
        balance(PROBE),
        balance(holder),
        transfer(PROBE, holder, amount // BACK),
        balance(holder),
    ]


def _tax(steps: Sequence[Simulated], amount: int) -> Tax | None:
    """Return what was kept; None: a transfer failed, so nothing is known."""
    if len(steps) != STEPS or not all(each.ok for each in steps):
        return None
    arrived, before, after = (int.from_bytes(steps[at].data[:32], "big") for at in (1, 2, 4))
    leaving, entering = _part(amount, arrived), _part(amount // BACK, after - before)
    if leaving is None or entering is None:
        return None
    exact = leaving.arrives(amount) == arrived and entering.arrives(amount // BACK) == after - before
    return Tax(leaving, entering, exact) if leaving.numerator or entering.numerator else NO_TAX


def _part(sent: int, arrived: int) -> TransferTax | None:
    """Return the part that was kept in basis points; None where more arrived than was sent."""
    if not 0 <= arrived <= sent:
        return None
    return TransferTax(((sent - arrived) * BPS + sent // 2) // sent, BPS)
