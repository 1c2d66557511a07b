"""What a desk needs of the engine behind it, as a protocol: the paper one, a server's, a replay, a test's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from engine.bus import Bus

if TYPE_CHECKING:
    from engine.ports.feed import MarketFeed
    from engine.ports.venue import Venue
    from engine.services.alerts import Alerts
    from engine.services.bars import Bars
    from engine.services.explain import Explainer
    from engine.services.indicators import Indicators
    from engine.services.lots import AccountLots
    from engine.services.market_data import MarketData
    from engine.services.orders import Orders
    from engine.services.portfolio import Portfolio
    from engine.services.prints import Prints
    from engine.services.stories import OrderStories
    from engine.settings import Settings


class Runner(Protocol):
    """What the desk needs of the offline market's runner."""

    @property
    def speed(self) -> float:
        """How many market seconds pass in one second."""
        ...

    @property
    def paused(self) -> bool:
        """Whether market time stands still."""
        ...


class Services(Protocol):
    """A running engine, as `engine.bootstrap.open_engine` returns it."""

    @property
    def bus(self) -> Bus: ...  # noqa: D102 - the names say it
    @property
    def venue(self) -> Venue: ...  # noqa: D102
    @property
    def feed(self) -> MarketFeed: ...  # noqa: D102
    @property
    def settings(self) -> Settings: ...  # noqa: D102
    @property
    def orders(self) -> Orders: ...  # noqa: D102
    @property
    def portfolio(self) -> Portfolio: ...  # noqa: D102
    @property
    def lots(self) -> AccountLots: ...  # noqa: D102
    @property
    def explainer(self) -> Explainer: ...  # noqa: D102
    @property
    def stories(self) -> OrderStories: ...  # noqa: D102
    @property
    def alerts(self) -> Alerts: ...  # noqa: D102
    @property
    def indicators(self) -> Indicators: ...  # noqa: D102
    @property
    def market_data(self) -> MarketData: ...  # noqa: D102
    @property
    def bars(self) -> Bars: ...  # noqa: D102
    @property
    def prints(self) -> Prints: ...  # noqa: D102
