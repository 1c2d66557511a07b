"""The exchange behind `crs simulate`, line by line, as objects."""

from __future__ import annotations

import json

from engine.cli.simulate import Session
from engine.cli.simulate_output import state_line
from engine.domain.pair import TradingPair
from engine.exchange.kernel import Exchange
from tests.engine.exchange.naive import Entry


class Real:
    """One run of `crs simulate`."""

    def __init__(self) -> None:
        self._session = Session()

    @property
    def exchange(self) -> Exchange:
        return self._session.exchange

    def answer(self, line: str) -> list[Entry]:
        """Return the events of a line, their texts included."""
        answers: list[str] = []
        self._session.answer(line.encode(), answers)
        return [json.loads(each) for each in answers]

    def state(self) -> Entry:
        """Return the state line."""
        state: Entry = json.loads(state_line(self.exchange.state()))
        return state

    def dump_and_load(self) -> None:
        """Go on with an exchange that was loaded from a dump of this one."""
        dump = self.exchange.dump()
        again = Exchange.load(json.loads(json.dumps(dump)), self._pairs())
        assert again.dump() == dump
        self._session.exchange = again
        self._session._reader._pair_of = again.pair_of

    def _pairs(self) -> list[TradingPair]:
        return [market.pair for market in self.exchange._floor.markets.values()]
