import pytest

from engine.adapters.exchanges.net.clock import VenueClock
from engine.adapters.exchanges.net.pace import Pace


class Hand:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


async def test_a_pace_lets_a_burst_through_and_then_so_many_a_second() -> None:
    hand = Hand()

    async def sleep(seconds: float) -> None:
        hand.at += seconds

    pace = Pace(10.0, 3.0, hand, sleep)
    begun = hand.at
    for _ in range(3):
        await pace.take()
    assert hand.at == begun

    for _ in range(10):
        await pace.take()
    assert abs(hand.at - begun - 1.0) < 1e-3


def test_what_others_used_counts() -> None:
    hand = Hand()
    pace = Pace(1.0, 100.0, hand)
    pace.used(130.0)
    assert pace.left == -30.0
    hand.at += 50.0
    assert pace.left == 20.0
    pace.used(0.0)  # it never gives back
    assert pace.left == 20.0


def test_a_clock_takes_the_middle_of_the_quick_looks_and_never_goes_back() -> None:
    elapsed, ms = [0], 1_000_000
    clock = VenueClock(lambda: elapsed[0], lambda: 5_000 * ms)
    assert clock.now == 5_000 * ms
    assert clock.skew_ms is None

    def look(true: int, there: int, back: int) -> None:
        """Ask at the true time, with so many ms for either way."""
        sent = elapsed[0]
        elapsed[0] += (there + back) * ms
        clock.measured((true + there) * ms, sent, elapsed[0])

    look(10_000, 10, 10)
    assert clock.now == 10_020 * ms
    look(10_020, 400, 20)  # a look that was held up on its way does not count
    assert clock.now == 10_440 * ms
    look(10_440, 10, 12)
    assert abs(clock.now - 10_462 * ms) <= ms

    before = clock.now
    clock.forget()
    look(3_000, 10, 10)  # somebody set it back
    assert clock.now == before
    elapsed[0] += 20_000 * ms
    assert clock.now == 23_020 * ms


@pytest.mark.parametrize("true", [-350, 0, 999, 1_270])
def test_looks_at_a_clock_of_whole_seconds_say_together_where_between_them_it_is(true: int) -> None:
    elapsed, ms, second = [0], 1_000_000, 1_000_000_000
    clock = VenueClock(lambda: elapsed[0], lambda: elapsed[0])
    far = []
    for wait in (130, 1_370, 290, 1_810, 450, 2_930, 610, 1_070, 770):
        elapsed[0] += wait * ms
        sent = elapsed[0]
        elapsed[0] += 20 * ms
        told = (sent + 10 * ms + true * ms) // second * second
        clock.measured(told, sent, elapsed[0], second)
        assert clock.skew_ms is not None
        far.append(abs(clock.skew_ms - true))

    assert far[0] <= 520
    assert far == sorted(far, reverse=True) or far[-1] <= 150
    assert far[-1] <= 150
