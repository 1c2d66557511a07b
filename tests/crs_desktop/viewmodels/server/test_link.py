"""The bar about a connection, the badge of age, the report after a break: what is said, and when nothing is."""

from __future__ import annotations

import pytest

from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.freshness import Freshness
from crs_desktop.viewmodels.server.link import LinkModel
from crs_desktop.viewmodels.server.report import line_of, title_of, tone_of
from crs_desktop.viewmodels.words import NOTHING
from engine.bus import Bus
from engine.domain.market import BookDiff, FeedState
from engine.domain.number import Lots, Nanos
from engine.domain.order import OrderId, Side
from engine.ports.server import ConnectionChanged, ConnectionState
from engine.services.reconcile import Change, Fate, Reconciled
from engine.services.session import SessionChanged, SessionState
from tests.crs_desktop.trading_floor import Floor

NAME = "demo.example.org"


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def made() -> tuple[Desk, LinkModel, Bus, Clock]:
    desk, bus, clock = Desk(Floor()), Bus(), Clock()
    return desk, LinkModel(desk, NAME, bus, clock), bus, clock


def test_nothing_is_said_while_all_is_well() -> None:
    desk, model, bus, _ = made()
    before = model.text
    desk.bus.publish(ConnectionChanged(ConnectionState.ONLINE, f"Connected to {NAME}."))
    bus.publish(SessionChanged(SessionState.REFRESHING))

    assert (before, model.text, model.is_up) == (NOTHING, NOTHING, True)


def test_a_break_counts_down_to_the_next_try_and_never_below_nothing() -> None:
    desk, model, _, clock = made()
    desk.bus.publish(ConnectionChanged(ConnectionState.WAITING, "The connection broke.", 2, 8.0))

    left = []
    for now in (100.0, 104.4, 108.0, 120.0):
        clock.now = now
        left.append(model.left_s)

    assert left == [8, 4, 0, 0]
    assert str(model.text) == "The connection broke. Next try in 0 s. Orders that work there go on working."


def test_a_session_that_ended_asks_to_sign_in_until_somebody_did() -> None:
    _, model, bus, _ = made()
    bus.publish(SessionChanged(SessionState.EXPIRED, "You were signed out: revoked."))
    over = model.needs_sign_in, str(model.text)

    bus.publish(SessionChanged(SessionState.SIGNED_IN))

    assert over[0]
    assert over[1].startswith("You were signed out: revoked.")
    assert (model.needs_sign_in, model.text) == (False, NOTHING)


def test_a_server_that_is_too_new_says_so_and_is_not_waited_for() -> None:
    desk, model, _, _ = made()

    desk.bus.publish(ConnectionChanged(ConnectionState.CLOSED, "This program is too old for the server."))

    assert (str(model.text), model.left_s) == ("This program is too old for the server.", None)


def test_a_closed_model_leaves_nothing_behind() -> None:
    desk, model, bus, _ = made()
    links = desk.link_count

    model.close()

    assert desk.link_count == links - 1
    bus.publish(SessionChanged(SessionState.EXPIRED, "late"))
    assert not model.needs_sign_in


# -- the badge of age ---------------------------------------------------------------------------------


def test_a_badge_says_how_old_the_prices_are_while_they_cannot_be_trusted() -> None:
    floor, clock = Floor(), Clock()
    desk = Desk(floor)
    freshness = Freshness(desk, clock)
    floor.feed.state = FeedState.STALE
    never_heard = freshness.badge
    desk.bus.publish(BookDiff("BTC/USDT", (), (), 1, 1, Nanos(0)))
    clock.now += 4.2
    stale = str(freshness.badge)
    floor.feed.state = FeedState.PAUSED  # market time stands still: that is no age
    paused = freshness.badge.source if desk.market_data.book("BTC/USDT").synced else ""
    freshness.close()

    assert never_heard == NOTHING
    assert stale == "stale 4.2 s"
    assert paused == ""


# -- the report -----------------------------------------------------------------------------------------


def change(fate: Fate, side: Side = Side.BUY, filled: int = 50_000) -> Change:
    return Change(OrderId("d-1"), "BTC/USDT", side, fate, Lots(filled), Lots(100_000))


@pytest.mark.parametrize("fate", Fate)
@pytest.mark.parametrize("side", Side)
def test_every_fate_has_a_sentence_with_the_quantity_of_the_pair(fate: Fate, side: Side) -> None:
    pairs = Desk(Floor()).pairs

    text = str(line_of(change(fate, side), pairs))

    assert "BTC" in text
    assert "{" not in text
    assert ("0.5" in text) or ("1.0" in text)


def test_what_was_lost_is_worse_than_what_ended_than_what_filled() -> None:
    def tone(*fates: Fate) -> str:
        return tone_of(Reconciled(3.0, tuple(change(each) for each in fates)))

    assert [tone(), tone(Fate.FILLED), tone(Fate.FILLED, Fate.ENDED), tone(Fate.ENDED, Fate.NEVER_ARRIVED)] == [
        "good", "good", "warn", "error",
    ]  # fmt: skip


def test_the_title_says_how_long_and_how_many() -> None:
    titles = [str(title_of(Reconciled(42.0, (change(Fate.FILLED),) * count), NAME)) for count in (0, 1, 3)]

    assert titles == [
        f"{NAME} is back after 42 s: nothing happened to your orders.",
        f"{NAME} is back after 42 s: one order changed.",
        f"{NAME} is back after 42 s: 3 orders changed.",
    ]


def test_a_pair_that_is_not_listed_here_is_still_told() -> None:
    told = Change(OrderId("d-1"), "NEW/USDT", Side.SELL, Fate.FILLED, Lots(7), Lots(7))

    assert str(line_of(told, {})) == "Filled: sold 7 NEW."
