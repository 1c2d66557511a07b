"""The service that keeps alerts, looks at every print, quote and bar for them, and tells when one is met.

A rule is met by a crossing: the market was on one side and comes to the level or beyond it. The side is remembered
across a restart, so a level that was crossed while the program was closed is told with the first price. A jump of the
market's time forgets the sides: nothing was crossed then.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from dataclasses import dataclass
from uuid import uuid4

import msgspec

from engine.bus import Bus
from engine.domain.market import BookDiff, FeedState, Timeframe, TradeTick
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.domain.pair import TradingPair
from engine.errors import CrsError, InvalidInput
from engine.ports.alerts import AlertStore
from engine.ports.feed import BarArrays, FeedStateChanged, MarketFeed, TradesPrinted
from engine.services.alerts.alert import Alert, Fired, LineRule, PriceRule, PriceSource, Repeat, Rule, StudyRule
from engine.services.alerts.watch import Study, crossed, side_of
from engine.services.alerts.words import told
from engine.services.bars import BarClosed, Bars
from engine.services.market_data import MarketData
from engine.services.offload import offload
from engine.services.task import TaskOwner

MOST = 1_000
"""Alerts that can be kept."""
REMEMBERED = 500
"""Times told that are remembered."""
WARM_UP = 2_000
"""Closed bars that an indicator is warmed up with: more than five times the longest usual period."""
RETRY_S = 10.0
"""After which an indicator whose history could not be had is tried again."""
MINUTE = 60 * NANOS_PER_SECOND

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AlertFired:
    """Event: an alert was met."""

    alert: Alert
    fired: Fired


@dataclass(frozen=True, slots=True)
class AlertsChanged:
    """Event: the list changed; `text` says what was wrong with the disk, if something was."""

    text: str = ""


class _Kept(msgspec.Struct):
    version: int = 1
    alerts: list[Alert] = []
    fired: list[Fired] = []


class Alerts:
    """All alerts of a profile."""

    def __init__(self, bus: Bus, feed: MarketFeed, market_data: MarketData, bars: Bars, store: AlertStore) -> None:
        self._bus, self._feed, self._market_data, self._bars, self._store = bus, feed, market_data, bars, store
        self._alerts: dict[str, Alert] = {}
        self._by_symbol: dict[str, list[str]] = {}
        self._studies: dict[str, Study | asyncio.Task[None]] = {}
        """Indicators that are kept up to date, and the tasks that warm up those to come."""
        self.fired: deque[Fired] = deque(maxlen=REMEMBERED)
        """The newest last."""
        self.problem = ""
        self._tasks = TaskOwner("alerts")
        self._saving = asyncio.Lock()
        self._stale = False
        self._subscriptions = (
            bus.subscribe(TradesPrinted, self._on_trades),
            bus.subscribe(BookDiff, self._on_diff),
            bus.subscribe(BarClosed, self._on_bar),
            bus.subscribe(FeedStateChanged, self._on_state),
        )

    def all(self) -> list[Alert]:
        """Return every alert, oldest first."""
        return list(self._alerts.values())

    def of(self, symbol: str) -> list[Alert]:
        """Return the alerts of a pair, oldest first."""
        return [self._alerts[each] for each in self._by_symbol.get(symbol, ())]

    async def start(self) -> None:
        """Read what was kept; what cannot be understood is set aside with a sentence, never lost."""
        try:
            data = await offload(self._store.load)
            kept = msgspec.json.decode(data, type=_Kept) if data is not None else _Kept()
        except msgspec.DecodeError as error:
            self.problem = f"The alerts could not be read ({error}); their file is kept as {self._store.set_aside()}."
            kept = _Kept()
        except CrsError as error:
            self.problem, kept = str(error), _Kept()
        self.fired.extend(kept.fired)
        for alert in kept.alerts:
            self._put(alert)
        self._bus.publish(AlertsChanged(self.problem))

    def stop(self) -> None:
        """End all subscriptions and what is still loading, and write nothing more."""
        for subscription in self._subscriptions:
            subscription.close()
        self._tasks.close()
        for key in tuple(self._studies):
            self._forget_study(key)

    async def close(self) -> None:
        """Write what is not written yet, and end all subscriptions."""
        await self._tasks.join()
        self.stop()
        if self._stale:
            await self._save()

    async def add(self, symbol: str, rule: Rule, **options: object) -> Alert:
        """Keep a new alert; it is on the disk when this returns.

        Args:
            symbol: the pair.
            rule: what is to be met.
            options: `note`, `repeat`, `sound`, `expires_at` of `Alert`.

        Raises:
            InvalidInput: the rule cannot be, the market does not carry the pair, or there are too many.
            StorageUnavailable: the disk refuses; the alert holds until the program ends.
        """
        if symbol not in {pair.symbol for pair in self._feed.pairs()}:
            raise InvalidInput(f"{symbol} has no prices here, so nothing could be told about it.")
        if len(self._alerts) >= MOST:
            raise InvalidInput(f"There are {MOST} alerts already; remove some first.")
        alert = Alert(uuid4().hex[:12], symbol, rule, created_at=self._feed.now, **options)  # type: ignore[arg-type]
        alert.check()
        self._put(self._sided(alert))
        await self._kept()
        return self._alerts[alert.id]

    async def change(self, alert: Alert) -> None:
        """Replace an alert by one with the same id; what it was before counts no more.

        Raises:
            InvalidInput: it was removed meanwhile, or the rule cannot be.
            StorageUnavailable: the disk refuses; the change holds until the program ends.
        """
        if alert.id not in self._alerts:
            raise InvalidInput("This alert was removed meanwhile.")
        alert.check()
        self._put(self._sided(msgspec.structs.replace(alert, side=0)))
        await self._kept()

    async def remove(self, *ids: str) -> list[Alert]:
        """Remove alerts and return them, so that it can be undone by `restore`.

        Raises:
            StorageUnavailable: the disk refuses; they are gone until the program ends.
        """
        gone = [self._alerts[each] for each in ids if each in self._alerts]
        for alert in gone:
            self._forget_study(alert.id)
            self._by_symbol[alert.symbol].remove(alert.id)
            del self._alerts[alert.id]
        await self._kept()
        return gone

    async def restore(self, alerts: list[Alert]) -> None:
        """Bring removed alerts back.

        Raises:
            StorageUnavailable: the disk refuses.
        """
        for alert in alerts:
            self._put(self._sided(msgspec.structs.replace(alert, side=0)))
        await self._kept()

    async def clear_fired(self) -> None:
        """Forget what was told.

        Raises:
            StorageUnavailable: the disk refuses.
        """
        self.fired.clear()
        await self._kept()

    # -- looking ----------------------------------------------------------------------------------

    def _on_trades(self, event: TradesPrinted) -> None:
        for key in tuple(self._by_symbol.get(event.symbol, ())):
            alert = self._alerts[key]
            if not alert.active:
                continue
            rule = alert.rule
            if isinstance(rule, StudyRule):
                self._look_at_forming(alert, rule, event.ticks[-1])
            elif isinstance(rule, LineRule) or rule.source is PriceSource.LAST:
                for tick in event.ticks:
                    if not self._look(key, tick.price, _level(rule, tick.at), tick.at):
                        break

    def _on_diff(self, diff: BookDiff) -> None:
        for key in tuple(self._by_symbol.get(diff.symbol, ())):
            alert = self._alerts[key]
            rule = alert.rule
            if not alert.active or not isinstance(rule, PriceRule) or rule.source is PriceSource.LAST:
                continue
            quote = self._market_data.quote(diff.symbol)
            price = quote.bid if rule.source is PriceSource.BID else quote.ask
            if price is not None:
                self._look(key, price, float(rule.level), diff.at)

    def _on_bar(self, event: BarClosed) -> None:
        for key in tuple(self._by_symbol.get(event.bar.symbol, ())):
            alert, study = self._alerts[key], self._studies.get(key)
            if not isinstance(study, Study) or study.rule.timeframe != event.timeframe:
                continue
            if event.bar.start > study.last_start + event.timeframe.nanos:  # one closed while history was read
                self._put(alert)
                continue
            distance = study.push(event.bar)
            if distance is not None and alert.active:
                at = Nanos(event.bar.start + event.timeframe.nanos)
                self._look(key, distance, 0.0, at, price=event.bar.close)

    def _look_at_forming(self, alert: Alert, rule: StudyRule, tick: TradeTick) -> None:
        study = self._studies.get(alert.id)
        if rule.on_close or not isinstance(study, Study):
            return
        bar = self._bars.forming(alert.symbol, Timeframe(rule.timeframe))
        distance = None if bar is None else study.preview(bar)
        if distance is not None:
            self._look(alert.id, distance, 0.0, tick.at, price=tick.price)

    def _look(self, key: str, value: float, level: float | None, at: int, price: int | None = None) -> bool:
        """Compare once; False if the alert tells no more."""
        alert = self._alerts[key]
        if alert.expires_at is not None and at >= alert.expires_at:
            self._replace(alert, active=False)
            return False
        if level is None:
            if alert.side:
                self._replace(alert, quiet=True, side=0)
            return True
        now = side_of(value, level)
        before = alert.side
        if crossed(before, now, alert.rule.cross):
            self._replace(alert, quiet=True, side=now)
            return self._fire(self._alerts[key], at, round(value) if price is None else price)
        if now and now != before:
            self._replace(alert, quiet=True, side=now)
        return True

    def _fire(self, alert: Alert, at: int, price: int) -> bool:
        if alert.repeat is Repeat.PER_MINUTE and alert.last_fired_at is not None and at < alert.last_fired_at + MINUTE:
            return True
        pair = self._pair(alert.symbol)
        if pair is None:
            return True
        fired = Fired(alert.id, alert.symbol, at, price, told(alert, pair))
        goes_on = alert.repeat is not Repeat.ONCE
        self._replace(alert, active=goes_on, fired=alert.fired + 1, last_fired_at=at)
        self.fired.append(fired)
        self._bus.publish(AlertFired(self._alerts[alert.id], fired))
        return goes_on

    def _pair(self, symbol: str) -> TradingPair | None:
        return next((each for each in self._feed.pairs() if each.symbol == symbol), None)

    # -- keeping ----------------------------------------------------------------------------------

    def _put(self, alert: Alert) -> None:
        self._forget_study(alert.id)
        self._alerts[alert.id] = alert
        keys = self._by_symbol.setdefault(alert.symbol, [])
        if alert.id not in keys:
            keys.append(alert.id)
        if isinstance(alert.rule, StudyRule):
            self._studies[alert.id] = self._tasks.start(self._warm_up(alert.id, alert.symbol, alert.rule))

    def _replace(self, alert: Alert, *, quiet: bool = False, **changes: object) -> None:
        self._alerts[alert.id] = msgspec.structs.replace(alert, **changes)
        if not quiet:
            self._bus.publish(AlertsChanged())
        if not self._stale:
            self._stale = True
            self._tasks.start(self._save_soon())

    def _sided(self, alert: Alert) -> Alert:
        """Return the alert with the side on which the market is now, if that is known."""
        rule = alert.rule
        if isinstance(rule, StudyRule):
            return alert
        quote, last = self._market_data.quote(alert.symbol), self._market_data.last_price(alert.symbol)
        source = rule.source if isinstance(rule, PriceRule) else PriceSource.LAST
        price = {PriceSource.LAST: last, PriceSource.BID: quote.bid, PriceSource.ASK: quote.ask}[source]
        level = _level(rule, self._feed.now)
        side = 0 if price is None or level is None else side_of(price, level)
        return msgspec.structs.replace(alert, side=side)

    async def _warm_up(self, key: str, symbol: str, rule: StudyRule) -> None:
        pair = self._pair(symbol)
        if pair is None:  # a recording may carry fewer pairs; it waits until another market carries it
            return
        try:
            timeframe, study = Timeframe.parse(rule.timeframe), Study(rule, pair)
        except InvalidInput as error:  # kept by another version, or by hand
            self.problem = f"An alert on {symbol} stands still: {error}"
            self._replace(self._alerts[key], active=False)
            self._bus.publish(AlertsChanged(self.problem))
            return
        history = await self._watched_history(symbol, timeframe)
        distance = study.fill(history)
        self._studies[key] = study
        if distance is not None and self._alerts[key].active:
            self._look(key, distance, 0.0, self._feed.now, price=int(history.close[-1]))

    async def _watched_history(self, symbol: str, timeframe: Timeframe) -> BarArrays:
        """Watch a pair's bars and return the closed ones; as often as it takes."""
        while True:
            try:
                await self._bars.watch(symbol, timeframe)
                return await self._bars.history(symbol, timeframe, count=WARM_UP)
            except CrsError as error:
                self._bars.unwatch(symbol, timeframe)
                log.warning("no history for an alert", extra={"symbol": symbol, "cause": str(error)})
            except BaseException:
                self._bars.unwatch(symbol, timeframe)
                raise
            await asyncio.sleep(RETRY_S)

    def _forget_study(self, key: str) -> None:
        study = self._studies.pop(key, None)
        if isinstance(study, Study) and key in self._alerts:
            self._bars.unwatch(self._alerts[key].symbol, Timeframe(study.rule.timeframe))
        elif study is not None and not isinstance(study, Study):
            study.cancel()

    def _on_state(self, event: FeedStateChanged) -> None:
        if event.state is not FeedState.SNAPSHOT:
            return
        for alert in self.all():  # a jump, or another market: nothing was crossed on the way
            self._put(msgspec.structs.replace(alert, side=0))

    async def _kept(self) -> None:
        self._bus.publish(AlertsChanged())
        await self._save()

    async def _save_soon(self) -> None:
        await asyncio.sleep(1.0)
        try:
            await self._save()
        except CrsError as error:
            log.warning("alerts not saved", extra={"cause": str(error)})
            self.problem = str(error)
            self._bus.publish(AlertsChanged(self.problem))

    async def _save(self) -> None:
        async with self._saving:
            self._stale = False
            data = msgspec.json.encode(_Kept(alerts=self.all(), fired=list(self.fired)))
            try:
                await offload(self._store.save, data)
            except CrsError:
                self._stale = True
                raise


def _level(rule: PriceRule | LineRule, at: int) -> float | None:
    return float(rule.level) if isinstance(rule, PriceRule) else rule.level(at)
