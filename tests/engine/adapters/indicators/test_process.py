"""The user's code in a process of its own: whatever it does, the asker gets an answer and goes on."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.adapters.indicators.process import WorkerProcess
from engine.indicators.message import Advance, Advanced, Calculate, Filled, Load, Loaded, Start, Trouble, floats, packed
from engine.indicators.registry import find
from engine.indicators.spec import BarRow
from engine.indicators.warm import pushed
from tests.engine.indicators.test_own import PUSH_LINE, bars, own_text

pytestmark = pytest.mark.integration


@pytest.fixture
def worker() -> Iterator[WorkerProcess]:
    made = WorkerProcess()
    yield made
    made.close()


def load(worker: WorkerProcess, body: str) -> None:
    reply = worker.ask(Load("mine", "mine.py", own_text(body), 10))
    assert isinstance(reply, Loaded), reply


def start(worker: WorkerProcess, seconds: float = 10) -> Filled | Trouble:
    reply = worker.ask(Start(1, {}, packed(bars(20)), seconds))
    assert isinstance(reply, Filled | Trouble)
    return reply


def trouble(reply: object) -> Trouble:
    assert isinstance(reply, Trouble), reply
    return reply


def test_prints_do_not_break_the_protocol(worker: WorkerProcess) -> None:
    body = (
        "import os, sys; print('x' * 5000); sys.stdout.flush(); os.write(1, b'raw'); sys.stderr.write('e');"
        " sys.stdin.read(); return bar.close"
    )
    load(worker, body)

    reply = start(worker)

    assert isinstance(reply, Filled)
    np.testing.assert_array_equal(floats(reply.outputs)[0], bars(20).close)


def test_an_endless_loop_is_stopped_with_its_line_and_the_next_question_is_answered(worker: WorkerProcess) -> None:
    load(worker, "while True: pass")

    stopped = trouble(start(worker, seconds=0.3))
    load(worker, "return 1.0")

    assert (stopped.line, stopped.gone) == (PUSH_LINE, True)
    assert "0.3 s" in stopped.message
    assert isinstance(start(worker), Filled)


def test_a_crash_is_an_answer(worker: WorkerProcess) -> None:
    load(worker, "import os; os._exit(3)")
    ended = trouble(start(worker))
    load(worker, "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    crashed = trouble(start(worker))

    assert (ended.gone, "status 3" in ended.message) == (True, True)
    assert (crashed.gone, crashed.message) == (True, "Its process crashed.")


def test_too_much_memory_is_an_answer(worker: WorkerProcess) -> None:
    load(worker, "self.much = bytearray(64 * 2**30); return 1.0")

    reply = trouble(start(worker))

    assert (reply.line, "memory" in reply.message) == (PUSH_LINE, True)


def test_a_worker_that_was_started_anew_knows_no_series(worker: WorkerProcess) -> None:
    load(worker, "return 1.0")
    start(worker)
    assert worker.pid is not None
    os.kill(worker.pid, 9)

    gone = trouble(worker.ask(Advance(1, (), None, 5)))
    lost = trouble(worker.ask(Advance(1, (), None, 5)))

    assert (gone.gone, lost.gone, lost.lost) == (True, False, True)


def test_bars_go_one_by_one(worker: WorkerProcess) -> None:
    load(worker, "return bar.high - bar.low")
    start(worker)
    row = BarRow(1, 5.0, 7.0, 4.0, 6.0, 1.0)

    assert worker.ask(Advance(1, (row, row), row, 5)) == Advanced(((3.0,), (3.0,)), (3.0,))


def test_a_built_in_indicator_comes_back_all_at_once(worker: WorkerProcess) -> None:
    data, roc = bars(200), find("roc")

    reply = worker.ask(Calculate("roc", True, {"period": 5}, packed(data), 20))

    assert isinstance(reply, Filled)
    np.testing.assert_array_equal(floats(reply.outputs)[0], roc.compute(data, {"period": 5})[0])


def test_a_built_in_indicator_comes_back_with_its_stream(worker: WorkerProcess) -> None:
    data, macd = bars(200), find("macd")

    here = macd.stream({"fast": 5})
    want = pushed(here, data, 3)

    reply = worker.ask(Calculate("macd", False, {"fast": 5}, packed(data), 20))

    assert isinstance(reply, Filled)
    for got, column in zip(floats(reply.outputs), want, strict=True):
        np.testing.assert_array_equal(got, column)
    stream = pickle.loads(reply.stream)  # noqa: S301 - made a moment ago by our own code
    bar = BarRow(1, 100.0, 101.0, 99.0, 100.5, 1.0)
    assert stream.push(bar) == here.push(bar)


def test_close_ends_a_question_that_waits() -> None:
    worker = WorkerProcess()
    load(worker, "while True: pass")
    answers: list[object] = []
    asker = threading.Thread(target=lambda: answers.append(start(worker, seconds=60)))
    asker.start()
    time.sleep(0.2)

    worker.close()
    asker.join(10)

    assert trouble(answers[0]).gone
    assert trouble(worker.ask(Advance(1, (), None, 5))).message == "The worker is closed."


ORPHAN = """
import sys
from engine.adapters.indicators.process import WorkerProcess
from engine.indicators.message import Load, Start, packed
from tests.engine.indicators.test_own import bars, own_text

worker = WorkerProcess()
worker.ask(Load("mine", "mine.py", own_text(sys.argv[1]), 10))
print(worker.pid, flush=True)
worker.ask(Start(1, {}, packed(bars(20)), 0.5))
"""
"""A program that asks a worker for something without an end, and is killed meanwhile."""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes in /proc")
@pytest.mark.parametrize(
    "body",
    [
        "while True: pass",
        "import re; return float(bool(re.match('(a+)+b', 'a' * 40)))",
        "import threading, time; threading.Thread(target=time.sleep, args=(60,)).start(); return 1.0",
    ],
    ids=["python", "C", "thread"],
)
def test_a_worker_at_work_ends_though_its_program_was_killed(body: str) -> None:
    program = subprocess.Popen([sys.executable, "-c", ORPHAN, body], stdout=subprocess.PIPE)
    assert program.stdout is not None
    pid = int(program.stdout.readline())
    time.sleep(0.2)

    program.kill()
    program.wait()
    program.stdout.close()

    try:
        end = time.monotonic() + 10
        while _runs(pid) and time.monotonic() < end:
            time.sleep(0.05)
        assert not _runs(pid)
    finally:
        if _runs(pid):
            os.kill(pid, signal.SIGKILL)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False
