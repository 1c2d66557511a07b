"""Our side and other programs over the same script, each a process of its own that is asked for a round at a time.

All read the script from the same file and take turns. A peer's driver (`tests/perf/<peer>/driver.py` of a checkout)
runs in an environment of its own; peers are never installed with the program and never shipped.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import zip_longest
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

import engine
from engine.cli.bench.reference import Fill
from engine.cli.bench.rounds import Bar, Plan, Spread, WrongAnswerError
from engine.cli.bench.script import Script
from engine.errors import CrsError, InvalidInput

CHECKOUT = Path(engine.__file__).parents[1]
DRIVERS = CHECKOUT / "tests" / "perf"
ENVIRONMENTS = CHECKOUT / "build" / "perf"
HOW = "python tests/perf/environments.py"


class Peers(NamedTuple):
    """The peers that can be asked, and a sentence about those that cannot."""

    found: list[Peer]
    notes: list[str]


class Peer:
    """One driver at work; a context manager, within which it can be asked."""

    def __init__(self, name: str, command: Sequence[str | Path]) -> None:
        self.name = name
        self.version = ""
        self._command = command
        self._process: subprocess.Popen[str] | None = None

    def start(self, script: Path | None = None) -> dict[str, Any]:
        """Let the driver read the script, if there is one, and return what it says of itself.

        Raises:
            CrsError: it does not start.
        """
        command = [*self._command, *([] if script is None else [script])]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603
        said = self._answer()
        self.version = str(said["version"])
        return said

    def __enter__(self) -> Peer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            with self._process:
                self._process.kill()

    def fills(self) -> list[Fill]:
        """Play one round and return what traded."""
        with tempfile.TemporaryDirectory(prefix="crs-bench-") as directory:
            file = Path(directory) / "fills"
            self.ask(f"fills {file}")
            return [Fill(*map(int, line.split(","))) for line in file.read_text(encoding="ascii").splitlines()]

    def round(self) -> float:
        """Play one round and return its CPU seconds."""
        return float(self.ask("round")["cpu_s"])

    def ask(self, words: str) -> dict[str, Any]:
        """Say one line to the driver and return its answer.

        Raises:
            CrsError: it stopped.
        """
        process = self._process
        if process is None or process.stdin is None:
            raise CrsError(f"The driver of {self.name} was not started.")
        try:
            process.stdin.write(f"{words}\n")
            process.stdin.flush()
        except OSError:
            pass  # it died; what it left on its output says no more than that
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        line = self._process.stdout.readline() if self._process is not None and self._process.stdout else ""
        if not line:
            raise CrsError(
                f"The driver of {self.name} stopped; what it complained of stands above. "
                f"If its environment is broken, make it anew: {HOW}"
            )
        found: dict[str, Any] = json.loads(line)
        return found


def peers_for(names: Sequence[str], plan: Plan, driver: str = "driver.py") -> Peers:
    """Return the peers whose environments are there; `driver` is the file in a peer's folder that is run.

    Raises:
        InvalidInput: environments were asked for in a place where none is, or there is no checkout.
    """
    where = plan.peers or ENVIRONMENTS
    python = Path("Scripts" if os.name == "nt" else "bin") / ("python.exe" if os.name == "nt" else "python")
    found = [
        Peer(name, [where / name / python, DRIVERS / name / driver])
        for name in names
        if (where / name / python).exists()
    ]
    if plan.peers is not None and not (found and DRIVERS.is_dir()):
        raise InvalidInput(f"There is no environment of {' or '.join(names)} in {where}. Make it in a checkout: {HOW}")
    if not DRIVERS.is_dir():
        found = []
    missing = [name for name in names if name not in {peer.name for peer in found}]
    return Peers(found, [f"Not compared with {name}: there is no environment for it ({HOW})." for name in missing])


def prove(who: str, fills: Sequence[Fill], wanted: Sequence[Fill]) -> None:
    """Check a side's trades.

    Raises:
        WrongAnswerError: they are not the wanted ones; names the first that differs.
    """
    for index, (got, want) in enumerate(zip_longest(fills, wanted)):
        if got != want:
            raise WrongAnswerError(
                f"Trade {index + 1} of {who} is {_said(got)} instead of {_said(want)}; "
                "the speed of wrong answers is not measured."
            )


def _said(fill: Fill | None) -> str:
    return "none at all" if fill is None else f"{fill.taker} with {fill.maker}, {fill.qty} lots at {fill.price} ticks"


def compare(what: str, peers: Peers, script: Script, plan: Plan, demand: float) -> list[Bar]:
    """Let our rounds and those of each peer take turns, once all trades are proved to be the script's.

    Returns:
        Acts per CPU second of ours, then how many times our CPU time each peer took.

    Raises:
        WrongAnswerError: a side trades otherwise.
    """
    ours = Peer("our side", [sys.executable, "-m", "engine.cli.bench.side", what])
    with ExitStack() as stack:
        file = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="crs-bench-"))) / "script"
        script.write(file)
        for side in (ours, *peers.found):
            stack.enter_context(side).start(file)
            prove(side.name, side.fills(), script.fills)
        own: list[float] = []
        ratios: dict[str, list[float]] = {peer.name: [] for peer in peers.found}
        for _ in range(plan.rounds):
            for peer in peers.found:
                own.append(ours.round())
                ratios[peer.name].append(peer.round() / own[-1])
            if not peers.found:
                own.append(ours.round())
    return [
        Bar("acts per CPU second", Spread.of(plan.events / each for each in own)),
        *(
            Bar(f"CPU time of {peer.name} {peer.version}", Spread.of(ratios[peer.name]), demand, unit="x ours")
            for peer in peers.found
        ),
    ]
