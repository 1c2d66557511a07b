"""What a measurement of a feed reads: frames as Binance sends them, recorded ones or made from a seed.

Made frames have the shape that was measured of BTC/USDT: 46 levels in a diff on average, half of them with at most 22,
one in a hundred with 383; a book of some thousand levels a side, a spread of one tick.
"""

from __future__ import annotations

import json
import os
import random
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from engine.adapters.exchanges.captures.lines import lines

RECORDED = "binance_spot_btcusdt_20240808T235414_raw.txt.gz"
FOLDER = "CRS_SHARED_DATA"
"""The variable of the environment that names the folder of recorded data, if there is one."""

TRADES_PER_DIFF = 3
LEVELS = 2_000
MEAN, SPREAD = 3.1, 1.2
"""Of the logarithm of how many levels a diff has."""
TICK = 100


class Wire(NamedTuple):
    """Frames of one pair, BTC/USDT."""

    source: str
    snapshot: bytes
    """The answer that the first diff joins."""
    diffs: list[bytes]
    trades: list[bytes]


def wire(diffs: int) -> Wire:
    """Return so many diffs, and the prints beside them; recorded ones if a folder of recorded data is named."""
    folder = os.environ.get(FOLDER)
    path = Path(folder, "books", RECORDED) if folder else None
    return recorded(path, diffs) if path is not None and path.is_file() else made(diffs)


def recorded(path: Path, diffs: int) -> Wire:
    """Return what a capture of Binance holds, from the diff that joins its snapshot on."""
    snapshot, last = b"", 0
    found: list[bytes] = []
    trades: list[bytes] = []
    for line in lines(path):
        if line.text.startswith(b'{"lastUpdateId'):
            snapshot, last = line.text, int(json.loads(line.text)["lastUpdateId"])
        elif b'"depthUpdate"' in line.text[:80]:
            found.append(line.text)
        elif b'"e":"trade"' in line.text[:80]:
            trades.append(line.text)
    joined = (each for each in found if int(json.loads(each)["data"]["u"]) > last)
    return Wire("recorded", snapshot, list(islice(joined, diffs)), trades[: diffs * TRADES_PER_DIFF])


def made(diffs: int, seed: int = 1) -> Wire:
    """Return frames that are the same each time."""
    draw = random.Random(seed)  # noqa: S311 - a measurement, no secret
    middle = 6_000_000
    bids = [(middle - 1 - each, draw.random()) for each in range(LEVELS)]
    asks = [(middle + each, draw.random()) for each in range(LEVELS)]
    snapshot = {"lastUpdateId": 1, "bids": [_level(*each) for each in bids], "asks": [_level(*each) for each in asks]}
    frames = [_diff(draw, middle, number) for number in range(2, diffs + 2)]
    trades = [_trade(draw, middle, number) for number in range(diffs * TRADES_PER_DIFF)]
    return Wire("made", json.dumps(snapshot, separators=(",", ":")).encode(), frames, trades)


def _diff(draw: random.Random, middle: int, number: int) -> bytes:
    count = max(1, min(1_000, int(draw.lognormvariate(MEAN, SPREAD))))
    changes: tuple[list[list[str]], list[list[str]]] = ([], [])
    for _ in range(count):
        away = min(LEVELS - 1, int(draw.expovariate(0.005)))
        left = 0.0 if away and draw.random() < 0.4 else draw.random() + 1e-6
        is_bid = draw.random() < 0.5
        changes[not is_bid].append(_level(middle - 1 - away if is_bid else middle + away, left))
    data = {"e": "depthUpdate", "E": 1_723_161_255_000 + number * TICK, "s": "BTCUSDT", "U": number, "u": number}
    return _frame("depth@100ms", data | {"b": changes[0], "a": changes[1]})


def _trade(draw: random.Random, middle: int, number: int) -> bytes:
    price, qty = _level(middle - draw.randint(0, 1), draw.random())
    at = 1_723_161_255_000 + number
    data = {"e": "trade", "E": at, "s": "BTCUSDT", "t": number, "p": price, "q": qty, "T": at, "m": True, "M": True}
    return _frame("trade", data)


def _frame(stream: str, data: dict[str, object]) -> bytes:
    return json.dumps({"stream": f"btcusdt@{stream}", "data": data}, separators=(",", ":")).encode()


def _level(cents: int, qty: float) -> list[str]:
    return [f"{cents // 100}.{cents % 100:02}000000", f"{qty:.8f}"]
