"""What a front may ask of any engine that it shows: the paper one of this machine, or an account on a server.

A window asks for what only one of them has in these ways, and never which class it is:

- `runner` is None where nobody here owns the market's time (no pause, no jump, no other market);
- `recovery` is None where nothing is recovered from a disk of ours;
- `server` is None on paper, and says who answers otherwise;
- `recording` is None but while a recording of one's own is played, `recorder` but on a public exchange;
- `public` is None but for paper accounts on a public exchange, of which it tells venue, feed and what is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from engine.bus import Bus
from engine.domain.course import TradingState, TradingStateChanged
from engine.domain.order import AccountId, LotMethod
from engine.ports.feed import MarketFeed
from engine.ports.venue import Venue
from engine.profile import Profile, ProfileLock
from engine.settings import Settings

if TYPE_CHECKING:
    from engine.adapters.paper.recovery import RecoveryReport
    from engine.adapters.paper.runner import MarketRunner
    from engine.bootstrap.public_engine import PublicInfo
    from engine.bootstrap.recorded_pairs import RecordedPairs
    from engine.bootstrap.remote_engine import ServerInfo
    from engine.ports.recording import Recorded
    from engine.risk.gate import RiskGate
    from engine.services.alerts import Alerts
    from engine.services.bars import Bars
    from engine.services.deadman import DeadMan
    from engine.services.emergency import Emergency, Kill, KillReport
    from engine.services.explain import Explainer
    from engine.services.indicators import Indicators
    from engine.services.lots import AccountLots
    from engine.services.market_data import MarketData
    from engine.services.orders import Orders
    from engine.services.portfolio import Portfolio
    from engine.services.prints import Prints
    from engine.services.stories import OrderStories


class KillSwitchLike(Protocol):
    """What sets the trading state and remembers who did last."""

    last: TradingStateChanged | None

    def needs_reason(self, state: TradingState) -> bool: ...  # noqa: D102 - as `KillSwitch` says


class FrontEngine(Protocol):
    """A running engine as a window sees it."""

    profile: Profile
    settings: Settings
    bus: Bus
    gate: RiskGate
    emergency: Emergency
    dead_man: DeadMan
    market_data: MarketData
    bars: Bars
    prints: Prints
    alerts: Alerts
    orders: Orders
    lots: AccountLots
    portfolio: Portfolio
    explainer: Explainer
    stories: OrderStories
    indicators: Indicators

    @property
    def venue(self) -> Venue: ...  # noqa: D102 - the names say it
    @property
    def feed(self) -> MarketFeed: ...  # noqa: D102
    @property
    def kill_switch(self) -> KillSwitchLike: ...  # noqa: D102
    @property
    def runner(self) -> MarketRunner | None: ...  # noqa: D102
    @property
    def recovery(self) -> RecoveryReport | None: ...  # noqa: D102
    @property
    def server(self) -> ServerInfo | None: ...  # noqa: D102
    @property
    def public(self) -> PublicInfo | None: ...  # noqa: D102
    @property
    def recording(self) -> Recorded | None: ...  # noqa: D102
    @property
    def recorder(self) -> RecordedPairs | None: ...  # noqa: D102
    @property
    def accounts(self) -> Sequence[AccountId]: ...  # noqa: D102

    def metrics(self) -> dict[str, object]:
        """Return what was measured since the start."""
        ...

    async def apply(self, settings: Settings) -> None:
        """Make changed settings effective and keep them."""
        ...

    async def set_trading_state(self, state: TradingState, reason: str = "") -> None:
        """Set the kill switch."""
        ...

    async def kill(self, reason: str = "", kill: Kill | None = None) -> KillReport:
        """Stop trading, as far as the setting (or `kill`) says."""
        ...

    async def set_lot_method(self, method: LotMethod) -> None:
        """Match sales with purchases by another method."""
        ...

    def share_lock(self) -> ProfileLock:
        """Return the right to the profile for an engine that will stand in this one's place."""
        ...

    async def close(self) -> None:
        """End everything in order; safe to call twice."""
        ...
