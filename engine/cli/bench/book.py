"""The exchange's crossing book over a script: validation and events on, no accounts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.cli.bench.reference import Fill
from engine.matching.session import Happened, MatchingSession

Answers = list[tuple[Happened, ...]]


def play(acts: Sequence[tuple[Any, ...]]) -> Answers:
    """Let a new book answer every act, plain tuples of an `Act`; return the answers in which something traded."""
    session, traded = MatchingSession(), Answers()
    submit, cancel = session.submit, session.cancel
    for order, is_buy, price, qty in acts:
        if is_buy is None:
            cancel(order)
        else:
            happened = submit(order, is_buy, price, qty)
            if len(happened) > 1:
                traded.append(happened)
    return traded


def fills_of(answers: Answers) -> list[Fill]:
    """Return the trades among the answers."""
    return [Fill(*each[1:]) for happened in answers for each in happened if each[0] == "trade"]
