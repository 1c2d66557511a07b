"""What every test stands on: no screen, repeatable examples, nothing left behind."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from engine.bus import Bus
from engine.observe.collector import settle
from tests.practice import practice, practice_node  # noqa: F401 - fixtures
from tests.services import Postgres, Redis, postgres_instance, redis_instance

ROOT = Path(__file__).resolve().parent.parent
RECURSION = sys.getrecursionlimit()
"""Python's own. The library of the practice chain's EVM sets another one, at which a parser runs out of the stack."""

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_API", "pyside6")
for name in ("http_proxy", "https_proxy", "all_proxy"):
    os.environ.pop(name, None)
    os.environ.pop(name.upper(), None)

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a suite started in the background inherits deafness to Ctrl+C
    signal.signal(signal.SIGINT, signal.default_int_handler)

gc.set_threshold(100_000, 50, 50)  # until all tests are collected: what is imported stays

# The clock of a busy machine decides nothing: no deadlines, the same examples every time. `make soak` searches wider.
SLOW_IS_FINE = [HealthCheck.too_slow, HealthCheck.data_too_large]
settings.register_profile("short", max_examples=60, derandomize=True, deadline=None, suppress_health_check=SLOW_IS_FINE)
settings.register_profile("soak", max_examples=5_000, deadline=None, suppress_health_check=SLOW_IS_FINE)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "short"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give every coroutine test and every GUI test the watch over what it leaves behind."""
    for item in items:
        if not isinstance(item, pytest.Function):
            continue
        if asyncio.iscoroutinefunction(item.obj) and "no_task_left" not in item.fixturenames:
            item.fixturenames.append("no_task_left")
        if item.get_closest_marker("gui") and "no_timer_left" not in item.fixturenames:
            item.fixturenames.insert(0, "no_timer_left")


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Leave what collecting made out of every later look through the heap: it stays, and it is most of the heap."""
    gc.collect()
    settle()


MANY_WIDGETS = 300
"""From so many left ones on the collector is asked: a new style sheet visits each of them."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """Take away the widgets that a test closed: without a running loop Qt only notes that they are to go."""
    yield
    if item.get_closest_marker("gui") is None:
        return
    from PySide6.QtCore import QCoreApplication, QEvent
    from PySide6.QtWidgets import QApplication

    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    if len(QApplication.allWidgets()) > MANY_WIDGETS:
        gc.collect()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Have the program's recursion limit in each test, whatever was imported since."""
    sys.setrecursionlimit(RECURSION)


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    """A test ends the threads it started (daemon threads and the loop's own pool aside)."""
    before = set(threading.enumerate())
    yield
    left = [each for each in threading.enumerate() if each not in before and not each.daemon]
    mine = [each for each in left if not each.name.startswith("asyncio_")]  # those stay as long as their loop
    for thread in mine:
        thread.join(1.0)
    alive = [thread.name for thread in mine if thread.is_alive()]
    assert not alive, f"threads left running: {alive}"


@pytest.fixture
async def no_task_left() -> AsyncIterator[None]:
    """Whoever starts a task owns it: none may outlive the test."""
    before = asyncio.all_tasks()
    yield
    for _ in range(3):  # a cancelled task needs a turn of the loop to end
        await asyncio.sleep(0)
    left = [task.get_name() for task in asyncio.all_tasks() - before if task is not asyncio.current_task()]
    assert not left, f"tasks left running: {left}"


@pytest.fixture
def no_timer_left() -> Iterator[None]:
    """A closed pane leaves no running QTimer, QThread or animation."""
    from PySide6.QtCore import QAbstractAnimation, QThread, QTimer
    from shiboken6 import isValid

    wanted: dict[type, bool] = {}

    def candidates() -> list[QTimer | QThread | QAbstractAnimation]:
        found = []
        for each in gc.get_objects():
            kind = type(each)  # `isinstance` would ask a weak proxy whose object is gone
            if kind not in wanted:
                wanted[kind] = issubclass(kind, QTimer | QThread | QAbstractAnimation)
            if wanted[kind]:
                found.append(each)
        return found

    def running() -> dict[int, str]:
        return {id(each): type(each).__name__ for each in candidates() if isValid(each) and busy(each)}

    def busy(each: QTimer | QThread | QAbstractAnimation) -> bool:
        if isinstance(each, QTimer):
            return each.isActive() and not each.isSingleShot()
        if isinstance(each, QThread):
            return each.isRunning() and each is not QThread.currentThread()
        return each.state() == QAbstractAnimation.State.Running

    before = running()
    yield
    left = [name for key, name in running().items() if key not in before]
    assert not left, f"still running: {left}"


@pytest.fixture
def bus() -> Iterator[Bus]:
    """A bus that fails the test when a handler raised or a subscription was left open."""
    errors: list[BaseException] = []
    each = Bus(on_error=lambda error, event: errors.append(error))
    yield each
    assert not errors, f"a handler raised: {errors}"
    assert each.subscriber_count == 0, f"{each.subscriber_count} subscriptions left open"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Recorded real market data beside the checkout; not part of the project, so its tests skip without it."""
    folder = Path(os.environ.get("CRS_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("no recorded market data beside the checkout (set CRS_SHARED_DATA to its folder)")
    return folder


@pytest.fixture(scope="session")
def xvfb() -> Iterator[dict[str, str]]:
    """An environment with a real X server, for programs started by `xvfb` tests."""
    program = shutil.which("Xvfb")
    if not program:
        pytest.skip("Xvfb is not installed")
    reader, writer = os.pipe()
    command = [program, "-displayfd", str(writer), "-screen", "0", "1600x900x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[writer], stderr=subprocess.DEVNULL) as server:
        os.close(writer)
        with os.fdopen(reader) as said:
            number = said.readline().strip()
        assert number, "Xvfb did not start"
        quiet = {key: value for key, value in os.environ.items() if key not in {"QT_QPA_PLATFORM", "WAYLAND_DISPLAY"}}
        yield {**quiet, "DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}
        server.terminate()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A running PostgreSQL of this test process's own, without waiting for the disk; skips where there is none."""
    with postgres_instance() as each:
        yield each


@pytest.fixture(scope="session")
def redis() -> Iterator[Redis]:
    """A running Redis of this test process's own; skips where there is none. Whoever stops it starts it again."""
    with redis_instance() as each:
        yield each


@pytest.fixture(scope="session")
def program_environment() -> dict[str, str]:
    """The environment in which a test starts `crs` or `crs-desktop` as its own process."""
    keep = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return {**keep, "QT_QPA_PLATFORM": "offscreen"}


@pytest.fixture(scope="session")
def bin_dir() -> Path:
    """Where the installed commands are: beside the Python that runs the tests."""
    return Path(sys.executable).parent
