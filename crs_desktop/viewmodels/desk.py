"""The desk: what all panes of one window look at together, and the services they look through.

A desk holds the current pair and timeframe (they are those of link group A), the board with all charts, and carries
the small messages between panes: a price picked in the book goes to the ticket, an asset picked in the balances
filters the open orders.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from crs_desktop.viewmodels.board import Board
from crs_desktop.viewmodels.connected import Connected
from crs_desktop.viewmodels.exchange.follower import Follower
from crs_desktop.viewmodels.exchange.trust import Trust
from crs_desktop.viewmodels.hook import Hook, Link
from crs_desktop.viewmodels.link import LinkGroup, LinkGroups
from crs_desktop.viewmodels.services import Runner, Services
from crs_desktop.viewmodels.words import Sentence, say, verbatim
from engine.bus import Bus
from engine.domain.market import Timeframe
from engine.domain.number import Ticks
from engine.domain.order import OrderId, Side
from engine.domain.pair import FeeRate, TradingPair
from engine.market.l2 import L2Book
from engine.ports.exchange import PairsFollowed
from engine.ports.recording import PairRecorder, Recorded

if TYPE_CHECKING:
    from crs_desktop.viewmodels.indicators.presets import Presets
    from crs_desktop.viewmodels.indicators.studies import Studies
    from crs_desktop.viewmodels.ticket import Ticket
    from crs_desktop.viewmodels.wallet.door import WalletDoor
    from engine.bootstrap.public_engine import PublicInfo
    from engine.ports.feed import MarketFeed
    from engine.ports.venue import Venue
    from engine.risk.gate import Gate
    from engine.services.alerts import Alerts
    from engine.services.bars import Bars
    from engine.services.explain import Explainer, Question
    from engine.services.indicators import Indicators
    from engine.services.lots import AccountLots
    from engine.services.market_data import MarketData
    from engine.services.orders import Orders
    from engine.services.portfolio import Portfolio
    from engine.services.prints import Prints
    from engine.services.stories import OrderStories
    from engine.settings import Settings


class WhyAsked(NamedTuple):
    """Somebody wants to know why an order filled, or why not; with the fill that was pointed at, if one was."""

    order_id: OrderId
    trade_id: int | None = None


class Told(NamedTuple):
    """Something to be said in passing."""

    title: Sentence
    text: Sentence


class Desk:
    """The shared selection of one window over one engine."""

    has_ticket = True
    """Whether a price that is picked goes to an order ticket."""
    order_size = ""
    """The size that a new order on a chart has where there is no ticket, in the base; empty for the settings' one."""

    def __init__(
        self, services: Services, *, symbol: str | None = None, timeframe: Timeframe = Timeframe.M1,
        connected: Connected | None = None, wallet: WalletDoor | None = None,
    ) -> None:  # fmt: skip
        """Start on `symbol`, or on the market's first pair if it is None or has no prices now.

        `connected` are the venues of the window; None for a desk that knows only its own. `wallet` is the door of the
        window's wallet, None where there is none.
        """
        self._services = services
        self.connected = Connected() if connected is None else connected
        self.wallet = wallet
        self._carried: dict[str, TradingPair] = {}
        self.pairs: Mapping[str, TradingPair] = ChainMap(services.portfolio.pairs, self._carried)
        """Every pair that is or was listed, by symbol; a pair of another market may be held but not traded now."""
        carried = [pair.symbol for pair in services.feed.pairs()]
        first = symbol if symbol is not None and symbol in carried else carried[0]
        self.links = LinkGroups(self.pairs, first, timeframe)
        self.board = Board(self.links)
        self._presets: Presets | None = None
        self.ticket: Callable[[], Ticket | None] = lambda: None
        """The window's order ticket, made when it is first asked for; set by whoever has one."""
        self._changed: Hook[Desk] = Hook()
        self._price_picked: Hook[Ticks] = Hook()
        self._asset_picked: Hook[str] = Hook()
        self._side_picked: Hook[Side] = Hook()
        self._number_asked: Hook[Question] = Hook()
        self._why_asked: Hook[WhyAsked] = Hook()
        self._told: Hook[Told] = Hook()
        self._indicator_wanted: Hook[Studies] = Hook()
        self._own = self.links.a.on_change(lambda _group: self._changed.fire(self))
        self.trust = Trust(services.bus, services.feed, services.market_data.book)
        self.public: PublicInfo | None = getattr(services, "public", None)
        """What only paper accounts on a public exchange have; None elsewhere."""
        self.recording: Recorded | None = getattr(services, "recording", None)
        """The recording of one's own that is played; None of any other market."""
        self.recorder: PairRecorder | None = getattr(services, "recorder", None)
        """What records pairs of a public exchange; None elsewhere."""
        self.follower = self._follow()

    def close(self) -> None:
        """Follow the feed no more; safe to call twice."""
        self.trust.close()
        if self.follower is not None:
            self.follower.close()
            self._opened.close()

    def _follow(self) -> Follower | None:
        """Let pairs of a public exchange come as they are chosen; None on a market that carries all it lists."""
        if self.public is None:
            return None
        self._carry()
        self._opened = self.bus.subscribe(PairsFollowed, lambda _event: self._carry())
        follower = Follower(self.bus, self.public.feed, self.public.following, self._in_use)
        self.links.lists = follower.lists
        self.links.on_change(lambda _group: follower.look())
        self.board.on_change(lambda _board: follower.look())
        follower.on_arrived(self.board.arrived)
        follower.on_failed(self._not_followed)
        return follower

    def _carry(self) -> None:
        """Know the pairs that can only be looked at, too."""
        self._carried.update((pair.symbol, pair) for pair in self.feed.pairs())

    def _in_use(self) -> list[str]:
        """Return the pairs on show, and those that an alert waits for."""
        return [*self.board.in_use(), *(each.symbol for each in self.alerts.all() if each.active)]

    def _not_followed(self, told: tuple[str, str]) -> None:
        symbol, why = told
        self.board.give_up(symbol)
        self.tell(say("{symbol} cannot be shown", symbol=symbol), verbatim(why))

    @property
    def symbol(self) -> str:
        """The current pair's symbol."""
        return self.links.a.symbol

    @property
    def timeframe(self) -> Timeframe:
        """The current length of bars."""
        return self.links.a.timeframe

    @property
    def services(self) -> Services:
        """The engine behind the desk."""
        return self._services

    @property
    def bus(self) -> Bus:
        """The engine's event flow."""
        return self._services.bus

    @property
    def venue(self) -> Venue:
        """Where orders go."""
        return self._services.venue

    @property
    def feed(self) -> MarketFeed:
        """Where prices come from."""
        return self._services.feed

    @property
    def runner(self) -> Runner | None:
        """The runner of the offline market, None on a live one."""
        return getattr(self._services, "runner", None)

    @property
    def gate(self) -> Gate | None:
        """The pre-trade gate of the paper venue, with its limits and kill switch; None if there is none."""
        return getattr(self._services, "gate", None)

    @property
    def settings(self) -> Settings:
        """The settings as they are now; read them when you need them, do not keep them."""
        return self._services.settings

    @property
    def orders(self) -> Orders:
        """The service that sends and remembers orders."""
        return self._services.orders

    @property
    def portfolio(self) -> Portfolio:
        """The service that knows balances, positions and equity."""
        return self._services.portfolio

    @property
    def lots(self) -> AccountLots:
        """The service that knows the account's lot method."""
        return self._services.lots

    @property
    def explainer(self) -> Explainer:
        """The service that says where a number comes from."""
        return self._services.explainer

    @property
    def stories(self) -> OrderStories:
        """The service that says why orders filled, or did not."""
        return self._services.stories

    @property
    def alerts(self) -> Alerts:
        """The service that keeps alerts and tells when one is met."""
        return self._services.alerts

    @property
    def indicators(self) -> Indicators:
        """The service that knows every indicator, the user's own as well."""
        return self._services.indicators

    @property
    def presets(self) -> Presets:
        """What the profile keeps about indicators; read when first asked for."""
        if self._presets is None:
            from crs_desktop.viewmodels.indicators.presets import Presets

            profile = getattr(self._services, "profile", None)
            self._presets = Presets(None if profile is None else profile.studies_file)
        return self._presets

    @property
    def market_data(self) -> MarketData:
        """The service that keeps books, tapes and 24-hour figures."""
        return self._services.market_data

    @property
    def bars(self) -> Bars:
        """The service that serves bars."""
        return self._services.bars

    @property
    def prints(self) -> Prints:
        """The service that keeps prints with the side that took."""
        return self._services.prints

    @property
    def pair(self) -> TradingPair:
        """The current pair."""
        return self.pairs[self.symbol]

    def fees(self, pair: TradingPair) -> tuple[FeeRate, FeeRate]:
        """Return the rates of resting and of arriving orders: a server's or an exchange's own, else of the settings."""
        if getattr(self._services, "server", None) is not None or self.trust.exchange is not None:
            return pair.maker_fee, pair.taker_fee
        account = self.settings.account
        return FeeRate.parse(account.maker_fee), FeeRate.parse(account.taker_fee)

    @property
    def is_synced(self) -> bool:
        """Whether the prices of the current pair can be trusted."""
        return self.trust.trusts(self.symbol)

    def book(self, symbol: str) -> L2Book:
        """Return the book of a pair as it may be drawn: one whose bid and ask cross is shown as empty."""
        book = self.market_data.book(symbol)
        return L2Book(symbol) if book.is_crossed else book

    @property
    def source(self) -> str:
        """Where prices come from, for the screen: `SIMULATED`, `REPLAY`, `REPLAY Binance`, or a public exchange."""
        exchange = self.trust.exchange
        if exchange is not None:
            return exchange.title
        server, recorded = getattr(self._services, "server", None), self.recording
        if server is not None and server.title:  # it hands on the market of that exchange
            return str(server.title)
        return self.feed.label.value if recorded is None else f"{self.feed.label.value} {recorded.title}"

    @property
    def coming(self) -> str:
        """The pair that is on its way to be the current one, "" if none is."""
        return self.links.a.coming

    def refuses(self, symbol: str) -> Sentence | None:
        """Return why no orders are taken in a pair here; None if they are."""
        if self.public is None or self.follower is None:
            return None
        if self.follower.listing.is_shown_only(symbol):
            return say("{symbol} is a perpetual: it is shown here and not traded.", symbol=symbol)
        why = self.public.left_out.get(symbol)
        return verbatim(why) if why else None

    def select(self, symbol: str) -> None:
        """Make a pair the current one.

        Raises:
            InvalidInput: the venue does not list it.
        """
        self.links.a.select(symbol)

    @property
    def markets(self) -> tuple[str, ...]:
        """The pairs that have prices now, in the venue's order: a recording may carry fewer than the venue lists."""
        carried = {pair.symbol for pair in self.feed.pairs()}
        return tuple(symbol for symbol in self.pairs if symbol in carried) or (self.symbol,)

    def step_symbol(self, steps: int, group: LinkGroup | None = None) -> None:
        """Let a link group (A without one) go to the next (or a previous) pair of the list, round the end."""
        symbols, group = self.markets, group or self.links.a
        at = symbols.index(group.symbol) if group.symbol in symbols else -steps
        group.select(symbols[(at + steps) % len(symbols)])

    def set_timeframe(self, timeframe: Timeframe) -> None:
        """Choose the length of bars."""
        self.links.a.set_timeframe(timeframe)

    def pick_price(self, price: Ticks) -> None:
        """Offer a price of the current pair to the ticket."""
        self._price_picked.fire(price)

    def pick_asset(self, asset: str) -> None:
        """Show the open orders that lock this asset; an empty name shows all."""
        self._asset_picked.fire(asset)

    def pick_side(self, side: Side) -> None:
        """Ask for the ticket on this side, with the keyboard in it."""
        self._side_picked.fire(side)

    def ask_number(self, question: Question) -> None:
        """Ask where a number comes from."""
        self._number_asked.fire(question)

    def ask_why(self, order_id: OrderId, trade_id: int | None = None) -> None:
        """Ask why an order filled (with that trade), or why it did not."""
        self._why_asked.fire(WhyAsked(order_id, trade_id))

    def tell(self, title: Sentence, text: Sentence) -> None:
        """Let the window say something that concerns a pane, in passing."""
        self._told.fire(Told(title, text))

    def want_indicator(self, studies: Studies) -> None:
        """Ask for a new indicator of the user's own, on this chart."""
        self._indicator_wanted.fire(studies)

    def on_tell(self, call: Callable[[Told], object]) -> Link[Told]:
        """Be told what is to be said."""
        return self._told.add(call)

    def on_indicator_wanted(self, call: Callable[[Studies], object]) -> Link[Studies]:
        """Be told that somebody wants to write an indicator."""
        return self._indicator_wanted.add(call)

    def on_change(self, call: Callable[[Desk], object]) -> Link[Desk]:
        """Be told when the pair or the timeframe changes."""
        return self._changed.add(call)

    def on_price(self, call: Callable[[Ticks], object]) -> Link[Ticks]:
        """Be told which price was picked."""
        return self._price_picked.add(call)

    def on_asset(self, call: Callable[[str], object]) -> Link[str]:
        """Be told which asset was picked."""
        return self._asset_picked.add(call)

    def on_side(self, call: Callable[[Side], object]) -> Link[Side]:
        """Be told that the ticket is wanted."""
        return self._side_picked.add(call)

    def on_number(self, call: Callable[[Question], object]) -> Link[Question]:
        """Be told which number is to be explained."""
        return self._number_asked.add(call)

    def on_why(self, call: Callable[[WhyAsked], object]) -> Link[WhyAsked]:
        """Be told which order is to be explained."""
        return self._why_asked.add(call)

    @property
    def link_count(self) -> int:
        """How many callbacks are open; a closed pane must leave none."""
        picked = (self._price_picked, self._asset_picked, self._side_picked)
        asked = (self._number_asked, self._why_asked, self._told, self._indicator_wanted)
        hooks = sum(len(hook) for hook in (self._changed, *picked, *asked))
        return hooks + self.board.link_count - 1  # one is the desk's own, on group A
