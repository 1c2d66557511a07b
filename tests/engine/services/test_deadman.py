"""The dead-man's switch on a clock of its own."""

from __future__ import annotations

from engine.bus import Bus
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.services.deadman import DeadMan, DeadManChanged


class Hands:
    """A clock that is moved by hand, and what was done."""

    def __init__(self) -> None:
        self.now, self.acts = Nanos(0), 0
        self.said: list[DeadManChanged] = []
        bus = Bus()
        bus.subscribe(DeadManChanged, self.said.append)
        self.switch = DeadMan(bus, lambda: self.now, self.act)

    async def act(self) -> None:
        self.acts += 1

    async def after(self, seconds: float) -> None:
        self.now = Nanos(self.now + int(seconds * NANOS_PER_SECOND))
        await self.switch.look()


async def test_it_fires_once_after_the_span_without_a_sign_of_life() -> None:
    hands = Hands()
    hands.switch.arm(20)

    await hands.after(14)
    assert (hands.switch.left_s, hands.switch.warns, hands.acts) == (6.0, False, 0)
    await hands.after(1)
    assert (hands.switch.left_s, hands.switch.warns) == (5.0, True)
    await hands.after(5)
    await hands.after(5)

    assert (hands.acts, hands.switch.fired, hands.switch.left_s) == (1, True, None)
    assert [(each.warns, each.fired) for each in hands.said] == [(False, False), (True, False), (False, True)]


async def test_a_sign_of_life_starts_the_span_again_and_takes_the_warning_back() -> None:
    hands = Hands()
    hands.switch.arm(20)
    await hands.after(16)
    hands.switch.alive()
    assert (hands.said[-1].warns, hands.switch.left_s) == (False, 20.0)
    hands.switch.alive()
    assert len(hands.said) == 3

    await hands.after(19)
    assert hands.acts == 0


async def test_who_comes_back_too_late_does_not_keep_it_from_firing() -> None:
    hands = Hands()
    hands.switch.arm(20)
    hands.now = Nanos(8 * 3_600 * NANOS_PER_SECOND)  # the machine slept

    hands.switch.alive()
    await hands.switch.look()

    assert hands.acts == 1
    hands.switch.alive()
    assert (hands.switch.fired, hands.switch.left_s) == (False, 20.0)


async def test_it_rests_while_it_is_off() -> None:
    hands = Hands()
    await hands.after(10**6)
    hands.switch.arm(20)
    hands.switch.arm(None)
    await hands.after(10**6)

    assert (hands.acts, hands.switch.left_s, hands.switch.warns) == (0, None, False)
