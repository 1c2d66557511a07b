"""Actions on orders: fill in the ticket, undo, cancel, close a position."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from crs_desktop.i18n import spoken, tr
from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.breakeven import MOVED, move_stop, stop_to_move
from crs_desktop.viewmodels.order_groups import LIST_NAMES
from crs_desktop.viewmodels.server.venue import live_name, venue_of
from crs_desktop.viewmodels.ticket_kind import Kind
from crs_desktop.viewmodels.words import Sentence
from crs_desktop.wiring.console import Bindings, Console, cancelled
from engine.domain.event import OrderRejected
from engine.domain.number import Lots
from engine.domain.order import Side
from engine.ports.venue import ListCancelled

if TYPE_CHECKING:
    from crs_desktop.viewmodels.ticket import Ticket
    from crs_desktop.viewmodels.timeline import Timeline


KIND_ACTIONS = {
    "market": Kind.MARKET,
    "stop": Kind.STOP,
    "stop_limit": Kind.STOP_LIMIT,
    "take_profit": Kind.TAKE_PROFIT,
    "take_profit_limit": Kind.TAKE_PROFIT_LIMIT,
    "trailing": Kind.TRAILING_STOP,
    "oco": Kind.OCO,
    "oto": Kind.OTO,
    "bracket": Kind.BRACKET,
    "iceberg": Kind.ICEBERG,
}
"""Which action chooses which kind of order."""


def _choose_kind(ticket: Ticket, *, kind: Kind) -> None:
    ticket.set_kind(kind)


class TradingActions:
    """The groups `ticket` and `orders`."""

    def __init__(self, console: Console, undo_on_chart: Callable[[], bool]) -> None:
        self._console, self._undo_on_chart = console, undo_on_chart
        self.senders: list[Ticket] = []
        """Other panes that send orders, while they are there; Undo looks at theirs, too."""

    def bindings(self) -> Bindings:
        """Return what each action does."""
        console = self._console
        aims: dict[str, Callable[[Ticket], object]] = {
            **{f"ticket.{action}": partial(_choose_kind, kind=kind) for action, kind in KIND_ACTIONS.items()},
            "ticket.limit_best": lambda ticket: ticket.limit_at_best(),
            "ticket.join_bid": lambda ticket: ticket.join(Side.BUY),
            "ticket.join_ask": lambda ticket: ticket.join(Side.SELL),
        }
        steps: dict[str, Callable[[Ticket], object]] = {
            "ticket.size_up": lambda ticket: ticket.step_size(1),
            "ticket.size_down": lambda ticket: ticket.step_size(-1),
            "ticket.size_up_10": lambda ticket: ticket.step_size(10),
            "ticket.size_down_10": lambda ticket: ticket.step_size(-10),
            "ticket.price_up": lambda ticket: ticket.step_price(1),
            "ticket.price_down": lambda ticket: ticket.step_price(-1),
        }
        return {
            **{action: partial(self._choose, do) for action, do in aims.items()},
            **{action: partial(self._change, do) for action, do in steps.items()},
            "ticket.buy": lambda: self.aim(Side.BUY),
            "ticket.sell": lambda: self.aim(Side.SELL),
            "orders.undo": self._undo,
            "orders.cancel_last": lambda: console.do(self._cancel_last()),
            "orders.cancel_symbol": lambda: console.do(self._cancel_all(console.desk.symbol)),
            "orders.cancel_all": lambda: console.do(self._cancel_all(None)),
            "orders.breakeven": lambda: console.do(self._breakeven()),
            "orders.flatten": self._ask_flatten,
        }

    def aim(self, side: Side) -> None:
        """Show the ticket and give it the keyboard."""
        shown = self._console.window.docks.show("ticket").window()
        if not shown.isActiveWindow():  # the key was pressed in another window, of charts
            shown.activateWindow()
        self._console.ticket.focus_side(side)

    def sent(self, timeline: Timeline, sender: Ticket | None = None) -> None:
        """Show an order that goes out, with its Undo; `sender` sent it if the ticket did not."""
        console, ticket = self._console, sender or self._console.ticket
        shown = venue_of(ticket.desk)
        venue = f"{shown.word} {shown.name}" if shown.is_live else shown.name, shown.word.lower()
        console.toasts.order(timeline, ticket.outbox.can_undo, lambda line: console.do(ticket.undo(line)), venue)

    def _choose(self, do: Callable[[Ticket], object]) -> None:
        """Choose an order, and take the keyboard to the ticket, so that Enter sends it."""
        self._change(do)
        self.aim(self._console.ticket.form.side)

    def _change(self, do: Callable[[Ticket], object]) -> None:
        do(self._console.ticket)

    def _undo(self) -> None:
        able = [(each.outbox.newest_to_undo(), each) for each in (self._console.ticket, *self.senders)]
        newest = max(
            (each for each in able if each[0]), key=lambda each: each[0].sent_at if each[0] else 0, default=None
        )
        if (newest is None or not newest[1].undo_last()) and not self._undo_on_chart():
            said = tr("Undo cancels an order that still works, or moves its line back, for 3 s.")
            self._console.toasts.say(tr("Nothing to undo"), said)

    async def _cancel_last(self) -> None:
        answer = await self._console.desk.orders.cancel_last()
        if answer is None:
            self._console.toasts.say(tr("No open order"), tr("There is nothing to cancel."))
        elif isinstance(answer, ListCancelled):
            kind = self._console.desk.orders.record(answer.orders[0].order_id).list_kind
            name = spoken(LIST_NAMES[kind]) if kind is not None else ""
            self._console.toasts.say(tr("{name} cancelled", name=name), cancelled(len(answer.orders)))

    async def _breakeven(self) -> None:
        desk, toasts = self._console.desk, self._console.toasts
        found = stop_to_move(desk)
        answer = found if isinstance(found, Sentence) else await move_stop(desk, found)
        moved = not isinstance(found, Sentence) and answer.source == MOVED
        toasts.say(tr("Breakeven") if moved else tr("Stop not moved"), spoken(answer), "muted" if moved else "error")

    async def _cancel_all(self, symbol: str | None) -> None:
        gone = await self._console.desk.orders.cancel_all(symbol)
        where = symbol or tr("all pairs")
        if not gone:
            self._console.toasts.say(tr("No open order"), tr("There is nothing to cancel in {where}.", where=where))
            return
        self._console.toasts.say(cancelled(gone), where)

    def _ask_flatten(self) -> None:
        console, desk = self._console, self._console.desk
        position = desk.portfolio.position(desk.symbol)
        held = desk.portfolio.balances().get(desk.pair.base.code)
        if position is None or position.qty <= 0 or held is None:
            console.toasts.say(tr("No position in {symbol}", symbol=desk.symbol), tr("There is nothing to sell."))
            return
        qty = fmt.quantity(desk.pair, position.qty)
        venue = live_name(desk)
        title = tr("Close the position in {symbol} on {venue}?", symbol=desk.symbol, venue=venue)
        console.confirm(
            title if venue else tr("Close the position in {symbol}?", symbol=desk.symbol),
            tr(
                "Cancels all orders of this pair and sells {qty} {base} at the market.",
                qty=qty,
                base=desk.pair.base.code,
            ),
            tr("Close position"),
            lambda: console.do(self._flatten(desk.symbol, position.qty)),
        )

    async def _flatten(self, symbol: str, held: Lots) -> None:
        """Sell all of it; whoever asked for that must hear that it was refused."""
        answer = await self._console.desk.orders.flatten(symbol, held)
        if isinstance(answer, OrderRejected):
            self._console.toasts.say(tr("Position in {symbol} not closed", symbol=symbol), answer.text, "error")
