"""Limit orders and series on decentralised exchanges, carried out by this program while it runs.

No exchange keeps these orders: while the program is closed nothing happens. A limit order is looked at again when it
is open; purchases of a series whose time passed are told as missed and not made up for.

An order is on the disk before anything is signed for it, with the number and the fingerprint of the transaction. What
the disk says `sending` of is settled first after a start, by the ledger: it was never sent, waits, is in a block, or is
lost. That is why an order is carried out once, wherever the program was killed.
"""

from __future__ import annotations

import asyncio
import logging
from uuid import uuid4

from engine.bus import Bus
from engine.defi.chain import ChainSpec
from engine.defi.intent import IntentKind
from engine.defi.orders import states
from engine.defi.orders.limits import Limits
from engine.defi.orders.order import (
    Attempt,
    DexOrder,
    LimitTerms,
    OrderState,
    SeriesTerms,
    Slot,
    SlotOutcome,
)
from engine.defi.token import Token
from engine.errors import CrsError, InvalidInput
from engine.observe.failpoint import reached
from engine.ports.chain import ChainClient
from engine.ports.wallet_store import WalletStore
from engine.services.dex.carrying import Carrier, Declined, Fate, Found
from engine.services.dex.market import Market, Offer
from engine.services.dex.orderfile import ORDERS
from engine.services.dex.seal import Seal
from engine.services.dex.settling import brought
from engine.services.dex.shelf import Shelf
from engine.services.task import TaskOwner

MOST = 200
"""Orders that are alive at a time."""
LOOK_S = 4.0
"""Between two looks; a block of Ethereum takes 12."""
REST_S = 20.0
"""After which an order that could not be sent is looked at again."""
APPROVE, SWAP = "approve", "swap"
ALLOWANCES = (IntentKind.APPROVE, IntentKind.REVOKE)
CLOSED = (
    "The program carries this order out itself, while it is open and this chain is the one in use. While it is closed "
    "nothing happens: a limit order waits, purchases of a series whose time passes are missed and not made up for."
)
"""What whoever makes an order should have read."""

log = logging.getLogger(__name__)


class DexOrders:
    """The orders of one chain."""

    def __init__(
        self,
        chain: ChainClient,
        spec: ChainSpec,
        store: WalletStore,
        carrier: Carrier,
        market: Market,
        bus: Bus,
        look_s: float = LOOK_S,
        rest_s: float = REST_S,
        seal: Seal | None = None,
    ) -> None:
        self._chain, self._spec, self._carrier, self._market = chain, spec, carrier, market
        self._look_s, self._rest_s = look_s, rest_s
        self._shelf = Shelf(store, spec.chain_id, bus, carrier.now, ORDERS, seal)
        self._busy: set[str] = set()
        self._rests: dict[str, float] = {}
        """Until when (loop time) an order that could not be sent is left alone."""
        self._tasks = TaskOwner("dex orders")
        self.problem = ""
        """A sentence about what is wrong with the chain or the disk; empty if nothing is."""
        self.all = self._shelf.all
        self.get = self._shelf.get
        self.remove = self._shelf.remove

    async def open(self) -> None:
        """Read what was kept; an order that cannot be read is left where it is, with a sentence in `problem`.

        Raises:
            StorageUnavailable: the disk refuses.
        """
        self.problem = await self._shelf.open()

    def start(self) -> None:
        """Begin to look at the orders, again and again, until `close`."""
        self._tasks.start(self._run())

    async def close(self) -> None:
        """Stop looking; what is on its way stays so, and is settled after the next start."""
        await self._tasks.join()

    # -- what can be done with them ---------------------------------------------------------------

    async def limit(
        self, account: str, sell: Token, buy: Token, amount: int, terms: LimitTerms, limits: Limits, note: str = ""
    ) -> DexOrder:
        """Keep a limit order; it is on the disk when this returns. See `add`."""
        return await self.add(self._new(account, sell, buy, amount, terms, limits, note))

    async def series(
        self, account: str, sell: Token, buy: Token, amount: int, terms: SeriesTerms, limits: Limits, note: str = ""
    ) -> DexOrder:
        """Keep a series of purchases; it is on the disk when this returns. See `add`."""
        return await self.add(self._new(account, sell, buy, amount, terms, limits, note))

    async def add(self, order: DexOrder) -> DexOrder:
        """Keep a new order.

        Raises:
            InvalidInput: it cannot be, or there are too many.
            StorageUnavailable: the disk refuses; there is no such order then.
        """
        order.check(self._carrier.now())
        if len(self._shelf.alive()) >= MOST:
            raise InvalidInput(f"There are {MOST} orders already; cancel some first.")
        return await self._shelf.keep(order)

    async def pause(self, id: str) -> DexOrder:
        """Let an order rest; raises InvalidInput where that cannot be, StorageUnavailable."""
        return await self._shelf.change(id, states.paused)

    async def resume(self, id: str) -> DexOrder:
        """Let a paused order wait again; purchases that passed meanwhile are told as missed."""
        return await self._shelf.change(id, lambda order: states.resumed(order, self._carrier.now()))

    async def cancel(self, id: str) -> DexOrder:
        """End an order; while a transaction of it is on its way, as soon as its fate is known."""
        return await self._shelf.change(id, states.cancelled)

    async def edit(
        self, id: str, *, amount: int, terms: LimitTerms | SeriesTerms, limits: Limits, note: str | None = None
    ) -> DexOrder:
        """Give an order other terms; raises InvalidInput where that cannot be, StorageUnavailable."""
        now = self._carrier.now()
        return await self._shelf.change(
            id, lambda order: states.edited(order, now, amount=amount, terms=terms, limits=limits, note=note)
        )

    # -- looking ----------------------------------------------------------------------------------

    async def look(self) -> None:
        """Look at every order once, and wait until it is done, questions to people included.

        What is on its way is settled, what is over expires, what is ripe is carried out. A look at an order that is
        still being looked at is left out.
        """
        await asyncio.gather(*self._begun())

    def _begun(self) -> list[asyncio.Task[None]]:
        found = []
        now = asyncio.get_running_loop().time()
        for order in self._shelf.alive():
            if order.id in self._busy or self._rests.get(order.id, 0.0) > now:
                continue
            self._busy.add(order.id)
            found.append(self._tasks.start(self._looked(order.id)))
        return found

    async def _run(self) -> None:
        while True:
            self._begun()
            await asyncio.sleep(self._look_s)

    async def _looked(self, id: str) -> None:
        try:
            now = self._carrier.now()
            order = await self._shelf.change(id, lambda each: states.looked_at(each, now))
            if order.state is OrderState.SENDING:
                await self._settle(order)
            elif states.is_ripe(order, now):
                await self._carry_out(order)
            self.problem = ""
        except CrsError as error:
            self.problem = str(error)
            log.info("order not looked at", extra={"order": id, "reason": str(error)})
        finally:
            self._busy.discard(id)

    async def _settle(self, order: DexOrder) -> None:
        """Find out what became of the transaction that an order names."""
        attempt = order.attempt
        if attempt is None:
            await self._shelf.change(order.id, states.never_sent)
            return
        found = await self._carrier.fate(attempt)
        if found.fate is Fate.NEVER_SENT:
            why = found.sent.reason if found.sent else ""
            await self._shelf.change(order.id, lambda each: states.never_sent(each, why))
        elif attempt.step == APPROVE and found.fate in (Fate.MINED, Fate.DONE):
            await self._shelf.change(order.id, states.step_done)
        elif found.fate in (Fate.DONE, Fate.FAILED, Fate.LOST):
            slot = await self._slot(order, attempt, found)
            reached("order.before_settled")
            now = self._carrier.now()
            await self._shelf.change(order.id, lambda each: states.settled(each, slot, now))

    async def _slot(self, order: DexOrder, attempt: Attempt, found: Found) -> Slot:
        due = order.terms.due(attempt.slot) if isinstance(order.terms, SeriesTerms) else attempt.at
        now, sent = self._carrier.now(), found.sent
        if sent is None or found.fate is Fate.LOST:
            why = "Another transaction took its number, so it was not carried out."
            return Slot(attempt.slot, due, SlotOutcome.FAILED, now, why=why, transaction=sent.hash if sent else "")
        cost = (sent.gas_used or 0) * (sent.gas_price or 0)
        if found.fate is Fate.FAILED:
            step = "The approval" if attempt.step == APPROVE else "The swap"
            why = f"{step} was refused by the contract: {sent.reason}"
            return Slot(attempt.slot, due, SlotOutcome.FAILED, now, 0, 0, cost, sent.hash, why)
        came = await brought(self._chain, sent, self._spec.wrapped.address, order.sell, order.buy)
        sold, bought = came if came is not None else (order.amount, attempt.wanted)
        return Slot(attempt.slot, due, SlotOutcome.DONE, now, sold, bought, cost, sent.hash)

    async def _carry_out(self, order: DexOrder) -> None:
        """Look for the price, and send the next step if it is there: an approval, or the swap itself."""
        try:
            offer = await self._market.offer(order.sell, order.buy, order.amount)
        except InvalidInput as error:
            self._retell(order.id, str(error))
            return
        least = order.terms.least
        if least is not None and offer.net < least:
            self._retell(order.id, _too_little(order, offer, least))
            return
        order = await self._shelf.change(order.id, states.fell_due)
        try:
            await self._send(order, offer, least or 0)
        except Declined as error:
            await self._declined(order.id, str(error))
        except InvalidInput as error:
            await self._put_back(order.id, str(error))
        except CrsError as error:
            await self._put_back(order.id, str(error))
            raise

    async def _send(self, order: DexOrder, offer: Offer, least: int) -> None:
        intents = await self._market.intents(offer, order.account, order.limits.max_slippage_bps, least)
        step = APPROVE if intents[0].kind in ALLOWANCES else SWAP
        price = f"{offer.buy.units(offer.bought)} for {order.sell.units(order.amount)}, {offer.title}"

        async def note(attempt: Attempt) -> None:
            await self._shelf.change(order.id, lambda each: states.sending(each, attempt))

        await self._carrier.carry(
            intents[0],
            order.limits,
            states.times_today(order, self._carrier.now()),
            title_of(order),
            f"The best route gives {price}.",
            order.next_slot,
            step,
            note,
        )

    def _retell(self, id: str, why: str) -> None:
        order = self.get(id)
        if order.state is OrderState.WAITING:
            self._shelf.retell(states.put_back(order, why))

    async def _put_back(self, id: str, why: str) -> None:
        """Let an order wait again, and rest a little; what was noted and not sent is forgotten."""
        order = self.get(id)
        self._rests[id] = asyncio.get_running_loop().time() + self._rest_s
        if order.state is OrderState.SENDING and order.attempt is not None:
            if (await self._carrier.fate(order.attempt)).fate is Fate.NEVER_SENT:
                await self._shelf.change(id, lambda each: states.never_sent(each, why))
        elif order.state is OrderState.DUE:
            await self._shelf.change(id, lambda each: states.put_back(each, why))

    async def _declined(self, id: str, why: str) -> None:
        now = self._carrier.now()

        def changed(order: DexOrder) -> DexOrder:
            if order.state is not OrderState.DUE:
                return order
            if isinstance(order.terms, LimitTerms):
                return states.paused(order, f"{why} Resume it when you want it again.")
            slot = Slot(order.next_slot, order.terms.due(order.next_slot), SlotOutcome.DECLINED, now, why=why)
            return states.settled(order, slot, now)

        await self._shelf.change(id, changed)

    def _new(
        self,
        account: str,
        sell: Token,
        buy: Token,
        amount: int,
        terms: LimitTerms | SeriesTerms,
        limits: Limits,
        note: str,
    ) -> DexOrder:
        return DexOrder(
            uuid4().hex[:12],
            self._spec.chain_id,
            account,
            sell,
            buy,
            amount,
            terms,
            limits,
            self._carrier.now(),
            note=note,
        )


def title_of(order: DexOrder) -> str:
    """Return an order in a few words."""
    amount = order.sell.units(order.amount)
    if isinstance(order.terms, SeriesTerms):
        return f"Purchase {order.next_slot + 1} of {order.terms.count}: {order.buy.symbol} for {amount}"
    return f"Limit order: {amount} for at least {order.buy.units(order.terms.least)}"


def _too_little(order: DexOrder, offer: Offer, least: int) -> str:
    got = order.buy.units(max(0, offer.net))
    return f"The best route gives {got} after gas; {order.buy.units(least).text} are wanted."
