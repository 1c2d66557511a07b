"""Who may take which tokens of an account: found by logs, read from the tokens, taken back by intents.

Logs say to whom something was ever allowed; how much it is now only the token knows. Both are asked for: the logs of a
span of blocks, the figures all in one request. The contracts that this program itself deals with are asked about for
every known token, whatever the logs say: so what was allowed to them long ago is found without reading years of blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from engine.defi import abi
from engine.defi.address import short
from engine.defi.chain import ChainSpec
from engine.defi.effects import APPROVAL, event, grants
from engine.defi.intent import Intent
from engine.defi.intents import revoke
from engine.defi.token import Token, TokenAmount
from engine.ports.chain import Call, ChainClient
from engine.services.wallet.tokennames import TokenNames

ALLOWANCE = "allowance(address,address)"
BALANCE = "balanceOf(address)"
PERMIT2 = "0x000000000022D473030F116dDEE9F6B43aC78BA3"
"""Takes tokens for whoever its own allowances name; the same on every chain. Source: Uniswap's permit2 repository."""
LOOK_BACK = 1_000_000
"""Blocks whose logs are read the first time."""
ENDLESS = 2**96 - 1
"""Some tokens hold no larger allowance and mean no end by it; so do contracts that ask for it."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What somebody may take, as it is now."""

    token: Token
    spender: str
    spender_title: str
    """Who that is, in our words; empty: nobody we know."""
    amount: TokenAmount
    held: TokenAmount
    """What there is to take now."""
    block: int
    """In which it was last set, as the logs say; 0: before those that were read."""

    @property
    def is_unlimited(self) -> bool:
        """Whether it never runs out."""
        return self.amount.units >= 2**255 or self.amount.units == ENDLESS

    @property
    def at_risk(self) -> TokenAmount:
        """What could be taken at once."""
        return min(self.amount, self.held, key=lambda each: each.units)

    @property
    def text(self) -> str:
        """How much, in words."""
        return f"all {self.token.symbol[:20]}" if self.is_unlimited else str(self.amount)


class Allowances:
    """The allowances of accounts on one chain."""

    def __init__(
        self, chain: ChainClient, spec: ChainSpec, names: TokenNames, title: Callable[[str], str] = lambda _address: ""
    ) -> None:
        """`title` says who a spender is, where the chain's own list does not."""
        self._chain = chain
        self._spec = spec
        self._names = names
        self._title = title
        self._found: dict[str, dict[tuple[str, str], int]] = {}
        self._looked: dict[str, int] = {}
        self._since: dict[str, int] = {}

    def since(self, owner: str) -> int | None:
        """Return the block from which on every allowance was found; None: nothing was looked at yet."""
        return self._since.get(owner)

    async def list(self, owner: str, first_block: int | None = None) -> tuple[Allowance, ...]:
        """Return what is allowed now, the unlimited first, then by what could be taken.

        Args:
            owner: whose tokens.
            first_block: where to begin to read logs, None: `LOOK_BACK` blocks ago; from the second time on only what is
                new is read.

        Raises:
            ChainUnavailable: nobody answers.
        """
        pairs = dict.fromkeys(self._usual(), 0) | await self._pairs(owner, first_block)
        tokens = await self._names.named([token for token, _ in pairs])
        allowed = [Call(token, abi.encode(ALLOWANCE, owner, spender)) for token, spender in pairs]
        held = [Call(token, abi.encode(BALANCE, owner)) for token, _ in pairs]
        told = [_number(each.data) if each.ok else 0 for each in await self._chain.read([*allowed, *held])]
        rows = zip(pairs.items(), told[: len(pairs)], told[len(pairs) :], strict=True)
        found = [
            Allowance(
                tokens[token],
                spender,
                self.title_of(spender),
                tokens[token].units(amount),
                tokens[token].units(there),
                block,
            )
            for ((token, spender), block), amount, there in rows
            if amount
        ]
        return tuple(sorted(found, key=_weight))

    def revoke(self, owner: str, allowance: Allowance) -> Intent:
        """Return the intent to take an allowance back."""
        return revoke(
            self._spec,
            owner,
            allowance.token,
            allowance.spender,
            allowance.spender_title or short(allowance.spender),
            before=allowance.amount.units,
        )

    def title_of(self, spender: str) -> str:
        """Return who a spender is, empty if nobody we know."""
        for dex in self._spec.dexes:
            if spender == dex.router:
                return f"{dex.title}'s router"
            if spender == dex.position_manager:
                return f"{dex.title}'s positions"
        for farm in self._spec.farms:
            if spender == farm.address:
                return farm.title
        if spender == PERMIT2:
            return "Permit2"
        return self._title(spender)

    def _usual(self) -> Iterable[tuple[str, str]]:
        """Every known token with every contract that this program deals with."""
        dealt = [each for dex in self._spec.dexes for each in (dex.router, dex.position_manager)]
        spenders = dict.fromkeys([*filter(None, dealt), *(farm.address for farm in self._spec.farms), PERMIT2])
        tokens = dict.fromkeys(each.address for each in (*self._spec.tokens, self._spec.wrapped) if not each.is_native)
        return [(token, spender) for token in tokens for spender in spenders]

    async def _pairs(self, owner: str, first_block: int | None) -> dict[tuple[str, str], int]:
        """Token and spender of every allowance that the logs tell of, with the block of the last time."""
        newest = await self._chain.block_number()
        earliest = max(newest - LOOK_BACK, 0) if first_block is None else first_block
        start = max(earliest, self._looked.get(owner, -1) + 1)
        known = self._found.setdefault(owner, {})
        if start <= newest:
            word = bytes(12) + bytes.fromhex(owner[2:])
            for log in await self._chain.logs((), (event(APPROVAL), word), start, newest):
                for grant in grants([log]):
                    if len(log.topics) == 3:
                        known[grant.token, grant.spender] = log.block
            self._looked[owner] = newest - self._spec.confirmations  # what is not deep is read again
            self._since.setdefault(owner, earliest)
        return known


def _weight(allowance: Allowance) -> tuple[bool, bool, str, str]:
    """Unlimited before limited, with something to take before without."""
    return not allowance.is_unlimited, not allowance.at_risk.units, allowance.token.symbol, allowance.spender


def _number(data: bytes) -> int:
    return int.from_bytes(data[:32], "big")
