"""From a quote to what is signed: exact approvals where the allowance is short, then the swap at the exchange's router.

Routes of one exchange of V3's kind go together in one transaction. Every other route is a transaction of its own with
its own least amount: a split over exchanges is not one act, and if one of its transactions fails the others stand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.defi.chain import ChainSpec, DexKind, DexSpec
from engine.defi.intent import Intent, IntentKind
from engine.defi.intents.swap import Leg, RouterCall, Terms, pair_swap, range_swap
from engine.defi.pools.v3 import V3Pool
from engine.defi.routes.gas import TRANSACTION_GAS
from engine.defi.slippage import DEADLINE_S, USUAL_BPS
from engine.defi.token import TokenAmount
from engine.errors import InvalidInput
from engine.ports.chain import ChainClient
from engine.services.dex.allowing import Taking, missing_approvals
from engine.services.dex.deadline import deadline_in
from engine.services.dex.quoterow import QuoteRow, impact_bps


@dataclass(frozen=True, slots=True)
class Ticket:
    """How a quote is to be carried out."""

    sender: str
    slippage_bps: int = USUAL_BPS
    deadline_s: int = DEADLINE_S
    recipient: str = ""
    """Empty: the sender."""


@dataclass(frozen=True, slots=True)
class _Part:
    """One transaction: paths of a row by their place."""

    dex: DexSpec
    places: tuple[int, ...]


class Swaps:
    """Makes the intents of swaps on one chain."""

    def __init__(self, chain: ChainClient, spec: ChainSpec, now: Callable[[], int] = lambda: 0) -> None:
        """`now` is the time in seconds since 1970; the chain's own is used besides, the later one counts."""
        self._chain, self._spec, self._now = chain, spec, now

    async def intents(self, row: QuoteRow, ticket: Ticket) -> list[Intent]:
        """Return what has to be signed, in order.

        Raises:
            InvalidInput: the row cannot be carried out, or the slippage or deadline makes no sense.
            ChainUnavailable: nobody answers.
        """
        if row.problem:
            raise InvalidInput(row.problem)
        parts = self._parts(row)
        deadline = await deadline_in(self._chain, self._now, ticket.deadline_s)
        swaps = [self._swap(row, part, ticket, deadline) for part in parts]
        return [*await self._approvals(row, parts, swaps, ticket.sender), *swaps]

    def _parts(self, row: QuoteRow) -> list[_Part]:
        """Return the transactions: one for all paths of an exchange of V3's kind, one for each other path."""
        found: list[_Part] = []
        together: dict[str, list[int]] = {}
        for place, path in enumerate(row.paths):
            dex = self._spec.dex(path.edges[0].market.dex)
            if dex is None or len(path.dexes) > 1:
                raise InvalidInput("This route cannot be carried out: no single router reaches all of its pools.")
            if dex.kind is DexKind.V3:
                together.setdefault(dex.name, []).append(place)
            else:
                found.append(_Part(dex, (place,)))
        ranged = [(self._spec.dex(name), places) for name, places in together.items()]
        found += [_Part(dex, tuple(places)) for dex, places in ranged if dex is not None]
        return sorted(found, key=lambda each: each.places)

    def _swap(self, row: QuoteRow, part: _Part, ticket: Ticket, deadline: int) -> Intent:
        gives, gets = row.most_in(ticket.slippage_bps), row.least_out(ticket.slippage_bps)
        paths = tuple(row.paths[each] for each in part.places)
        given = sum(gives[each].units for each in part.places)
        least = sum(gets[each].units for each in part.places)
        call = self._call(row, part, ticket, deadline)
        return Intent(
            IntentKind.SWAP,
            self._spec.chain_id,
            ticket.sender,
            part.dex.router,
            f"{part.dex.title}'s router",
            data=call.data,
            value=call.value,
            leaves=(TokenAmount(row.token_in, given),),
            arrives=(TokenAmount(row.token_out, least),),
            recipient=ticket.recipient,
            deadline=deadline,
            expected=(TokenAmount(row.token_out, sum(each.amount_out for each in paths)),),
            slippage_bps=ticket.slippage_bps,
            impact_bps=impact_bps(paths),
            route=tuple(row.lines[each] for each in part.places),
            gas_hint=TRANSACTION_GAS + sum(each.gas for each in paths),
        )

    def _call(self, row: QuoteRow, part: _Part, ticket: Ticket, deadline: int) -> RouterCall:
        terms = Terms(
            ticket.recipient or ticket.sender,
            deadline,
            row.is_exact_in,
            row.token_in.is_native,
            row.token_out.is_native,
            row.tax,
        )
        gives, gets = row.most_in(ticket.slippage_bps), row.least_out(ticket.slippage_bps)
        legs = [
            Leg(
                row.paths[each].tokens,
                tuple(edge.market.pool.fee for edge in row.paths[each].edges if isinstance(edge.market.pool, V3Pool)),
                gives[each].units,
                gets[each].units,
            )
            for each in part.places
        ]
        return range_swap(legs, terms) if part.dex.kind is DexKind.V3 else pair_swap(legs[0], terms)

    async def _approvals(
        self, row: QuoteRow, parts: Sequence[_Part], swaps: Sequence[Intent], sender: str
    ) -> list[Intent]:
        """Return an exact approval for each router that may not take what its transactions take."""
        needed: dict[str, int] = {}
        for swap in swaps:
            needed[swap.to] = needed.get(swap.to, 0) + swap.leaves[0].units
        titles = {each.dex.router: f"{each.dex.title}'s router" for each in parts}
        wanted = [Taking(router, titles[router], row.token_in.units(units)) for router, units in needed.items()]
        return await missing_approvals(self._chain, self._spec, sender, wanted)
