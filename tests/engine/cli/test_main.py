"""Claims about the command line as a Unix tool: status, messages, where options may stand, what is imported."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest

from engine.bootstrap import open_engine
from engine.cli.__main__ import COMMANDS, main
from engine.domain.order import Side
from engine.profile import Profile
from tests.engine.adapters.desk import let_pass, limit, market, opened, use_small_market
from tests.engine.adapters.small_market import MIDDLE

pytestmark = pytest.mark.integration


@pytest.fixture
def traded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A profile in which something was bought and something rests."""
    use_small_market(monkeypatch)

    async def trade() -> None:
        async with opened(tmp_path) as running:
            await let_pass(running, 4)
            await running.orders.submit(market(running, Side.BUY))
            await running.orders.submit(limit(running, Side.BUY, MIDDLE - 5_000))
            gone = limit(running, Side.BUY, MIDDLE - 6_000)
            await running.orders.submit(gone)
            await running.orders.cancel(gone.order_id)

    asyncio.run(trade())
    return tmp_path


@pytest.mark.parametrize("before", [True, False])
def test_the_profile_may_stand_before_or_after_the_command(
    traded: Path, capsys: pytest.CaptureFixture[str], before: bool
) -> None:
    where = ["--profile-dir", str(traded)]
    words = [*where, "account", "--json"] if before else ["account", "--json", *where]

    assert main(words) == 0
    assert json.loads(capsys.readouterr().out)["fills"]


def test_the_account_is_one_object_with_every_execution(traded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["account", "--json", "--profile-dir", str(traded)]) == 0
    found = json.loads(capsys.readouterr().out)

    assert list(found) == ["balances", "positions", "orders", "fills", "pnl"]
    bought = sum(Decimal(fill["qty"]) for fill in found["fills"])
    assert Decimal(found["balances"]["BTC"]["total"]) == bought == Decimal("0.005")
    assert [order["status"] for order in found["orders"]] == ["filled", "working", "cancelled"]
    paid = sum(Decimal(f["qty"]) * Decimal(f["price"]) + Decimal(f["fee"]) for f in found["fills"])
    assert Decimal(found["balances"]["USDT"]["total"]) == 10_000 - paid
    position = found["positions"][0]
    assert Decimal(position["cost"]) == paid
    assert Decimal(position["unrealised"]) == Decimal(position["qty"]) * Decimal(position["last"]) - paid
    assert found["pnl"]["unrealised"] == position["unrealised"]


def test_the_account_reads_as_a_table(traded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--profile-dir", str(traded), "account"]) == 0
    text = capsys.readouterr().out

    for words in ("Account PAPER-1", "Balances", "Positions", "Open orders", "Fills", "Profit in USDT"):
        assert words in text


def test_the_account_can_be_read_while_an_engine_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use_small_market(monkeypatch)

    async def look() -> int:
        async with opened(tmp_path) as running:
            await running.orders.submit(limit(running, Side.BUY, MIDDLE - 5_000))
            return await asyncio.to_thread(main, ["account", "--profile-dir", str(tmp_path)])

    assert asyncio.run(look()) == 0
    assert "working" in capsys.readouterr().out


def test_an_unknown_account_and_an_empty_profile_are_said_in_a_sentence(
    traded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["account", "--account", "X", "--profile-dir", str(traded)]) == 2
    assert capsys.readouterr().err == "crs: There is no account X; there are PAPER-1.\n"
    assert main(["account", "--profile-dir", str(traded / "nowhere")]) == 1
    assert "Start crs-desktop once" in capsys.readouterr().err


def test_the_journal_is_verified_and_exported(traded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["journal", "verify", "--profile-dir", str(traded)]) == 0
    assert capsys.readouterr().out.startswith("Sound: ")
    assert main(["--profile-dir", str(traded), "journal", "export", "--format", "jsonl", "--after", "2"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    assert [line["seq"] for line in lines] == list(range(3, 3 + len(lines)))
    assert {"OrderAccepted", "OrderFilled", "OrderCancelled"} <= {line["kind"] for line in lines}


def test_a_broken_journal_is_status_1_and_one_sentence(traded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(sqlite3.connect(traded / "crs.sqlite")) as connection:
        connection.execute("UPDATE journal SET account = 'X' WHERE seq = 4")
        connection.commit()

    assert main(["journal", "verify", "--profile-dir", str(traded)]) == 1
    assert "Record 4" in capsys.readouterr().err
    assert main(["doctor", "--profile-dir", str(traded)]) == 1
    assert "Record 4" in capsys.readouterr().out


def test_the_doctor_looks_at_everything(traded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["doctor", "--profile-dir", str(traded)])
    text = capsys.readouterr().out

    assert status == (1 if "PROBLEM" in text else 0)
    for subject in ("Python", "SQLite", "numpy", "pyarrow", "fonts", "display", "data", "settings", "journal"):
        assert subject in text
    assert "sound" in text


def test_the_doctor_says_what_is_not_there_yet_or_bad(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--profile-dir", str(tmp_path / "new")]) in (0, 1)
    text = capsys.readouterr().out
    assert "does not exist yet" in text
    assert "opens the first account" in text
    (tmp_path / "settings.toml").write_text("[appearance]\ntheme = 3\n")
    assert main(["doctor", "--profile-dir", str(tmp_path)]) == 1
    assert "appearance.theme is 3" in capsys.readouterr().out


def test_the_doctor_says_who_uses_the_profile(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async def look() -> int:
        running = await open_engine(Profile(tmp_path))
        try:
            return await asyncio.to_thread(main, ["doctor", "--profile-dir", str(tmp_path)])
        finally:
            await running.close()

    asyncio.run(look())
    assert "already runs on this profile" in capsys.readouterr().out


def test_no_command_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    text = capsys.readouterr().err
    assert all(name in text for name, _ in COMMANDS)


def test_an_unknown_command_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["dance"])

    assert caught.value.code == 2
    assert "dance" in capsys.readouterr().err


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--version"])

    assert caught.value.code == 0
    assert capsys.readouterr().out.startswith("crs 0.")


def test_every_command_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    for name, _ in COMMANDS:
        with pytest.raises(SystemExit) as caught:
            main([name, "--help"])
        assert caught.value.code == 0
        assert "--profile-dir" in capsys.readouterr().out


def test_ctrl_c_ends_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("engine.cli.account.run", interrupted)

    assert main(["account"]) == 130


def test_a_closed_pipe_ends_quietly(traded: Path) -> None:
    command = [sys.executable, "-m", "engine.cli", "journal", "export", "--profile-dir", str(traded)]
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as closed:
        done = subprocess.run(command, stdout=closed, stderr=subprocess.PIPE, text=True, check=False)

    assert (done.returncode, done.stderr) == (141, "")


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom engine.cli.__main__ import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "print([n for n in ('sqlalchemy', 'numpy', 'alembic', 'asyncio', 'PySide6', 'msgspec') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "[]"


def test_importing_the_engine_imports_nothing_heavy() -> None:
    code = (
        "import sys, engine, engine.bootstrap\n"
        "print([n for n in ('sqlalchemy', 'alembic', 'PySide6', 'pandas', 'pyarrow', 'keyring') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
