"""Our side of a comparison: `python -m engine.cli.bench.side matching|paper SCRIPT`, asked as the peers' drivers are.

It reads the script, says which version it is, and answers each line of its input: `fills FILE` plays a round and
writes its trades, `round` plays one and answers with its CPU seconds. Only the round's own loop is timed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import engine
from engine.cli.bench.reference import Fill
from engine.cli.bench.rounds import timed
from engine.cli.bench.script import Script

Round = tuple[float, list[Fill]]


def main(what: str, script: Path) -> int:
    """Answer until the input ends."""
    play = SIDES[what](Script.read(script))
    _say({"peer": "crs", "version": engine.__version__})
    for line in sys.stdin:
        word, _, argument = line.strip().partition(" ")
        cpu_s, fills = play()
        if word == "fills":
            text = "".join(f"{each.maker},{each.taker},{each.price},{each.qty}\n" for each in fills)
            Path(argument).write_text(text, encoding="ascii")
        _say({"cpu_s": cpu_s, "fills": len(fills)})
    return 0


def _matching(script: Script) -> Callable[[], Round]:
    from engine.cli.bench.book import fills_of, play

    acts = [tuple(act) for act in script.acts]

    def round_of_it() -> Round:
        cpu_s, traded = timed(lambda: play(acts))
        return cpu_s, fills_of(traded)

    return round_of_it


def _paper(script: Script) -> Callable[[], Round]:
    from engine.cli.bench.desk import Desk

    def round_of_it() -> Round:
        desk = Desk(script.market or (1, 2))
        cpu_s, _ = timed(lambda: desk.play(script.acts))
        desk.check()
        return cpu_s, desk.trades()

    return round_of_it


SIDES = {"matching": _matching, "paper": _paper}


def _say(values: dict[str, Any]) -> None:
    print(json.dumps(values), flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
