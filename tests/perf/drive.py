"""What the drivers of all peers share: the script's text, and the conversation with `crs bench`.

A driver runs in its peer's own environment and knows nothing of the engine. It reads the script once, says
`{"peer": …, "version": …}`, and then answers each line of its standard input: `fills FILE` plays a round and
writes its fills; `round` plays one and answers `{"cpu_s": …, "fills": …}`. Only the round's own loop is timed.

The script is a text of lines `buy,ID,TICKS,LOTS`, `sell,ID,TICKS,LOTS` and `cancel,ID`; ids count from 1 in the
order of submission. A first line `market,BID,ASK` names the two levels of a deep book, where there is one.
"""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable
from enum import Enum
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple


class Kind(Enum):
    """What a line of the script does."""

    BUY = "buy"
    SELL = "sell"
    CANCEL = "cancel"


class Act(NamedTuple):
    """One line of the script; a cancel has price and quantity 0."""

    kind: Kind
    order: int
    price: int
    qty: int


class Fill(NamedTuple):
    """A trade at the maker's price; `maker` is 0 if the liquidity is nobody's of the script."""

    maker: int
    taker: int
    price: int
    qty: int


class Round(NamedTuple):
    """One round: what its loop cost, and what traded."""

    cpu_s: float
    fills: list[Fill]


def acts(path: Path) -> list[Act]:
    """Return the acts of a script."""
    found = []
    for line in path.read_text("ascii").splitlines():
        kind, *numbers = line.split(",")
        if kind != "market":
            order, price, qty = (*map(int, numbers), 0, 0)[:3]
            found.append(Act(Kind(kind), order, price, qty))
    return found


def market(path: Path) -> tuple[int, int]:
    """Return the best bid and ask of the deep book, in ticks."""
    with path.open(encoding="ascii") as file:
        word, bid, ask = file.readline().split(",")
    if word != "market":
        raise SystemExit(f"{path} begins with no line `market,BID,ASK`.")
    return int(bid), int(ask)


def serve(peer: str, prepare: Callable[[Path], Callable[[], Round]]) -> None:
    """Prepare the script that the command line names, then answer until the input ends."""
    play = prepare(Path(sys.argv[1]))
    print(json.dumps({"peer": peer, "version": version(peer)}), flush=True)
    for line in sys.stdin:
        word, _, argument = line.strip().partition(" ")
        gc.collect()
        gc.disable()  # as our side does
        cpu_s, fills = play()
        gc.enable()
        if word == "fills":
            Path(argument).write_text("".join(f"{f.maker},{f.taker},{f.price},{f.qty}\n" for f in fills), "ascii")
        print(json.dumps({"cpu_s": cpu_s, "fills": len(fills)}), flush=True)
