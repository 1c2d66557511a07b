"""Link groups: what a linked chart changes, its group shows; a crosshair belongs to who set it."""

from __future__ import annotations

import pytest

from crs_desktop.viewmodels.link import ChartLink, Cursor, LinkGroups
from engine.domain.market import Timeframe
from engine.domain.pair import TradingPair
from engine.errors import InvalidInput
from tests.crs_desktop.trading_floor import Floor

M1, M5, H1 = Timeframe.M1, Timeframe.M5, Timeframe.H1


@pytest.fixture(scope="module")
def pairs() -> dict[str, TradingPair]:
    return {pair.symbol: pair for pair in Floor().pairs}


@pytest.fixture
def groups(pairs: dict[str, TradingPair]) -> LinkGroups:
    return LinkGroups(pairs, "BTC/USDT", M1)


def test_a_change_in_one_chart_is_a_change_of_its_group_and_of_no_other(groups: LinkGroups) -> None:
    one, two = ChartLink(groups.a), ChartLink(groups.a)
    other, alone = ChartLink(groups.named("B", groups.a)), ChartLink(groups.named("", groups.a))

    one.select("ETH/USDT")
    two.set_timeframe(M5)

    assert [(each.symbol, each.timeframe) for each in (one, two)] == [("ETH/USDT", M5)] * 2
    assert [(each.symbol, each.timeframe) for each in (other, alone)] == [("BTC/USDT", M1)] * 2


def test_a_chart_that_keeps_its_timeframe_follows_the_pair_only(groups: LinkGroups) -> None:
    one, kept = ChartLink(groups.a), ChartLink(groups.a, H1)

    one.set_timeframe(M5)
    one.select("ETH/USDT")
    kept.set_timeframe(Timeframe.D1)

    assert (kept.symbol, kept.timeframe) == ("ETH/USDT", Timeframe.D1)
    assert one.timeframe is M5

    kept.keep_timeframe(False)
    assert kept.timeframe is M5
    kept.keep_timeframe(True)
    one.set_timeframe(M1)
    assert kept.timeframe is M5


def test_a_chart_that_leaves_all_groups_goes_on_showing_what_it_shows(groups: LinkGroups) -> None:
    link = ChartLink(groups.a)

    link.join(groups.named("", link.group))
    groups.a.select("ETH/USDT")

    assert link.symbol == "BTC/USDT"
    link.join(groups.a)
    assert link.symbol == "ETH/USDT"


def test_every_change_is_told_once(groups: LinkGroups) -> None:
    link, told = ChartLink(groups.a), []
    link.on_change(lambda each: told.append((each.symbol, each.timeframe)))

    groups.a.show("ETH/USDT", M5)
    groups.a.show("ETH/USDT", M5)
    link.keep_timeframe(False)
    link.join(groups.a)

    assert told == [("ETH/USDT", M5)]


def test_a_pair_that_is_not_listed_is_refused_and_nothing_changes(groups: LinkGroups) -> None:
    with pytest.raises(InvalidInput, match="MOON/USDT"):
        groups.a.select("MOON/USDT")

    assert groups.a.symbol == "BTC/USDT"


def test_all_but_the_one_that_points_see_the_crosshair(groups: LinkGroups) -> None:
    one, two, other = ChartLink(groups.a), ChartLink(groups.a), ChartLink(groups.named("B", groups.a))
    cursor = Cursor(60, 5.0, "BTC/USDT")

    one.point(cursor)

    assert (one.cursor, two.cursor, other.cursor) == (None, cursor, None)


def test_only_who_pointed_last_takes_the_crosshair_away(groups: LinkGroups) -> None:
    one, two = ChartLink(groups.a), ChartLink(groups.a)
    first, second = Cursor(60, 5.0, "BTC/USDT"), Cursor(120, 6.0, "BTC/USDT")

    one.point(first)
    two.point(second)
    one.point(None)
    assert one.cursor == second

    two.point(None)
    assert one.cursor is None


def test_a_chart_that_leaves_takes_its_crosshair_along(groups: LinkGroups) -> None:
    one, two = ChartLink(groups.a), ChartLink(groups.a)
    one.point(Cursor(60, 5.0, "BTC/USDT"))

    one.join(groups.named("B", groups.a))
    assert two.cursor is None

    one.point(Cursor(60, 5.0, "BTC/USDT"))
    one.close()
    two.close()
    assert [each.link_count for each in groups.lettered] == [0, 0, 0]
