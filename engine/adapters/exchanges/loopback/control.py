"""The way to ask the loopback for faults and for time while it runs; no part of any venue."""

from __future__ import annotations

import msgspec

from engine.adapters.exchanges.loopback.faults import Faults, seconds
from engine.adapters.exchanges.loopback.stage import Stage
from engine.adapters.exchanges.loopback.venue import Answer, Request
from engine.domain.number import Nanos
from engine.errors import InvalidInput


def control(asked: Request, stage: Stage, faults: Faults, clients: int) -> Answer:
    """Do what is asked, and answer with how things are then."""
    word = asked.path.rpartition("/")[2]
    try:
        if word == "fault":
            _set(asked, faults)
        elif word == "stage":
            _direct(asked, stage)
        elif word != "status":
            return _answer({"error": "There are status, fault and stage."}, 404)
    except InvalidInput as error:
        return _answer({"error": str(error)}, 400)
    pairs = {symbol: {"last": shown.last, "prints": len(shown.prints)} for symbol, shown in stage.market.pairs.items()}
    how = {"now": stage.now, "ended": stage.ended, "clients": clients, "faults": faults.as_data(), "pairs": pairs}
    return _answer(how, 200)


def _set(asked: Request, faults: Faults) -> None:
    for name, text in asked.query.items():
        if name == "clear":
            faults.clear()
        else:
            faults.put(name, text)


def _direct(asked: Request, stage: Stage) -> None:
    for name, text in asked.query.items():
        if name == "speed":
            try:
                speed = float(text)
            except ValueError:
                raise InvalidInput(f"{text!r} is no speed such as 2.") from None
            if not 0 <= speed <= 1_000_000:
                raise InvalidInput("A speed is from 0 (stand still) to 1000000.")
            stage.run(speed)
        elif name == "play":
            stage.play(Nanos(stage.market.now + round(seconds(text) * 1e9)))
        else:
            raise InvalidInput(f"{name!r} is nothing that can be set: there are speed and play.")


def _answer(what: object, status: int) -> Answer:
    return Answer(msgspec.json.encode(what).decode(), status)
