"""What the drivers of indicators share: the bars' file, and the conversation with `crs bench indicators`.

A driver runs in its peer's own environment and knows nothing of the engine. The file holds five columns of doubles in
the machine's own order, one after the other: open, high, low, close, volume. The driver says which version it is, then
answers each line of its input: `names` with those of the indicators that it has; `values NAME FILE` computes one,
writes its columns of doubles (NaN = not known) and says which outputs of ours they are; `round NAME` computes it again
and answers with the CPU seconds of that alone.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple


class Way(NamedTuple):
    """How a peer makes an indicator.

    `prepare()` returns what is timed, anew for every round; `columns` makes columns of what that returns; `outputs`
    are their places among ours.
    """

    prepare: Callable[[], Callable[[], Any]]
    columns: Callable[[Any], Iterable[Any]]
    outputs: Sequence[int]


def read(path: Path) -> list[array[float]]:
    """Return the five columns."""
    doubles = array("d", path.read_bytes())
    length = len(doubles) // 5
    return [doubles[at * length : (at + 1) * length] for at in range(5)]


def serve(peer: str, ways: Mapping[str, Way]) -> None:
    """Answer until the input ends."""
    gc.freeze()  # as our side does
    print(json.dumps({"peer": peer, "version": version(peer)}), flush=True)
    for line in sys.stdin:
        word, *rest = line.split()
        print(json.dumps(_answer(word, rest, ways)), flush=True)


def _answer(word: str, rest: list[str], ways: Mapping[str, Way]) -> dict[str, Any]:
    if word == "names":
        return {"names": list(ways)}
    way = ways[rest[0]]
    work = way.prepare()
    gc.collect()
    gc.disable()  # as our side does
    begun = time.process_time()
    found = work()
    cpu_s = time.process_time() - begun
    gc.enable()
    if word == "values":
        with Path(rest[1]).open("wb") as file:
            for column in way.columns(found):
                file.write(array("d", column).tobytes())
    return {"cpu_s": cpu_s, "outputs": list(way.outputs)}
