"""What the journal says happened: the accounts, and what a market needs to go on with them."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from engine.adapters.sql.books import Books
from engine.adapters.sql.codec import FACTS
from engine.adapters.sql.reader import Reader
from engine.domain.command import ListPair, SetFees, SubmitList, SubmitOrder
from engine.domain.course import MarketJumped, MarketOpened, PaceChanged, TradingState, TradingStateChanged
from engine.domain.event import OrderAccepted, OrderRejected
from engine.domain.number import Nanos
from engine.domain.order import AccountId, OrderId
from engine.domain.pair import FeeRate, TradingPair

REMEMBERED = 100_000
"""Answers kept per account, as the exchange does."""

Asked = SubmitOrder | SubmitList
Answer = OrderAccepted | OrderRejected
Rates = tuple[FeeRate | None, FeeRate | None]


START = Nanos(0)


@dataclass(slots=True)
class Past:
    """A journal folded up to its last record."""

    books: Books = field(default_factory=Books)
    pairs: dict[str, TradingPair] = field(default_factory=dict)
    facts: dict[AccountId, list[Any]] = field(default_factory=dict)
    answers: dict[AccountId, OrderedDict[OrderId, tuple[Asked, Answer]]] = field(default_factory=dict)
    rates: dict[AccountId, dict[str, Rates]] = field(default_factory=dict)
    market: MarketOpened | None = None
    """The market that runs, as it was opened."""
    paces: list[tuple[int, bool]] = field(default_factory=list)
    """From which record on the running market advanced in coarse steps (True) or in full flow."""
    last_at: Nanos = START
    """The running market's instant at the last record."""
    trading: TradingState = TradingState.ACTIVE
    """The kill switch, as it was left."""
    records: int = 0
    _asked: Asked | None = None

    def coarse_at(self, seq: int) -> bool:
        """Return whether the market advanced in coarse steps after record `seq`."""
        return next((coarse for since, coarse in reversed(self.paces) if since <= seq), False)

    def take(self, seq: int, at: int, record: Any) -> None:  # noqa: ANN401 - any kind of record
        """Fold one record in."""
        self.records = seq
        self.last_at = Nanos(at)
        self.books.apply(record)
        if isinstance(record, FACTS):
            self.facts.setdefault(record.account, []).append(record)
            if isinstance(record, Answer):
                self._answered(record)
            return
        match record:
            case SubmitOrder() | SubmitList():
                self._asked = record
            case ListPair():
                self.pairs[record.pair.symbol] = record.pair
            case SetFees():
                self.rates.setdefault(record.account, {})[record.symbol] = (record.maker, record.taker)
            case MarketOpened():
                self.market = record
                self.paces = [(seq, False)]
            case PaceChanged():
                self.paces.append((seq, record.coarse))
            case MarketJumped():
                self.last_at = record.to
            case TradingStateChanged():
                self.trading = record.state

    def _answered(self, answer: Answer) -> None:
        asked = self._asked
        if isinstance(answer, OrderAccepted) and answer.list_id is not None:
            if asked is not None and asked.order_id == answer.list_id:  # with the list's first order
                self._keep(asked, answer)
            self._keep(answer.order, answer)
        elif asked is not None and asked.order_id == answer.order_id:
            self._keep(asked, answer)
        self._asked = None

    def _keep(self, asked: Asked, answer: Answer) -> None:
        known = self.answers.setdefault(answer.account, OrderedDict())
        if asked.order_id not in known:
            known[asked.order_id] = (asked, answer)
            if len(known) > REMEMBERED:
                known.popitem(last=False)


def read_past(reader: Reader) -> Past:
    """Fold a whole journal, checking every record.

    Raises:
        StorageCorrupt: a record is missing or damaged; names it.
    """
    past = Past()
    for entry, record in reader.records():
        past.take(entry.seq, entry.ts_ns, record)
    return past
