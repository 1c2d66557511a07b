"""The pulse refreshes what is dirty and seen, at the pace of attention, and knows what a frame costs."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from crs_desktop.pulse import BUDGET_MS, MOST, Attention, Pulse, Spans


class Clockwork:
    """A timer that remembers what it was told, and a clock that moves when asked."""

    def __init__(self) -> None:
        self.interval: int | None = None
        self.now = 0.0

    def start(self, interval_ms: int) -> None:
        self.interval = interval_ms

    def stop(self) -> None:
        self.interval = None

    def clock(self) -> float:
        return self.now


class Panel:
    """A view that counts its refreshes; each takes `cost` seconds."""

    def __init__(self, clockwork: Clockwork, *, dirty: bool = True, visible: bool = True, cost: float = 0.0) -> None:
        self.clockwork, self.cost = clockwork, cost
        self.dirty, self.visible = dirty, visible
        self.refreshed = 0

    def refresh(self) -> None:
        self.refreshed += 1
        self.dirty = False
        self.clockwork.now += self.cost


class Broken(Panel):
    def refresh(self) -> None:
        raise RuntimeError("torn")


def make() -> tuple[Clockwork, Pulse]:
    clockwork = Clockwork()
    return clockwork, Pulse(clockwork, clockwork.clock)


def test_a_dirty_visible_view_is_refreshed_once() -> None:
    clockwork, pulse = make()
    panel = Panel(clockwork)
    pulse.register(panel)

    pulse.beat()
    pulse.beat()

    assert panel.refreshed == 1


def test_hidden_and_clean_views_are_left_alone() -> None:
    clockwork, pulse = make()
    hidden, clean = Panel(clockwork, visible=False), Panel(clockwork, dirty=False)
    pulse.register(hidden)
    pulse.register(clean)

    pulse.beat()

    assert (hidden.refreshed, clean.refreshed) == (0, 0)


def test_a_closed_registration_is_refreshed_no_more() -> None:
    clockwork, pulse = make()
    panel = Panel(clockwork)
    registration = pulse.register(panel)
    registration.close()
    registration.close()

    pulse.beat()

    assert panel.refreshed == 0


def test_attention_sets_the_pace_and_hidden_stops_the_timer() -> None:
    clockwork, pulse = make()

    paces = []
    for attention in (Attention.FOCUSED, Attention.UNFOCUSED, Attention.HIDDEN, Attention.FOCUSED):
        pulse.set_attention(attention)
        paces.append(clockwork.interval)

    assert paces == [33, 100, None, 33]


def test_a_frame_is_refreshing_and_painting_together() -> None:
    clockwork, pulse = make()
    pulse.register(Panel(clockwork, cost=0.002))

    pulse.beat()
    pulse.painted(3.0)
    pulse.beat()

    assert pulse.frames.count == 1
    assert math.isclose(pulse.frames.max, 5.0)


def test_painting_without_a_refresh_is_a_frame_too() -> None:
    _, pulse = make()

    pulse.painted(4.0)
    pulse.beat()

    assert (pulse.frames.count, pulse.frames.max) == (1, 4.0)


def test_many_dirty_views_take_turns_so_that_no_frame_is_long() -> None:
    clockwork, pulse = make()
    pulse.set_attention(Attention.FOCUSED)
    panels = [Panel(clockwork) for _ in range(MOST * 2)]
    for panel in panels:
        pulse.register(panel)

    pulse.beat()
    after_one = sum(panel.refreshed for panel in panels)
    for panel in panels:
        panel.dirty = True
    pulse.beat()

    assert after_one == MOST
    assert [panel.refreshed for panel in panels] == [1] * len(panels)


def test_a_broken_view_does_not_stop_the_others_and_is_reported_once() -> None:
    clockwork, pulse = make()
    good = Panel(clockwork)
    pulse.register(Broken(clockwork))
    pulse.register(good)

    pulse.beat()
    pulse.beat()

    assert good.refreshed == 1
    assert pulse.failed == {"Broken"}


@given(st.lists(st.floats(0, 1000), min_size=1, max_size=60), st.integers(1, 20), st.floats(0, 1))
def test_percentiles_are_those_of_what_is_remembered(values: list[float], kept: int, fraction: float) -> None:
    spans = Spans(kept)
    for value in values:
        spans.add(value)

    newest = sorted(values[-kept:])

    assert spans.percentile(fraction) == newest[min(len(newest) - 1, int(fraction * len(newest)))]
    assert (spans.count, spans.max) == (len(values), max(values))
    assert spans.percentile(1.0, newest=1) == values[-1]


def test_nothing_measured_reads_as_zero() -> None:
    spans = Spans()
    spans.add(1.0)
    spans.clear()

    assert (spans.percentile(0.5), spans.count, spans.max) == (0.0, 0, 0.0)


def test_what_views_cost_is_learnt_and_no_frame_takes_more_than_its_budget() -> None:
    clockwork, pulse = make()
    pulse.set_attention(Attention.FOCUSED)
    panels = [Panel(clockwork, cost=ms / 1e3) for ms in (5.0, 6.0, 4.0, 7.0, 1.0)]
    for panel in panels:
        pulse.register(panel)

    def beats(count: int) -> None:
        for _ in range(count):
            for panel in panels:
                panel.dirty = True
            pulse.beat()

    beats(200)
    pulse.frames.clear()
    before = [panel.refreshed for panel in panels]
    beats(200)

    assert pulse.frames.percentile(0.95) <= BUDGET_MS * 1.1
    assert all(panel.refreshed - was >= 40 for panel, was in zip(panels, before, strict=True)), "one waits for ever"


def test_what_somebody_trades_on_goes_first_and_the_others_take_turns() -> None:
    clockwork, pulse = make()
    pulse.set_attention(Attention.FOCUSED)
    panels = [Panel(clockwork) for _ in range(MOST * 2)]
    ladder = Panel(clockwork)
    ladder.urgent = True  # type: ignore[attr-defined]
    for panel in (*panels, ladder):
        pulse.register(panel)

    for _ in range(12):
        for panel in (*panels, ladder):
            panel.dirty = True
        pulse.beat()

    assert ladder.refreshed == 12
    counts = [panel.refreshed for panel in panels]
    assert max(counts) - min(counts) <= 1
