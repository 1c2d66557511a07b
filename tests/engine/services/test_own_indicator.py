"""When the worker of an own indicator is there: not before it is needed, not after, and nobody waits for its end."""

from __future__ import annotations

import threading

from engine.indicators.message import Filled, Reply, Request, Trouble
from engine.services.own_indicator import OwnIndicator
from tests.engine.indicators.test_own import bars


class Stubborn:
    """A worker whose end takes until `leave` is set."""

    made = 0

    def __init__(self) -> None:
        type(self).made += 1
        self.leave = threading.Event()
        self.closed = threading.Event()

    def ask(self, _request: Request) -> Reply:
        return Filled(())

    def close(self) -> None:
        self.leave.wait(2)
        self.closed.set()


async def test_nobody_waits_for_the_end_of_a_worker() -> None:
    worker = Stubborn()
    own = OwnIndicator("mine", lambda: worker)
    session = own.new_session()
    await own.start(session, {}, bars(3))

    own.release(session)
    waited = worker.closed.is_set()
    worker.leave.set()

    assert not waited
    assert worker.closed.wait(2)


async def test_a_question_that_comes_after_the_last_series_was_given_back_starts_no_worker() -> None:
    Stubborn.made = 0
    own = OwnIndicator("mine", Stubborn)
    session = own.new_session()
    own.release(session)

    late = await own.start(session, {}, bars(3))

    assert isinstance(late, Trouble)
    assert Stubborn.made == 0
