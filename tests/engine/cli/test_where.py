"""`--venue`: the same commands, about the paper accounts on a public exchange."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.bootstrap.public import open_public
from engine.bus import Bus
from engine.cli.__main__ import main
from engine.profile import Profile
from tests.engine.bootstrap.scripted_exchange import ScriptedExchange

pytestmark = pytest.mark.integration


@pytest.fixture
async def there(tmp_path: Path) -> Path:
    """A profile with an account on Binance, and none of its own."""
    bus = Bus()
    engine = await open_public(Profile(tmp_path), "binance", feed=ScriptedExchange(bus), bus=bus)
    await engine.close()
    return tmp_path


def run(where: Path, *words: str) -> int:
    return main(["--profile-dir", str(where), *words])


def test_account_journal_export_and_backup_find_the_accounts_of_a_venue(
    there: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(there, "account", "--venue", "binance", "--json") == 0
    assert json.loads(capsys.readouterr().out)["balances"]["USDT"]["free"] == "10000"
    assert run(there, "journal", "verify", "--venue", "binance") == 0
    assert "Sound" in capsys.readouterr().out
    assert run(there, "journal", "--venue", "binance", "export") == 0
    assert '"MarketOpened"' in capsys.readouterr().out
    assert run(there, "export", "--venue", "binance", "--out", str(there / "out.zip")) == 0
    assert run(there, "backup", "create", "--venue", "binance") == 0
    assert list((there / "venues" / "binance" / "backups").glob("*.sqlite"))
    assert run(there, "database", "show", "--venue", "binance") == 0


def test_a_venue_without_accounts_is_named_with_those_that_have_some(
    there: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(there, "account", "--venue", "kraken") == 2
    assert "no paper accounts on kraken" in (said := capsys.readouterr().err)
    assert "there are some on binance" in said
    assert run(there, "account", "--venue", "../etc") == 2
    assert "no name of a venue" in capsys.readouterr().err
