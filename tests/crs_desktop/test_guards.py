"""Guards over the ground we stand on: Qt's bindings keep references, and the start imports nothing heavy."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("sqlalchemy", "alembic", "pyarrow", "pandas", "scipy", "sklearn", "web3", "httpx")
CHAINS = ("eth_", "eth.", "hexbytes", "rlp", "web3", "vyper", "py_ecc", "Crypto", "ckzg", "parsimonious", "cytoolz")
"""How the names of modules begin that only a wallet or its practice chain needs; `eth` is py-evm itself."""


@pytest.mark.gui
def test_drawing_does_not_lose_references_to_none(qapp: object) -> None:
    # PySide6 6.12.0 on CPython 3.11 drops one per call and aborts after a while; see the ADR about the pin.
    from PySide6.QtGui import QPainter, QPixmap

    canvas = QPixmap(64, 64)
    painter = QPainter(canvas)
    painter.drawLine(0, 0, 9, 9)
    before = sys.getrefcount(None)
    for i in range(2000):
        painter.drawLine(0, 0, i % 64, 9)
    after = sys.getrefcount(None)
    painter.end()

    assert abs(after - before) < 200


@pytest.mark.integration
@pytest.mark.e2e
def test_nothing_heavy_is_imported_before_the_first_paint(program_environment: dict[str, str]) -> None:
    code = f"""
import json, sys
from crs_desktop import app
from crs_desktop.actions import ActionBook
from crs_desktop.pulse import Pulse
made = app.application()
app.theme.apply(made)
window = app.MainWindow(ActionBook(), Pulse(app.QtTimer()), "test")
window.show()
made.processEvents()
heavy = [name for name in {HEAVY!r} if name in sys.modules]
from crs_desktop.wiring import program, wiring
print(json.dumps(heavy + [name for name in sys.modules if (name + ".").startswith({CHAINS!r})]))
"""

    done = subprocess.run(
        [sys.executable, "-c", code], env=program_environment, capture_output=True, text=True, check=True, timeout=60
    )

    assert json.loads(done.stdout) == []


@pytest.mark.integration
def test_words_and_integers_of_chains_load_nothing_of_chains(program_environment: dict[str, str]) -> None:
    code = f"""
import json, sys
import engine.defi.token, engine.defi.intent, engine.defi.prepared, engine.defi.policy, engine.defi.confirmation
import engine.defi.pools.v2, engine.defi.pools.v3, engine.defi.routes.split, engine.defi.liquidity.v3
import engine.defi.yields.analytics, engine.defi.orders.order, engine.defi.farming.calls
import engine.cli.wallet, engine.cli.defi, engine.ports.chain, engine.ports.keys
print(json.dumps([name for name in sys.modules if (name + ".").startswith({(*CHAINS, "httpx", "sqlalchemy")!r})]))
"""

    done = subprocess.run(
        [sys.executable, "-c", code], env=program_environment, capture_output=True, text=True, check=True, timeout=60
    )

    assert json.loads(done.stdout) == []


@pytest.mark.integration
@pytest.mark.e2e
@pytest.mark.slow
def test_the_smoke_run_trades_by_keys_and_reports(tmp_path: Path, program_environment: dict[str, str]) -> None:
    report, picture, profile = tmp_path / "report.json", tmp_path / "window.png", tmp_path / "profile"
    command = [
        sys.executable, "-m", "crs_desktop", "--smoke", "4", "--seed", "7", "--profile-dir", str(profile),
        "--report", str(report), "--screenshot", str(picture),
    ]  # fmt: skip

    done = subprocess.run(command, env=program_environment, capture_output=True, text=True, check=False, timeout=100)

    found = json.loads(report.read_text())
    assert done.returncode == 0, (done.stderr, found)
    assert found["exit"] == 0
    assert found["keys_to_first_fill"] == 2
    assert found["orders"] >= 2
    assert found["fills"] >= 1
    assert found["trades_seen"] > 0
    assert found["bars_on_chart"] >= 300
    assert found["journal_events"] > 0
    assert set(found["frame_ms"]) == {"p50", "p95", "p99", "max", "count"}
    assert set(found["loop_stall_ms"]) == {"p99", "max"}
    assert 0 < found["first_window_ms"] < found["first_candle_ms"] < found["first_fill_ms"]
    assert {"rss_mb", "cpu_percent"} <= set(found)
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert (profile / "crs.sqlite").exists()


@pytest.mark.integration
@pytest.mark.e2e
@pytest.mark.slow
def test_a_second_start_on_the_same_profile_says_so_and_ends(
    tmp_path: Path, program_environment: dict[str, str]
) -> None:
    command = [sys.executable, "-m", "crs_desktop", "--profile-dir", str(tmp_path)]
    with subprocess.Popen(command, env=program_environment, stderr=subprocess.PIPE, text=True) as first:
        lock = tmp_path / "layout.json"
        try:
            for _ in range(300):
                if (tmp_path / "crs.sqlite").exists():
                    break
                first.wait(0.1) if first.poll() is not None else _nap()
            for _ in range(30):
                _nap()
            second = subprocess.run(
                command, env=program_environment, capture_output=True, text=True, check=False, timeout=60
            )
        finally:
            first.terminate()
            first.wait(30)

    assert second.returncode == 3
    assert "already runs on this profile" in second.stderr
    assert first.returncode == 0
    assert lock.exists()


def _nap() -> None:
    import time

    time.sleep(0.1)
