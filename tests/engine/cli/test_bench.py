"""Claims about `crs bench`: it proves its answers, says what it could not compare, and knows what was demanded."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from engine.cli import bench
from engine.cli.__main__ import main
from engine.cli.bench import MEASURES, book, churn, durability, peers, replay, simulate, start
from engine.cli.bench.reference import Fill, Reference
from engine.cli.bench.rounds import Bar, Plan, Spread, WrongAnswerError
from engine.cli.bench.script import Script, beside_a_market, crossing
from engine.domain.command import ListPair
from engine.exchange.kernel import Exchange
from tests.unmeasured import UNMEASURED

pytestmark = pytest.mark.integration

SIZES = {
    "matching": 60,
    "paper": 60,
    "durability": 4,
    "churn": 60,
    "replay": 60,
    "simulate": 60,
    "indicators": 60,
    "start": 1,
    "chart": 600,
    "ladder": 4,
    "tape": 4,
    "heatmap": 4,
    "limiter": 2_000,
    "signin": 1,
    "streams": 20,
    "feed": 20,
    "defi": 20,
}

OF_THE_WINDOW = {"burst", "scanner", "screen", "orders", "server"}
"""Those that run in real time, or need a whole server to themselves."""

OF_WINDOWS = {"start", "chart", "ladder", "tape", "heatmap"}
"""Those that start a program for every side and round; what it runs is counted beside its widgets."""

DRIVER = """
import json, sys
fills = open(sys.argv[1] + ".fills").read() if {honest} else "1,2,3,4\\n"
print(json.dumps({{"peer": "fake", "version": "1"}}), flush=True)
for line in sys.stdin:
    word, _, file = line.strip().partition(" ")
    if word == "fills":
        open(file, "w").write(fills)
    print(json.dumps({{"cpu_s": 5.0, "fills": 0}}), flush=True)
"""


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No environment of a peer anywhere."""
    monkeypatch.setattr(peers, "ENVIRONMENTS", tmp_path / "none")


def fake_peers(directory: Path, monkeypatch: pytest.MonkeyPatch, *, honest: bool) -> None:
    """Put a driver in the place of each peer of `matching`: an honest one repeats the trades it finds."""
    write = Script.write

    def written(script: Script, path: Path) -> None:
        write(script, path)
        text = "".join(f"{fill.maker},{fill.taker},{fill.price},{fill.qty}\n" for fill in script.fills)
        Path(f"{path}.fills").write_text(text, encoding="ascii")

    monkeypatch.setattr(Script, "write", written)
    monkeypatch.setattr(peers, "DRIVERS", directory / "drivers")
    for name in ("lightmatchingengine", "pyorderbook"):
        python = directory / name / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        driver = directory / "drivers" / name / "driver.py"
        python.parent.mkdir(parents=True)
        driver.parent.mkdir(parents=True)
        python.symlink_to(sys.executable)
        driver.write_text(DRIVER.format(honest=honest), encoding="ascii")


def measured(what: str, capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, Any]:
    assert main(["bench", what, "--json", "--events", str(SIZES[what]), *more]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_every_benchmark_is_tried_here_or_beside_its_widgets() -> None:
    assert {each.name for each in MEASURES} == {*SIZES, *OF_THE_WINDOW}


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("what", SIZES)
def test_every_benchmark_reports_median_spread_and_demand(
    what: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench, "MEASURES", [each._replace(rounds=min(each.rounds, 2)) for each in MEASURES])
    monkeypatch.setattr(durability, "CONCURRENT", 20)
    if what in OF_WINDOWS:
        monkeypatch.setitem(os.environ, *next(iter(UNMEASURED.items())))

    found = measured(what, capsys)

    assert found["what"] == what
    assert all(each["low"] <= each["median"] <= each["high"] for each in found["measurements"])
    assert {each["met"] for each in found["measurements"]} <= {True, False, None}


@pytest.mark.usefixtures("alone")
def test_without_peers_ours_is_measured_alone_and_the_report_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "matching", "--events", "40"]) == 0
    shown = capsys.readouterr().out

    assert "acts per CPU second" in shown
    assert "Not compared with pyorderbook: there is no environment for it" in shown


def test_peers_that_trade_alike_are_compared_in_multiples_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fake_peers(tmp_path, monkeypatch, honest=True)

    found = measured("matching", capsys, "--peers", str(tmp_path))

    assert [each["name"] for each in found["measurements"][1:]] == [
        "CPU time of lightmatchingengine 1",
        "CPU time of pyorderbook 1",
    ]
    assert all(each["median"] > 0 and each["demand"] == 6 for each in found["measurements"][1:])
    assert found["notes"] == []


def test_a_peer_that_trades_otherwise_ends_the_measurement(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fake_peers(tmp_path, monkeypatch, honest=False)

    assert main(["bench", "matching", "--events", "60", "--peers", str(tmp_path)]) == 1
    complaint = capsys.readouterr().err
    assert "Trade 1 of lightmatchingengine is 2 with 1, 4 lots at 3 ticks instead of" in complaint
    assert "the speed of wrong answers is not measured" in complaint


def test_a_peer_that_dies_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fake_peers(tmp_path, monkeypatch, honest=True)
    (tmp_path / "drivers" / "pyorderbook" / "driver.py").write_text("raise SystemExit(3)", encoding="ascii")

    assert main(["bench", "matching", "--events", "60", "--peers", str(tmp_path)]) == 1
    assert "The driver of pyorderbook stopped" in capsys.readouterr().err


def test_environments_asked_for_where_none_is_are_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "paper", "--events", "10", "--peers", str(tmp_path)]) == 2
    assert "There is no environment of nautilus_trader in" in capsys.readouterr().err


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("what", ["matching", "paper"])
def test_wrong_answers_of_our_own_measure_nothing(
    what: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    honest = Reference.submit

    def off_by_one(book: Reference, number: int, is_buy: bool, price: int, qty: int) -> bool:
        return honest(book, number, is_buy, price, qty + 1)

    monkeypatch.setattr(Reference, "submit", off_by_one)

    assert main(["bench", what, "--events", "200"]) == 1
    assert "of our side is" in capsys.readouterr().err


def test_a_lost_trade_is_a_wrong_answer() -> None:
    script = crossing(300)

    with pytest.raises(WrongAnswerError, match="is none at all instead of"):
        peers.prove("it", script.fills[:-1], script.fills)


def test_a_replay_that_leads_elsewhere_is_a_wrong_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "_matched", lambda commands: _of(commands[:-9]))

    with pytest.raises(WrongAnswerError, match="does not lead to the account"):
        replay.replay(Plan(1, 200, None))


def _of(commands: list[Any]) -> Exchange:
    exchange = Exchange()
    for now, command in enumerate(commands):
        exchange.handle(command, now)  # type: ignore[arg-type]
    return exchange


def test_orders_left_open_by_a_churn_are_a_wrong_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    handle = Exchange.handle
    monkeypatch.setattr(Exchange, "handle", lambda self, command, now: handle(self, command, now) if now != 90 else [])

    with pytest.raises(WrongAnswerError, match="other orders are open"):
        churn.churn(Plan(1, 40, None))


def test_two_simulations_that_print_otherwise_are_a_wrong_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulate, "CRS", (sys.executable, "-c", "import sys; sys.stdin.read(); print(hash('x'))"))

    with pytest.raises(WrongAnswerError, match="different bytes"):
        simulate.simulate(Plan(1, 20, None))


def test_an_import_that_loads_too_much_is_a_wrong_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start, "UNWANTED", ("json", "PySide6"))

    with pytest.raises(WrongAnswerError, match="loads json"):
        start.start(Plan(1, 1, None))


@pytest.mark.parametrize(
    ("words", "complaint"),
    [(["--rounds", "2"], "at least 5"), (["--events", "-1"], "cannot have -1 events")],
)
def test_a_benchmark_that_says_nothing_is_refused(
    words: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", "matching", *words]) == 2
    assert complaint in capsys.readouterr().err


def test_a_demand_is_met_by_the_median() -> None:
    spread = Spread.of([1.0, 9.0, 5.0])

    assert Bar("x", spread, 5.0).met
    assert not Bar("x", spread, 5.1).met
    assert Bar("x", spread, 5.0, at_least=False).met
    assert Bar("x", spread).met is None


def test_a_script_reads_back_as_it_was_written(tmp_path: Path) -> None:
    for script in (crossing(200), beside_a_market(200)):
        script.write(tmp_path / "script")
        assert Script.read(tmp_path / "script")._replace(fills=script.fills) == script


def test_a_script_has_the_documented_mixture_and_cancels_only_what_rests() -> None:
    script = crossing(20_000)
    cancels = sum(act.is_buy is None for act in script.acts)

    assert 0.33 < cancels / len(script.acts) < 0.37
    answers = book.play([tuple(act) for act in script.acts])
    assert book.fills_of(answers) == script.fills
    assert not any(happened[0][0] == "rejected" for happened in answers)


def test_a_bounded_script_never_lets_many_more_orders_rest() -> None:
    script, reference = crossing(5_000, most=50), Reference()
    for order, is_buy, price, qty in script.acts:
        if is_buy is None:
            reference.cancel(order)
        else:
            reference.submit(order, is_buy, price, qty)

    assert sum(reference.rests(act.order) for act in script.acts if act.is_buy is not None) < 100


def test_the_reference_trades_best_price_first_then_who_came_first() -> None:
    reference = Reference()
    for number, price in ((1, 11), (2, 10), (3, 10)):
        reference.submit(number, False, price, 5)
    reference.cancel(2)

    assert reference.submit(4, True, 11, 8) is False
    assert reference.fills == [Fill(3, 4, 10, 5), Fill(1, 4, 11, 3)]


def test_the_commands_of_a_replay_begin_with_the_pair() -> None:
    assert isinstance(next(replay._commands([])), ListPair)
