"""What can be typed about an alert, what is wrong with it, and what becomes of it."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crs_desktop.viewmodels.alert_expiry import expiry_text, parse_expiry
from crs_desktop.viewmodels.alert_form import AlertForm, Kind
from crs_desktop.viewmodels.alert_hand import alerts_of
from crs_desktop.viewmodels.drawings.shape import Shape
from crs_desktop.viewmodels.time_zone import zone_of
from engine.domain.order import Side
from engine.indicators.registry import BUILT_IN
from engine.indicators.spec import IntParam
from engine.services.alerts import Alert, Cross, PriceRule, PriceSource, Repeat, StudyRule
from tests.crs_desktop.trading_floor import START, Floor

SECOND = 1_000_000_000
DAY = 86_400 * SECOND
BTC = "BTC/USDT"


def form_on(floor: Floor, alert: Alert | None = None) -> AlertForm:
    desk = floor.desk()
    floor.other(Side.SELL, BTC, 6_425_000, 2_000)
    floor.other(Side.BUY, BTC, 6_425_000, 2_000)
    return AlertForm(desk, _no_shapes, alert)


def _no_shapes(_symbol: str) -> tuple[Shape, ...]:
    return ()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Enter the price to wait for."),
        ("abc", "'abc' is not a number such as 0.25."),
        ("0", "A price must be above zero."),
        ("64250.005", "Price must be a multiple of 0.01."),
        ("64,250.01", ""),
    ],
)
def test_a_level_is_on_the_grid_of_the_pair_or_a_sentence_says_why_not(text: str, sentence: str) -> None:
    form = form_on(Floor())
    form.level_text = text

    assert str(form.problem) == sentence
    assert (form.rule is None) == bool(sentence)
    assert not sentence or not form.save()


def test_a_new_alert_begins_at_the_last_price_and_steps_by_ticks() -> None:
    form = form_on(Floor())
    assert form.level_text == "64250.00"
    form.step_level(-10)
    assert form.rule == PriceRule(6_424_990)
    form.level_text = "0.05"
    form.step_level(-10)
    assert form.level_text == "0.01"


@pytest.mark.parametrize(
    ("cross", "level", "said"),
    [
        (Cross.UP, "64250.00", "must fall below first"),
        (Cross.UP, "64250.01", ""),
        (Cross.DOWN, "64250.00", "must rise above first"),
        (Cross.DOWN, "64249.99", ""),
        (Cross.EITHER, "64250.00", ""),
    ],
)
def test_a_level_that_is_met_already_is_pointed_out(cross: Cross, level: str, said: str) -> None:
    form = form_on(Floor())
    form.cross, form.level_text = cross, level
    assert said in str(form.hint)
    assert bool(said) == bool(str(form.hint))


@pytest.mark.parametrize(
    ("text", "at", "sentence"),
    [
        ("", None, ""),
        ("+4h", START + 4 * 3_600 * SECOND, ""),
        (" 2 d", START + 2 * DAY, ""),
        ("2025-06-20", 1_750_377_600 * SECOND, ""),
        ("2020-01-01", None, "That is over already; an alert can only end later than now."),
        ("-3d", None, "Write +4h, +2d (s, m, h, d, w, y), a date such as 2026-01-31 14:30, or nothing for never."),
        ("soon", None, "Write +4h, +2d (s, m, h, d, w, y), a date such as 2026-01-31 14:30, or nothing for never."),
    ],
)
def test_an_end_is_never_a_time_from_now_or_a_date_to_come(text: str, at: int | None, sentence: str) -> None:
    found, problem = parse_expiry(text, START, zone_of("UTC"))
    assert (found, str(problem)) == (at, sentence)


@given(st.integers(1, 300_000_000), st.sampled_from(["UTC", "Asia/Kathmandu", "America/St_Johns"]))
def test_an_end_reads_back_as_it_was_written(ahead: int, zone: str) -> None:
    at = START + ahead * SECOND
    text = expiry_text(at, zone_of(zone))
    again, problem = parse_expiry(text, START, zone_of(zone))
    assert str(problem) == ""
    assert again is not None
    # where clocks are set back the same wall time comes twice
    assert again == at or expiry_text(again, zone_of(zone)) == text


def test_every_built_in_indicator_can_be_watched_with_its_defaults() -> None:
    form = form_on(Floor())
    form.kind = Kind.STUDY
    for name in BUILT_IN:
        form.study.choose(name)
        form.study.level_text = "1.5"
        rule = form.rule
        assert isinstance(rule, StudyRule), (name, str(form.problem))
        Alert("x", BTC, rule).check()


def test_what_an_indicator_refuses_is_said_and_stays_said_until_it_is_corrected() -> None:
    form = form_on(Floor())
    form.kind = Kind.STUDY
    form.study.choose("sma")
    param = next(each for each in form.study.indicator.params if isinstance(each, IntParam))
    form.study.level_text = "64000"
    form.study.set_value(param, param.high + 1)
    assert "must be a whole number" in str(form.problem)
    assert form.rule is None
    form.study.set_value(param, param.low)
    assert str(form.problem) == ""


def test_an_indicator_is_compared_with_a_value_or_with_another_output_of_it() -> None:
    form = form_on(Floor())
    form.kind = Kind.STUDY
    form.study.choose("macd")
    form.study.level_text = ""
    assert str(form.problem) == "Enter the value to wait for."
    form.study.level_text = "12,000.5"
    rule = form.rule
    assert isinstance(rule, StudyRule)
    assert rule.level == 12_000.5
    first, second = form.study.outputs()[:2]
    form.study.other = first
    assert "never crosses itself" in str(form.problem)
    form.study.other = second
    rule = form.rule
    assert isinstance(rule, StudyRule)
    assert (rule.level, rule.other) == (None, second)
    Alert("x", BTC, rule).check()


def test_a_note_too_long_and_a_line_that_is_not_there_are_said() -> None:
    form = form_on(Floor())
    form.note = "x" * 201
    assert str(form.problem) == "A note has at most 200 characters, this one has 201."
    form.kind = Kind.LINE
    assert str(form.problem) == "No line is drawn on BTC/USDT; draw one first."


async def test_what_is_changed_is_what_was_typed_and_an_alert_that_was_done_waits_again() -> None:
    floor = Floor()
    desk = await floor.sit()
    floor.other(Side.SELL, BTC, 6_425_000, 2_000)
    floor.other(Side.BUY, BTC, 6_425_000, 2_000)
    rule = StudyRule("rsi", "5m", "rsi", {"period": 9}, level=70.5, cross=Cross.UP, on_close=False)
    bid = PriceRule(6_420_000, Cross.DOWN, PriceSource.BID)
    for each in (bid, rule):
        alert = await floor.alerts.add(BTC, each, note="n", repeat=Repeat.PER_MINUTE, sound=False)
        form = AlertForm(desk, _no_shapes, alert)
        assert form.rule == each or isinstance(each, StudyRule)
        if isinstance(each, StudyRule):
            assert isinstance(form.rule, StudyRule)
            assert form.rule.values == {**form.study.indicator.values(), **each.values}
        form.note, form.expiry_text = "other", "+1h"
        assert form.save()
        await asyncio.sleep(0.05)
        now = next(one for one in floor.alerts.all() if one.id == alert.id)
        assert (now.note, now.repeat, now.sound, now.active) == ("other", Repeat.PER_MINUTE, False, True)
        assert now.expires_at == floor.now + 3_600 * SECOND
    alerts_of(desk).close()
    await asyncio.sleep(0)
    await floor.alerts.close()
