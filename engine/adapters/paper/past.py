"""What the journal says happened: the accounts, and what a market needs to go on with them.

The journal's writer keeps it up to date, record by record, and has it make a snapshot now and then; a start takes
the newest snapshot that is whole and folds the records after it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.adapters.paper.answers import Answers
from engine.adapters.paper.pastdump import PaceDump, PastDump, dumped, loaded
from engine.adapters.sql.books import Books
from engine.adapters.sql.codec import DAYS, FACTS
from engine.adapters.sql.reader import Reader
from engine.domain.command import ListPair, SetFees, SubmitList, SubmitOrder
from engine.domain.course import (
    Breach,
    MarketJumped,
    MarketOpened,
    MarketReopened,
    PaceChanged,
    TradingState,
    TradingStateChanged,
)
from engine.domain.day import DayHigh, DayOpened
from engine.domain.event import OrderAccepted, OrderRejected
from engine.domain.number import Nanos
from engine.domain.order import AccountId, OrderId, Reason
from engine.domain.pair import FeeRate, TradingPair
from engine.errors import StorageCorrupt, StorageTooNew
from engine.exchange.kernel import outcome_of
from engine.portfolio.fold import Fold
from engine.portfolio.folddump import dump_fold, load_fold

PACES = 1_000
"""Changes of pace kept; only those since the last snapshot of the market are ever asked for."""

CHECKED = 20_000
"""Records before a snapshot whose chain is checked at the start all the same; the older ones are checked later."""

Asked = SubmitOrder | SubmitList
Answer = OrderAccepted | OrderRejected
Rates = tuple[FeeRate | None, FeeRate | None]

START = Nanos(0)

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Past:
    """A journal folded up to its last record."""

    books: Books = field(default_factory=Books)
    pairs: dict[str, TradingPair] = field(default_factory=dict)
    answers: dict[AccountId, Answers] = field(default_factory=dict)
    lists: dict[tuple[AccountId, OrderId], SubmitList] = field(default_factory=dict)
    """Lists that were accepted, as far as one of their orders may be open."""
    rates: dict[AccountId, dict[str, Rates]] = field(default_factory=dict)
    market: MarketOpened | None = None
    """The market that runs, as it was opened."""
    paces: list[tuple[int, bool]] = field(default_factory=list)
    """From which record on the running market advanced in coarse steps (True) or in full flow."""
    last_at: Nanos = START
    """The running market's instant at the last record."""
    trading: TradingState = TradingState.ACTIVE
    """The kill switch, as it was left."""
    days: dict[AccountId, DayOpened] = field(default_factory=dict)
    """The day of the venue that each account was last valued on, as it opened…"""
    highs: dict[AccountId, DayHigh] = field(default_factory=dict)
    """…and the account's best value since, as far as it was noted."""
    breaches: tuple[Breach, ...] = ()
    """Limits on the losses of the last such day that stopped trading."""
    records: int = 0
    folded: int = 0
    """How many of the records were folded since the snapshot that this came from."""
    _asked: dict[tuple[AccountId, OrderId], list[Asked]] = field(default_factory=dict)
    """Commands that were sent and not answered yet, oldest first, by account and id."""

    @property
    def fold(self) -> Fold:
        """The accounts."""
        return self.books.fold

    def coarse_at(self, seq: int) -> bool:
        """Return whether the market advanced in coarse steps after record `seq`."""
        return next((coarse for since, coarse in reversed(self.paces) if since <= seq), False)

    def take(self, seq: int, at: int, record: Any) -> Sequence[object]:  # noqa: ANN401 - any kind of record
        """Fold one record in and return what follows from it."""
        self.records, self.folded = seq, self.folded + 1
        if not isinstance(record, DAYS):  # which may be noted later than it was
            self.last_at = Nanos(at)
        follows = self.books.apply(record)
        if isinstance(record, FACTS):
            if isinstance(record, Answer):
                self._answered(record)
            return follows
        match record:
            case SubmitOrder() | SubmitList():
                asked = self._asked.setdefault((record.account, record.order_id), [])
                if record not in asked:  # sent again after it was lost on its way
                    asked.append(record)
            case ListPair():
                self.pairs[record.pair.symbol] = record.pair
            case SetFees():
                self.rates.setdefault(record.account, {})[record.symbol] = (record.maker, record.taker)
            case MarketOpened():
                self.market = record
                self.paces = [(seq, False)]
                self.highs = {}  # of other prices; likewise below
                self._asked = {}  # of the market before, which is gone
            case PaceChanged():
                self.paces = [*self.paces[-PACES:], (seq, record.coarse)]
            case MarketJumped():
                self.last_at = record.to
                self.highs = {}
            case MarketReopened():
                self.last_at = record.to
            case TradingStateChanged():
                self.trading = record.state
                if record.breach is not None:
                    today = [each for each in self.breaches if each.day == record.breach.day]
                    self.breaches = (*today, record.breach)
            case DayOpened():
                self.days[record.account] = record
                self.highs.pop(record.account, None)
            case DayHigh():
                self.highs[record.account] = record
        return follows

    def open_lists(self, account: AccountId) -> dict[OrderId, SubmitList]:
        """Return the lists of an account of which an order is open, by their ids; forgets the others."""
        if not self.lists:
            return {}
        ids = {order.list_id for order in self.books.fold.orders(account)}
        for key in [key for key in self.lists if key[0] == account and key[1] not in ids]:
            del self.lists[key]
        return {list_id: command for (owner, list_id), command in self.lists.items() if owner == account}

    def snapshot(self, last_hash: str) -> bytes:
        """Return everything as of the last record, whose hash is `last_hash`; `load` makes it again."""
        return dumped(self._dump(last_hash), {account: answers.parts() for account, answers in self.answers.items()})

    def _dump(self, last_hash: str) -> PastDump:
        accounts = self.books.fold.accounts()
        return PastDump(
            records=self.records,
            last_hash=last_hash,
            fold=dump_fold(self.books.fold),
            market=self.market,
            paces=tuple(PaceDump(*pace) for pace in self.paces),
            last_at=self.last_at,
            trading=self.trading,
            lists=tuple(command for account in accounts for command in self.open_lists(account).values()),
            sent_orders=tuple(each for each in self.under_way if isinstance(each, SubmitOrder)),
            sent_lists=tuple(each for each in self.under_way if isinstance(each, SubmitList)),
            days=tuple(self.days.values()),
            highs=tuple(self.highs.values()),
            breaches=self.breaches,
        )

    def equals(self, data: bytes, last_hash: str) -> bool:
        """Whether a snapshot holds all of this, the last record having this hash."""
        try:
            other, of = Past.load(data)
        except (StorageCorrupt, StorageTooNew):  # it is not used either
            return True
        mine, theirs = self._dump(last_hash), other._dump(of)
        answers = {account: list(each) for account, each in self.answers.items()}
        return mine == theirs and answers == {account: list(each) for account, each in other.answers.items()}

    @classmethod
    def load(cls, data: bytes) -> tuple[Past, str]:
        """Return what `snapshot` dumped, and the hash of its last record.

        Raises:
            StorageCorrupt, StorageTooNew: the data is no snapshot of this version.
        """
        dump, answers = loaded(data)
        past = cls(
            books=Books(load_fold(dump.fold)),
            pairs={pair.symbol: pair for pair in dump.fold.pairs},
            answers={account: Answers(parts) for account, parts in answers.items()},
            lists={(command.account, command.order_id): command for command in dump.lists},
            market=dump.market,
            paces=[(pace.since, pace.coarse) for pace in dump.paces],
            last_at=dump.last_at,
            trading=dump.trading,
            days={each.account: each for each in dump.days},
            highs={each.account: each for each in dump.highs},
            breaches=dump.breaches,
            records=dump.records,
        )
        sent: tuple[Asked, ...] = (*dump.sent_orders, *dump.sent_lists)
        for asked in sent:
            past._asked.setdefault((asked.account, asked.order_id), []).append(asked)
        for each in dump.fold.rates:
            past.rates.setdefault(each.account, {})[each.symbol] = (each.maker, each.taker)
        return past, dump.last_hash

    @property
    def under_way(self) -> list[Asked]:
        """Orders and lists that were sent and had not reached the exchange at the last record."""
        return [asked for each in self._asked.values() for asked in each]

    def _answered(self, answer: Answer) -> None:
        if isinstance(answer, OrderAccepted):
            asked = self._taken(answer.account, answer.list_id or answer.order_id)
            if isinstance(asked, SubmitList):  # with the list's first order
                self.lists[asked.account, asked.order_id] = asked
                self._keep(asked, answer)
            self._keep(answer.order, answer)
        elif answer.reason is not Reason.UNKNOWN_ORDER:  # that was said of a cancel or an amend
            newest = answer.reason is Reason.DUPLICATE_ID
            asked = self._taken(answer.account, answer.order_id, newest=newest)
            if asked is not None:
                self._keep(asked, answer)

    def _taken(self, account: AccountId, order_id: OrderId, *, newest: bool = False) -> Asked | None:
        """Take out the command that is answered now; of several under one id the first is answered first."""
        asked = self._asked.get((account, order_id))
        if asked is None:
            return None
        taken = asked.pop(-1 if newest else 0)
        if not asked:
            del self._asked[account, order_id]
        return taken

    def _keep(self, asked: Asked, answer: Answer) -> None:
        if isinstance(answer, OrderRejected) and answer.reason is Reason.DUPLICATE_ID:  # the first answer counts
            return
        self.answers.setdefault(answer.account, Answers()).add(asked.order_id, outcome_of(asked, answer))


def read_past(reader: Reader) -> Past:
    """Fold a journal from its newest snapshot that is whole, checking the records after it and the last before it.

    Raises:
        StorageCorrupt: a record is missing or damaged; names it.
    """
    for stored in reader.account_snapshots():
        try:
            past, last_hash = Past.load(stored.data)
            if (past.records, last_hash) != (stored.seq, reader.hash_of(stored.seq)):
                raise StorageCorrupt("It is of another journal.")
            return _folded(past, reader)
        except (StorageCorrupt, StorageTooNew) as error:  # the records before it are enough
            log.warning("snapshot of the accounts passed over: %s", error, extra={"record": stored.seq})
    log.info("accounts folded from the whole journal")
    return _folded(Past(), reader)


def _folded(past: Past, reader: Reader) -> Past:
    for entry in reader.entries(max(0, past.records - CHECKED)):
        if entry.seq > past.records:
            past.take(entry.seq, entry.ts_ns, reader.decoded(entry))
    return past
