"""Opening paper accounts on a public exchange.

    engine = await open_public(profile, "binance", feed=feed, bus=bus)      `bus` is the one that the feed publishes on

The accounts are what the venue's own journal says (`Profile.venue`). The market is the venue's: while the program was
closed nothing was filled, and open orders wait at the back of their queues in the books as they are when they are first
known. Pairs with open orders or positions are followed again, and those that were followed last.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from engine.adapters.paper.live_file import VenueChoices, VenueFile
from engine.adapters.paper.live_runner import LiveRunner
from engine.adapters.paper.past import Asked, Past, Rates, read_past
from engine.adapters.paper.recovery import seat_all
from engine.adapters.paper.venue import PaperVenue
from engine.adapters.recordings.library import Library
from engine.adapters.recordings.recorder import Recorder, RecordingLimits
from engine.adapters.sql.chaincheck import look_again
from engine.adapters.sql.journal import SqlJournal
from engine.adapters.sql.reader import Reader
from engine.adapters.sql.recent import read_orders
from engine.adapters.sql.statement import last_trading
from engine.bootstrap.ground import Ground, no_past, opened_journal, parts_on, prepare
from engine.bootstrap.public_account import account_here, engaged_in, rates_here, said_of_closing
from engine.bootstrap.public_engine import PublicEngine as PublicEngine
from engine.bootstrap.public_engine import PublicInfo as PublicInfo
from engine.bus import Bus
from engine.domain.command import ListPair
from engine.domain.course import MarketOpened, TradingStateChanged
from engine.domain.event import OrderRejected
from engine.domain.instrument import InstrumentKind
from engine.domain.number import Nanos
from engine.domain.order import AccountId, Reason
from engine.errors import InvalidInput, VenueUnavailable
from engine.exchange.listed import ListedGate
from engine.exchange.live import LiveMarket
from engine.portfolio.currency import currency_of
from engine.portfolio.fold import Fold
from engine.ports.exchange import ExchangeFeed
from engine.ports.secrets import SecretStore
from engine.profile import Profile, ProfileLock
from engine.risk.gate import RiskGate
from engine.services.following import Following
from engine.services.latency import latency_of
from engine.services.limits import limits_of
from engine.services.offload import offload
from engine.services.order_fold import OrderPast
from engine.settings import Settings, load

KIND = "live"
"""Of the market, in the journal."""

FIRST = ("BTC/USDT", "BTC/USD", "BTC/USDC", "BTC/EUR")
"""What is followed where nothing was asked for, the first of these that the venue lists."""

log = logging.getLogger(__name__)


async def open_public(
    profile: Profile,
    venue: str,
    *,
    feed: ExchangeFeed,
    bus: Bus,
    follow: Sequence[str] = (),
    secrets: SecretStore | None = None,
    lock: ProfileLock | None = None,
) -> PublicEngine:
    """Open the paper accounts on a public exchange: recover them, or make the first one, and start.

    Args:
        profile: the user's own; the accounts' database is in its `venues/NAME`.
        venue: its name, e.g. `binance`.
        feed: of that venue, knowing its instruments; whoever made it closes it, after the engine.
        bus: what the feed publishes on.
        follow: symbols to be followed besides those that are followed again.
        secrets: where the key of encrypted accounts is; None finds the place that this machine has.
        lock: shared by another engine of this program on the same profile (`FrontEngine.share_lock`); it is given back
            if nothing opens.

    Raises:
        ProfileInUse: another program runs on this profile.
        InvalidInput: that is no name of a venue, or it lists nothing that was asked for.
        InvalidSetting: the settings file holds a bad value.
        SecretsLocked: the accounts are encrypted, and a passphrase must bring their key first.
        VenueUnavailable: the venue lists nothing.
        StorageUnavailable, StorageCorrupt, StorageTooNew: the database cannot be used.
    """
    lock = lock or ProfileLock(profile)
    home_lock: ProfileLock | None = None
    try:
        home = profile.venue(venue)
        home_lock = ProfileLock(home)
        settings = load(profile.settings_file)
        await prepare(home, secrets)
        return await _open(profile, home, settings, (lock, home_lock), feed, bus, follow)
    except BaseException:
        lock.release()
        if home_lock is not None:
            home_lock.release()
        raise


@dataclass(slots=True)
class _Start:
    """What the journal gives to go on with."""

    past: Past
    fold: Fold
    choices: VenueChoices
    account: AccountId
    exists: bool
    """Whether there was an account."""
    last_at: Nanos
    """The last instant at which the program is known to have run; 0 for a new account."""
    orders: OrderPast = field(default_factory=OrderPast)
    trading: TradingStateChanged | None = None

    @property
    def engaged(self) -> list[str]:
        """The pairs in which something is held or open."""
        return engaged_in(self.fold)


def _read(home: Profile, exists: bool) -> _Start:
    """Read the journal and what was chosen; runs off the loop."""
    choices = VenueFile(home.choices_file).load()
    if not exists:
        past = Past()
        return _Start(past, copy.deepcopy(past.books.fold), choices, account_here(choices, ()), False, Nanos(0))
    look_again(home.database)
    with Reader(home.database) as reader:
        past = read_past(reader)
        fold = copy.deepcopy(past.books.fold)
        account = account_here(choices, fold.accounts())
        snapshot = reader.snapshot()
        last_at = max(past.last_at, Nanos(snapshot.at if snapshot is not None else 0))
        orders = read_orders(reader, account)
        known = account in fold.accounts()
        return _Start(past, fold, choices, account, known, last_at, orders, last_trading(reader))


async def _open(
    profile: Profile,
    home: Profile,
    settings: Settings,
    locks: tuple[ProfileLock, ProfileLock],
    feed: ExchangeFeed,
    bus: Bus,
    follow: Sequence[str],
) -> PublicEngine:
    gate, following = RiskGate(limits_of(settings)), Following(feed)
    engine: PublicEngine | None = None
    try:
        async with opened_journal(home, bus) as (journal, exists):
            start = await offload(_read, home, exists)
            missing = await _follow(following, feed, follow, start)
            now = Nanos(max(feed.now, start.last_at))
            listed = ListedGate(gate, feed.title, feed.instruments)
            market = LiveMarket(start.past.pairs.values(), at=now, gate=listed, contracts=not _spot(feed))
            seat_all(start.past, market)
            engine = _assemble(
                profile, home, settings, locks, following, feed, bus, journal, gate, market, start, missing
            )  # fmt: skip
            await _begin(engine, start)
    except BaseException:
        await (following.close() if engine is None else engine.close())
        raise
    engine.start()
    log.info("venue account open", extra={"venue": feed.venue, "records": engine.recovery.records})
    return engine


async def _follow(following: Following, feed: ExchangeFeed, follow: Sequence[str], start: _Start) -> list[str]:
    """Follow what was asked for and what was followed before; return what the venue does not list of what we have.

    Raises:
        InvalidInput: something that was asked for is not listed.
        VenueUnavailable: the venue lists nothing at all.
    """
    for symbol in follow:
        await following.follow(symbol)
    missing = []
    for symbol in start.engaged:
        try:
            await following.keep(symbol)
        except InvalidInput as error:
            log.warning("not followed again: %s", error)
            missing.append(symbol)
    for symbol in () if follow else start.choices.followed:
        try:
            await following.follow(symbol)
        except InvalidInput as error:
            log.info("not followed again: %s", error)
    if not feed.pairs():
        await following.follow(first_pair(feed))
    return missing


def first_pair(feed: ExchangeFeed) -> str:
    """Return what to follow where nothing was asked for.

    Raises:
        VenueUnavailable: the venue lists nothing.
    """
    listed = _spot(feed) or [each.symbol for each in feed.instruments()]
    if not listed:
        raise VenueUnavailable(f"{feed.title} lists no pair now.")
    usual = (each for wanted in FIRST for each in listed if each.partition(":")[0] == wanted)
    return next(usual, listed[0])


def _spot(feed: ExchangeFeed) -> list[str]:
    return [each.symbol for each in feed.instruments() if each.kind is InstrumentKind.SPOT]


def _assemble(
    profile: Profile,
    home: Profile,
    settings: Settings,
    locks: tuple[ProfileLock, ProfileLock],
    following: Following,
    feed: ExchangeFeed,
    bus: Bus,
    journal: SqlJournal,
    gate: RiskGate,
    market: LiveMarket,
    start: _Start,
    missing: list[str],
) -> PublicEngine:
    """Put the parts together; nothing is started."""
    past, now = start.past, market.now
    lost = _never_arrived(past.under_way, market)
    report, closed = said_of_closing(feed, start.fold, start.last_at, past.records, missing, len(lost))
    market.list_pairs(feed.pairs())
    journal.begin(past)
    venue = PaperVenue(bus, journal, market, start.fold, start.account)
    venue.record([
        *([] if past.market is not None else [MarketOpened(KIND, 0, now)]),
        *(ListPair(pair) for pair in market.exchange.pairs() if past.pairs.get(pair.symbol) != pair),
        *lost,
    ])  # fmt: skip
    runner = LiveRunner(bus, journal, venue, market, feed, seed=past.records)
    ground = Ground(
        profile=profile,
        home=home,
        settings=settings,
        bus=bus,
        journal=journal,
        venue=venue,
        feed=feed,
        gate=gate,
        past=past,
        fold=start.fold,
        orders=start.orders,
        trading=start.trading,
        report=report,
        lock=locks[0],
        past_prints=getattr(feed, "past_prints", no_past),
    )
    currency = currency_of(market.exchange.pairs())
    info = PublicInfo(feed.venue, feed.title, currency, feed, following, closed, market.left_out)
    library, limits = Library(profile.recordings_dir), RecordingLimits.of(settings)
    return PublicEngine(
        live=runner,
        tape=Recorder(bus, feed, library, limits, meets=runner),
        public=info,
        choices=start.choices,
        _home_lock=locks[1],
        **parts_on(ground),
    )


async def _begin(engine: PublicEngine, start: _Start) -> None:
    """Take up the account or open the first one, with the fees that the venue has now."""
    if start.exists:
        await engine.lots.take_up(start.account)
        rates: dict[AccountId, dict[str, Rates]] = start.past.rates
        changed = rates_here(engine.venue.market.exchange.pairs(), engine.feed.pairs(), start.fold.accounts(), rates)
        if changed:
            await engine.venue.execute(changed)
    else:
        await engine.venue.execute(engine.opening(start.account))
    engine.live.set_latency(latency_of(engine.settings))
    engine.live.save()


def _never_arrived(asked: Iterable[Asked], market: LiveMarket) -> list[OrderRejected]:
    """Refuse what was sent and had not arrived when the program ended; nobody was told that it had been taken."""
    found = []
    for each in asked:
        text = (
            "It had not reached the exchange when the program ended, so it was not placed. Send it again if you want."
        )
        refusal = OrderRejected(each.account, each.order_id, Reason.NO_BOOK, text, market.now)
        market.exchange.remember(each, refusal)
        found.append(refusal)
    return found
