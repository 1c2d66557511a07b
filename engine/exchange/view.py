"""What can be asked of an exchange. Nothing here changes anything."""

from __future__ import annotations

from engine.domain.account import Balance, OpenOrder
from engine.domain.command import CancelOrder, Command, SubmitList, SubmitOrder
from engine.domain.event import OrderAccepted, OrderRejected
from engine.domain.number import Lots, Nanos, Ticks
from engine.domain.order import AccountId, OrderId, OrderStatus
from engine.domain.pair import TradingPair
from engine.domain.why import Place, WaitExplained
from engine.errors import InvalidInput
from engine.exchange.dump import dump_floor
from engine.exchange.floor import Floor
from engine.exchange.lists import acceptances, list_digest
from engine.exchange.market import Market
from engine.exchange.order import WorkingOrder
from engine.exchange.state import state_hash, state_of
from engine.matching.book import Book
from engine.matching.trailing import trigger_ticks


class View:
    """The readable half of the exchange."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    @property
    def now(self) -> Nanos:
        """The instant of the last command or act of flow."""
        return self._floor.now

    def accounts(self) -> tuple[AccountId, ...]:
        """Return the accounts in the order of their first deposits."""
        return tuple(self._floor.accounts)

    def pairs(self) -> tuple[TradingPair, ...]:
        """Return the listed pairs in the order of listing."""
        return tuple([market.pair for market in self._floor.markets.values()])

    def balances(self, account: AccountId) -> dict[str, Balance]:
        """Return what the account holds by asset code; nothing for an unknown account."""
        known = self._floor.accounts.get(account)
        return known.balances() if known is not None else {}

    def open_orders(self, account: AccountId) -> list[OpenOrder]:
        """Return the account's open orders, pending legs of lists included, by acceptance."""
        known = self._floor.accounts.get(account)
        return [order.shown() for order in known.orders.values()] if known is not None else []

    def cancels(self, account: AccountId) -> list[CancelOrder]:
        """Return what takes out everything that is open: lists by their own ids, then orders that stand alone."""
        known = self._floor.accounts.get(account)
        if known is None:
            return []
        alone = [order_id for order_id, order in known.orders.items() if order.list is None]
        return [CancelOrder(account, order_id) for order_id in (*known.lists, *alone)]

    def trigger_price(self, account: AccountId, order_id: OrderId) -> Ticks | None:
        """Return at which last price a waiting order fires now, a trailing stop by its mark; None if unknown."""
        order = self._order(account, order_id)
        if order is None or not order.is_waiting:
            return None
        if not order.trails:
            return order.stop_price
        return None if order.mark is None else Ticks(trigger_ticks(order.is_buy, order.mark, order.distance))

    def pair_of(self, account: AccountId, order_id: OrderId) -> TradingPair | None:
        """Return the pair of an open order."""
        order = self._order(account, order_id)
        return order.pair if order is not None else None

    def first_answer(self, order: SubmitOrder) -> OrderAccepted | OrderRejected | None:
        """Return how the first submit under this order's id was answered; None if there was none."""
        known = self._floor.accounts.get(order.account)
        return known.first_answer(order) if known is not None else None

    def repeats(self, command: Command) -> bool:
        """Return whether a command is a submit that was answered before and would change nothing."""
        if not isinstance(command, SubmitOrder | SubmitList):
            return False
        known = self._floor.accounts.get(command.account)
        if known is None:
            return False
        if isinstance(command, SubmitList):
            return known.knows_list(command.order_id, list_digest(command))
        return bool(known.knows(command))

    def trail_mark(self, account: AccountId, order_id: OrderId) -> Ticks | None:
        """Return the best last price that a waiting trailing stop has seen; None for any other order."""
        order = self._order(account, order_id)
        return Ticks(order.mark) if order is not None and order.mark is not None else None

    def first_list_answer(self, command: SubmitList) -> tuple[OrderAccepted, ...] | OrderRejected | None:
        """Return how the first submit of this very list was answered; None if there was none."""
        known = self._floor.accounts.get(command.account)
        if known is None or not known.knows_list(command.order_id, list_digest(command)):
            return None
        group = known.lists.get(command.order_id)
        if group is not None:
            return tuple(acceptances(command, group.number, group.orders[0].at))
        outcome = known.outcomes.get(command.order_id)
        assert outcome is not None, "as `knows_list` found"  # noqa: S101 - nothing came between
        if outcome.reason is None:
            return tuple(acceptances(command, outcome.number, outcome.at))
        return OrderRejected(command.account, command.order_id, outcome.reason, outcome.text, outcome.at)

    def flow_keys(self, symbol: str) -> tuple[int, ...]:
        """Return the keys of the unfunded orders that rest in the pair."""
        return tuple(self._market(symbol).flow)

    def book(self, symbol: str) -> Book:
        """Return the pair's book.

        Raises:
            InvalidInput: the pair is not listed.
        """
        return self._market(symbol).book

    def queue_ahead(self, account: AccountId, order_id: OrderId) -> Lots | None:
        """Return how many lots trade before the order at its price; None if it does not rest, or nobody knows."""
        place = self.place_in_queue(account, order_id)
        return place.ahead if place is not None else None

    def place_in_queue(self, account: AccountId, order_id: OrderId) -> Place | None:
        """Return where an order stands in the queue of its price; None if it does not rest.

        Cheap enough to be asked at the pace of the screen: it walks what stands before the order.
        """
        order = self._order(account, order_id)
        if order is None or order.status is not OrderStatus.WORKING:
            return None
        return self._market(order.command.symbol).book.place(order)

    def waits(self, account: AccountId, order_id: OrderId) -> WaitExplained | None:
        """Return what is known of an order that is open, or ended lately, not all filled; None of any other.

        None, too, where nobody takes notes.
        """
        order, recorder = self._order(account, order_id), self._floor.recorder
        if recorder is None:
            return None
        return recorder.waits(order) if order is not None else recorder.waited(account, order_id)

    def state(self) -> dict[str, object]:
        """Return the visible state as `crs simulate --state` prints it, hash included."""
        return state_of(self._floor)

    def state_hash(self) -> str:
        """Return the SHA-256 of the visible state."""
        return state_hash(self._floor)

    def dump(self, *, whole: bool = True) -> dict[str, object]:
        """Return everything it remembers, JSON-able, for `Exchange.load`; else only what is enough to look at."""
        return dump_floor(self._floor, whole=whole)

    def _market(self, symbol: str) -> Market:
        market = self._floor.markets.get(symbol)
        if market is None:
            raise InvalidInput(f"{symbol} is not traded here.")
        return market

    def _order(self, account: AccountId, order_id: OrderId) -> WorkingOrder | None:
        known = self._floor.accounts.get(account)
        return known.orders.get(order_id) if known is not None else None
