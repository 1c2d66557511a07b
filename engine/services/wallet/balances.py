"""What an address has: the coin and many tokens in one request, through the chain's multicall."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.bus import Bus
from engine.defi import abi
from engine.defi.chain import ChainSpec
from engine.defi.token import Token, TokenAmount
from engine.ports.chain import Call, ChainClient, Outcome
from engine.ports.clock import Clock
from engine.services.wallet.events import BalancesChanged


@dataclass(frozen=True, slots=True)
class Held:
    """What an address had when it was asked for."""

    address: str
    amounts: dict[Token, TokenAmount] = field(default_factory=dict)
    """Of each token whose contract answered, 0 included."""
    unread: tuple[Token, ...] = ()
    """Tokens whose contract did not say."""
    block: int | None = None
    at_ns: int = 0
    """By the machine's clock."""


class Balances:
    """Balances on one chain. It belongs to the loop that it is used on."""

    def __init__(self, chain: ChainClient, spec: ChainSpec, clock: Clock, bus: Bus | None = None) -> None:
        self._chain, self._spec, self._clock, self._bus = chain, spec, clock, bus
        self._last: dict[str, Held] = {}

    def last(self, address: str) -> Held | None:
        """Return what an address had when it was last read."""
        return self._last.get(address)

    async def refresh(self, address: str, tokens: Sequence[Token]) -> dict[Token, TokenAmount]:
        """Return how much of each token an address has; see `read`."""
        return (await self.read(address, tokens)).amounts

    async def read(self, address: str, tokens: Sequence[Token]) -> Held:
        """Return how much of each token an address has, as of one block; a change is told on the bus.

        Raises:
            ChainUnavailable: nobody answers; what was read before is still there.
        """
        wanted = list(dict.fromkeys(tokens))
        outcomes, block = await asyncio.gather(self._outcomes(address, wanted), self._chain.block_number())
        amounts: dict[Token, TokenAmount] = {}
        unread: list[Token] = []
        for token, outcome in zip(wanted, outcomes, strict=True):
            if outcome.ok and len(outcome.data) >= 32:
                amounts[token] = token.units(int.from_bytes(outcome.data[:32], "big"))
            else:
                unread.append(token)
        return self._keep(Held(address, amounts, tuple(unread), block, self._clock.wall()))

    async def _outcomes(self, address: str, tokens: list[Token]) -> list[Outcome]:
        """Ask for all at once; without a multicall the coin's balance is a question of its own, in the same batch."""
        coin = Call(self._spec.multicall, abi.encode("getEthBalance(address)", address))
        calls = [
            coin if each.is_native else Call(each.address, abi.encode("balanceOf(address)", address))
            for each in tokens
            if not each.is_native or self._spec.multicall
        ]
        if self._spec.multicall or not any(each.is_native for each in tokens):
            return await self._chain.read(calls)
        answers, units = await asyncio.gather(self._chain.read(calls), self._chain.balance(address))
        others = iter(answers)
        return [Outcome(True, units.to_bytes(32, "big")) if each.is_native else next(others) for each in tokens]

    def _keep(self, held: Held) -> Held:
        before = self._last.get(held.address)
        self._last[held.address] = held
        shared = set(before.amounts) & set(held.amounts) if before is not None else set()
        if before is not None and any(before.amounts[each] != held.amounts[each] for each in shared) and self._bus:
            self._bus.publish(BalancesChanged(held.address))
        return held
