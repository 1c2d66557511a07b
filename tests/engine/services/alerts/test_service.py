import asyncio

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.market import Timeframe
from engine.domain.number import Nanos
from engine.errors import InvalidInput, StorageUnavailable, Unavailable
from engine.indicators.registry import find
from engine.indicators.spec import Columns
from engine.ports.feed import BarArrays
from engine.services.alerts import Cross, LineRule, PriceRule, PriceSource, Repeat, StudyRule
from engine.services.alerts import service as service_module
from engine.services.alerts.alert import Anchor
from engine.services.bars import BarClosed
from tests.engine.services.alerts.desk import AlertDesk, Shelf, opened
from tests.engine.services.scripted_feed import SECOND, START

BTC = "BTC/USDT"


def meetings(values: list[float], level: float, cross: Cross) -> list[int]:
    """Where a value came to the level from one side, by comparing neighbours."""
    up = [place for place in range(1, len(values)) if values[place - 1] < level <= values[place]]
    down = [place for place in range(1, len(values)) if values[place - 1] > level >= values[place]]
    return sorted({Cross.UP: up, Cross.DOWN: down, Cross.EITHER: up + down}[cross])


@given(st.lists(st.integers(95, 105), min_size=2, max_size=60), st.sampled_from(list(Cross)))
@settings(max_examples=80)
def test_a_price_alert_tells_exactly_when_neighbouring_prices_meet_the_level(prices: list[int], cross: Cross) -> None:
    async def run() -> list[int]:
        async with opened(Shelf(), prices[:1]) as desk:
            await desk.alerts.add(BTC, PriceRule(100, cross), repeat=Repeat.ALWAYS)
            found = []
            for place, price in enumerate(prices[1:], 1):
                before = len(desk.told)
                desk.feed.print(price, 1, 1_000_000)
                found += [place] * (len(desk.told) - before)
            return found

    assert asyncio.run(run()) == meetings([float(each) for each in prices], 100.0, cross)


@given(st.lists(st.integers(80, 120), min_size=30, max_size=90), st.sampled_from(list(Cross)))
@settings(max_examples=40)
def test_an_indicators_alert_tells_at_the_bars_where_the_batch_form_meets_the_level(
    closes: list[int], cross: Cross
) -> None:
    rule = StudyRule("sma", "1s", find("sma").outputs[0].name, {"period": 5}, level=1.0005, cross=cross)

    async def run() -> tuple[list[int], Columns]:
        async with opened(Shelf(), closes[:1]) as desk:
            closed: list[BarClosed] = []
            desk.bus.subscribe(BarClosed, closed.append)
            for price in closes[1:10]:
                desk.feed.print(price, 1, SECOND)
            await desk.alerts.add(BTC, rule, repeat=Repeat.ALWAYS)
            await asyncio.sleep(0.01)
            for price in closes[10:]:
                desk.feed.print(price, 1, SECOND)
            told = [(each.fired.at - START) // SECOND for each in desk.told]
            return told, await columns(desk)

    told, bars = asyncio.run(run())
    (average,) = find("sma").compute(bars, {"period": 5})
    starts = (bars.start - START) // SECOND
    known = [(int(start), float(value)) for start, value in zip(starts, average, strict=True) if value == value]
    met = meetings([value for _, value in known], 1.0005, cross)
    since = len(closes[:10]) - 1  # the alert was made in the second of the tenth print
    assert told == [known[place][0] + 1 for place in met if known[place][0] >= since]


async def columns(desk: AlertDesk) -> Columns:
    bars = await desk.feed.bars(BTC, Timeframe.S1, end=desk.feed.now, count=10_000)
    tick, lot = desk.feed.pairs()[0].price_number(1), desk.feed.pairs()[0].qty_number(1)
    return Columns(
        bars.start, bars.open * tick, bars.high * tick, bars.low * tick, bars.close * tick, bars.volume * lot
    )


async def test_an_alert_that_tells_once_tells_once_and_stays_in_the_list_as_done() -> None:
    async with opened(Shelf(), [90]) as desk:
        await desk.alerts.add(BTC, PriceRule(100), note="buy the breakout")

        for price in (101, 99, 101):
            desk.feed.print(price, 1, 1)

        (alert,) = desk.alerts.all()
        assert (alert.active, alert.fired, len(desk.told)) == (False, 1, 1)
        assert desk.told[0].fired.text == "buy the breakout (BTC/USDT: Price crossed 1.00)"
        assert (desk.told[0].fired.price, desk.told[0].fired.at) == (101, START + 1_000_001)


async def test_a_minute_passes_between_two_tellings_of_an_alert_that_asks_for_it() -> None:
    async with opened(Shelf(), [90]) as desk:
        await desk.alerts.add(BTC, PriceRule(100), repeat=Repeat.PER_MINUTE)

        for _ in range(4):
            desk.feed.print(101, 1, 20 * SECOND)
            desk.feed.print(99, 1, 0)

        assert [each.fired.at for each in desk.told] == [
            START + 20 * SECOND + 1_000_000,
            START + 80 * SECOND + 1_000_000,
        ]


async def test_bid_and_ask_alerts_look_at_the_book_and_not_at_prints() -> None:
    async with opened(Shelf(), [100]) as desk:
        await desk.data.start()
        desk.feed.diff({98: 1}, {102: 1})
        await desk.alerts.add(BTC, PriceRule(99, Cross.UP, PriceSource.BID))
        await desk.alerts.add(BTC, PriceRule(101, Cross.DOWN, PriceSource.ASK))

        desk.feed.print(97, 1, 1)
        desk.feed.print(103, 1, 1)
        nothing = list(desk.told)
        desk.feed.diff({99: 5}, {101: 5})

        assert nothing == []
        assert [each.fired.price for each in desk.told] == [99, 101]


def test_a_lines_level_is_the_straight_line_through_its_anchors_and_ends_where_it_is_not_extended() -> None:
    line = LineRule("d1", Anchor(100, 50.0), Anchor(200, 70.0), extends_left=False, extends_right=True)

    assert [line.level(at) for at in (99, 100, 150, 200, 300)] == [None, 50.0, 60.0, 70.0, 90.0]
    turned = LineRule("d1", line.second, line.first, extends_left=True, extends_right=False)
    assert [turned.level(at) for at in (0, 150, 201)] == [30.0, 60.0, None]


async def test_a_drawings_alert_follows_the_slope() -> None:
    async with opened(Shelf(), [100]) as desk:
        now = desk.feed.now
        rising = LineRule("d1", Anchor(now, 105.0), Anchor(now + 10 * SECOND, 115.0))
        await desk.alerts.add(BTC, rising)

        desk.feed.print(106, 1, 4 * SECOND)  # the line is at 109
        desk.feed.print(112, 1, 2 * SECOND)  # the line is at 111

        assert [each.fired.price for each in desk.told] == [112]


async def test_what_was_added_is_there_after_a_restart_and_what_was_crossed_meanwhile_is_told() -> None:
    shelf = Shelf()
    async with opened(shelf, [90]) as desk:
        added = await desk.alerts.add(BTC, PriceRule(100), note="n", repeat=Repeat.ALWAYS, sound=False)

    async with opened(shelf) as desk:
        assert desk.alerts.all() == [added]
        desk.feed.print(120, 1, 1)
        assert [each.fired.price for each in desk.told] == [120]

    async with opened(shelf) as desk:
        assert [each.price for each in desk.alerts.fired] == [120]
        assert desk.alerts.all()[0].fired == 1


async def test_a_jump_of_the_market_crosses_nothing() -> None:
    async with opened(Shelf(), [90]) as desk:
        await desk.alerts.add(BTC, PriceRule(100))

        desk.feed.jump(START + 86_400 * SECOND)
        desk.feed.print(120, 1, 1)
        jumped = list(desk.told)
        desk.feed.print(99, 1, 1)

        assert jumped == []
        assert len(desk.told) == 1


async def test_an_alert_past_its_end_is_done_without_a_word() -> None:
    async with opened(Shelf(), [90]) as desk:
        await desk.alerts.add(BTC, PriceRule(100), expires_at=desk.feed.now + SECOND)

        desk.feed.print(101, 1, 2 * SECOND)

        assert desk.told == []
        assert not desk.alerts.all()[0].active


async def test_removed_alerts_can_be_restored_and_tell_again() -> None:
    shelf = Shelf()
    async with opened(shelf, [90]) as desk:
        alert = await desk.alerts.add(BTC, PriceRule(100))
        gone = await desk.alerts.remove(alert.id)
        desk.feed.print(101, 1, 1)
        silent = list(desk.told)

        await desk.alerts.restore(gone)
        desk.feed.print(99, 1, 1)

        assert (gone, silent) == ([alert], [])
        assert len(desk.told) == 1


@pytest.mark.parametrize(
    ("rule", "word"),
    [
        (PriceRule(0), "above 0"),
        (StudyRule("nonsense", "1m", "x", level=1.0), "nonsense"),
        (StudyRule("rsi", "1m", "nothing", level=70.0), "nothing"),
        (StudyRule("rsi", "1m", find("rsi").outputs[0].name, {"period": -4}, level=70.0), "period"),
        (StudyRule("rsi", "7q", find("rsi").outputs[0].name, level=70.0), "7q"),
        (StudyRule("macd", "1m", find("macd").outputs[0].name), "level or with another output"),
    ],
)
async def test_a_rule_that_cannot_be_is_refused_with_what_is_wrong(rule: PriceRule | StudyRule, word: str) -> None:
    async with opened(Shelf(), [90]) as desk:
        with pytest.raises(InvalidInput, match=word):
            await desk.alerts.add(BTC, rule)
        assert desk.alerts.all() == []


async def test_the_level_of_an_indicator_is_what_its_chart_shows_and_is_told_to_the_last_digit() -> None:
    rule = StudyRule("macd", "1s", "macd", level=0.0125, cross=Cross.UP)
    async with opened(Shelf(), [9_000]) as desk:
        for _ in range(40):
            desk.feed.print(9_000, 1, SECOND)
        await desk.alerts.add(BTC, rule)
        await asyncio.sleep(0.01)
        prices = [9_000] * 3 + [9_010] * 6
        for price in prices:
            desk.feed.print(price, 1, SECOND)

        bars = await columns(desk)
        macd = find("macd").compute(bars)[0]
        first = int(bars.start[int(np.argmax(macd >= 0.0125))])
        assert [each.fired.at for each in desk.told] == [first + SECOND]
        assert desk.told[0].fired.text.endswith("macd on 1s rose to 0.0125")


async def test_a_pair_without_prices_is_refused() -> None:
    async with opened(Shelf(), [90]) as desk:
        with pytest.raises(InvalidInput, match="XYZ/USDT has no prices"):
            await desk.alerts.add("XYZ/USDT", PriceRule(100))


async def test_a_disk_that_refuses_is_said_and_the_alert_holds_until_the_end() -> None:
    shelf = Shelf()
    async with opened(shelf, [90]) as desk:
        shelf.error = StorageUnavailable("disk full")
        with pytest.raises(StorageUnavailable, match="disk full"):
            await desk.alerts.add(BTC, PriceRule(100))

        desk.feed.print(101, 1, 1)
        shelf.error = None

        assert len(desk.told) == 1
    assert shelf.data is not None
    assert b'"fired":1' in shelf.data


@pytest.mark.parametrize("data", [b"{", b"[1,2]", b'{"alerts":[{"id":1}]}', "\u00e9".encode("latin-1")])
async def test_a_damaged_file_is_set_aside_and_said(data: bytes) -> None:
    shelf = Shelf(data)

    async with opened(shelf, [90]) as desk:
        assert "kept as aside" in desk.alerts.problem
        assert desk.alerts.all() == []

    assert shelf.aside == data


async def test_an_intrabar_alert_looks_at_the_forming_bar_and_a_closing_one_does_not() -> None:
    async with opened(Shelf(), [90]) as desk:
        for _ in range(6):
            desk.feed.print(90, 1, SECOND)
        output = find("sma").outputs[0].name
        for on_close in (True, False):
            rule = StudyRule("sma", "1s", output, {"period": 2}, level=1.001, on_close=on_close)
            await desk.alerts.add(BTC, rule, note=str(on_close))
        await asyncio.sleep(0.01)
        desk.feed.print(90, 1, SECOND)
        desk.feed.print(90, 1, SECOND)

        desk.feed.print(120, 1, 1000)
        within = [each.alert.note for each in desk.told]
        desk.feed.now = Nanos(desk.feed.now + 2 * SECOND)
        desk.feed.print(120, 1)

        assert within == ["False"]
        assert [each.alert.note for each in desk.told] == ["False", "True"]


def test_no_rule_is_left_out_of_the_naive_law() -> None:
    assert meetings([1, 2, 3, 2, 2, 1, 3], 2, Cross.UP) == [1, 6]
    assert meetings([1, 2, 3, 2, 2, 1, 3], 2, Cross.DOWN) == [3]
    assert np.array_equal(meetings([1, 2, 3, 2, 2, 1, 3], 2, Cross.EITHER), [1, 3, 6])


async def test_an_indicators_alert_watches_its_bars_once_and_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with opened(Shelf(), [90]) as desk:
        bars = desk.feed.bars

        async def slow(symbol: str, timeframe: Timeframe, *, end: Nanos, count: int) -> BarArrays:
            await asyncio.sleep(0.001)
            return await bars(symbol, timeframe, end=end, count=count)

        monkeypatch.setattr(desk.feed, "bars", slow)
        alert = await desk.alerts.add(BTC, StudyRule("sma", "1m", find("sma").outputs[0].name, level=100.0))
        await asyncio.sleep(0)
        desk.feed.jump(START + 86_400 * SECOND)  # while it is still being warmed up
        await asyncio.sleep(0.01)
        desk.feed.print(90, 1, SECOND)
        watched = desk.bars.forming(BTC, Timeframe.M1)

        await desk.alerts.remove(alert.id)

        assert watched is not None
        assert desk.bars.forming(BTC, Timeframe.M1) is None


async def test_an_indicators_alert_waits_for_a_history_that_cannot_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_module, "RETRY_S", 0.001)
    async with opened(Shelf(), [90]) as desk:
        bars, refusals = desk.feed.bars, [Unavailable("not now"), Unavailable("not now")]

        async def refusing(symbol: str, timeframe: Timeframe, *, end: Nanos, count: int) -> BarArrays:
            if refusals:
                raise refusals.pop()
            return await bars(symbol, timeframe, end=end, count=count)

        monkeypatch.setattr(desk.feed, "bars", refusing)
        for _ in range(3):
            desk.feed.print(90, 1, SECOND)
        await desk.alerts.add(BTC, StudyRule("sma", "1s", find("sma").outputs[0].name, {"period": 2}, level=1.0))
        await asyncio.sleep(0.05)
        for _ in range(6):
            desk.feed.print(120, 1, SECOND)

        assert len(desk.told) == 1


async def test_a_kept_alert_of_an_unknown_indicator_stands_still_and_says_so() -> None:
    shelf = Shelf()
    async with opened(shelf, [90]) as desk:
        await desk.alerts.add(BTC, StudyRule("sma", "1m", find("sma").outputs[0].name, level=100.0))
    assert shelf.data is not None
    shelf.data = shelf.data.replace(b'"sma"', b'"smu"', 1)

    async with opened(shelf, [90]) as desk:
        await asyncio.sleep(0.01)

        assert "smu" in desk.alerts.problem
        assert [each.active for each in desk.alerts.all()] == [False]
