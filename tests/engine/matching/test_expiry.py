"""Deadlines beside a plain list."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.matching.expiry import NEVER, SWEPT, Deadlines

STEPS = st.lists(st.tuples(st.sampled_from(["add", "remove", "take"]), st.integers(0, 30)), max_size=60)


@given(steps=STEPS)
def test_orders_come_out_by_instant_then_by_acceptance(steps: list[tuple[str, int]]) -> None:
    deadlines: Deadlines[int] = Deadlines()
    plain: dict[int, int] = {}
    for number, (what, value) in enumerate(steps):
        if what == "add":
            deadlines.add(value, number, number)
            plain[number] = value
        elif what == "remove":
            deadlines.remove(value)
            plain.pop(value, None)
        else:
            due = sorted((at, each) for each, at in plain.items() if at <= value)
            found = []
            while (taken := deadlines.take(value)) is not None:
                found.append(taken)
            assert found == due
            plain = {each: at for each, at in plain.items() if at > value}
        assert deadlines.next_at <= min(plain.values(), default=NEVER)


def test_far_deadlines_that_come_and_go_leave_nothing_behind() -> None:
    deadlines: Deadlines[int] = Deadlines()
    for number in range(10_000):
        deadlines.add(10**18, number, number)
        deadlines.remove(number)

    assert len(deadlines._heap) <= SWEPT + 1
    assert deadlines.take(10**18) is None
    assert deadlines.next_at == NEVER
