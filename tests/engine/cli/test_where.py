"""`--venue`: the same commands, about the paper accounts on a public exchange."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.bootstrap.public import open_public
from engine.bus import Bus
from engine.cli.__main__ import main
from engine.domain.command import SubmitOrder
from engine.domain.number import Lots, Ticks
from engine.domain.order import OrderId, OrderType, Side
from engine.profile import Profile
from tests.engine.bootstrap.scripted_exchange import BID, ScriptedExchange

pytestmark = pytest.mark.integration


@pytest.fixture
async def there(tmp_path: Path) -> Path:
    """A profile with an account on Binance, and none of its own."""
    bus = Bus()
    feed = ScriptedExchange(bus)
    engine = await open_public(Profile(tmp_path), "binance", feed=feed, bus=bus)
    engine.live.set_latency(None)
    await engine.venue.submit(
        SubmitOrder(
            account=engine.venue.account,
            order_id=OrderId("o1"),
            symbol="BTC/USDT",
            side=Side.BUY,
            order_type=OrderType.LIMIT,
            qty=Lots(500),
            price=Ticks(BID),
        )
    )
    feed.print("BTC/USDT", BID, 20_000)
    await engine.close()
    return tmp_path


def run(where: Path, *words: str) -> int:
    return main(["--profile-dir", str(where), *words])


def test_account_journal_export_and_backup_find_the_accounts_of_a_venue(
    there: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(there, "account", "--venue", "binance", "--json") == 0
    assert json.loads(capsys.readouterr().out)["balances"]["USDT"]["total"] == "10000"
    assert run(there, "account", "--venue", "binance", "why", "o1") == 0
    said = capsys.readouterr().out
    assert "0.30000 BTC" in said
    assert run(there, "doctor") == 0
    assert "journal of binance" in capsys.readouterr().out
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
