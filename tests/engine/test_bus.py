import logging
from dataclasses import dataclass

import pytest

from engine.bus import Bus


@dataclass(frozen=True)
class Rang:
    number: int


class Louder(Rang):
    pass


def test_handlers_hear_in_the_order_in_which_they_subscribed() -> None:
    bus = Bus()
    heard: list[tuple[str, int]] = []

    def listen(name: str) -> None:
        bus.subscribe(Rang, lambda event: heard.append((name, event.number)))

    for name in "abc":
        listen(name)

    bus.publish(Rang(1))

    assert heard == [("a", 1), ("b", 1), ("c", 1)]


def test_only_exactly_the_type_is_heard() -> None:
    bus = Bus()
    heard: list[Rang] = []
    bus.subscribe(Rang, heard.append)

    bus.publish(Louder(1))
    bus.publish("Rang")

    assert heard == []


def test_an_event_published_by_a_handler_waits_until_all_have_heard_the_current_one() -> None:
    bus = Bus()
    heard: list[tuple[str, int]] = []

    def first(event: Rang) -> None:
        heard.append(("first", event.number))
        if event.number < 2:
            bus.publish(Rang(event.number + 1))

    bus.subscribe(Rang, first)
    bus.subscribe(Rang, lambda event: heard.append(("second", event.number)))

    bus.publish(Rang(0))

    assert heard == [(who, number) for number in range(3) for who in ("first", "second")]


def test_a_closed_subscription_hears_nothing_more_and_closing_twice_is_harmless() -> None:
    bus = Bus()
    heard: list[Rang] = []
    subscription = bus.subscribe(Rang, heard.append)
    other = bus.subscribe(Rang, lambda event: None)

    subscription.close()
    subscription.close()
    bus.publish(Rang(1))

    assert heard == []
    assert bus.subscriber_count == 1
    other.close()
    assert bus.subscriber_count == 0


def test_a_handler_closed_by_one_before_it_does_not_hear_the_event_under_way() -> None:
    bus = Bus()
    heard: list[Rang] = []
    bus.subscribe(Rang, lambda event: later.close())
    later = bus.subscribe(Rang, heard.append)

    bus.publish(Rang(1))

    assert heard == []


def test_a_handler_may_close_itself_without_keeping_the_next_from_the_event() -> None:
    bus = Bus()
    heard: list[Rang] = []
    own = bus.subscribe(Rang, lambda event: own.close())
    bus.subscribe(Rang, heard.append)

    bus.publish(Rang(1))

    assert heard == [Rang(1)]


def test_a_handler_that_raises_is_reported_and_keeps_nobody_from_the_event() -> None:
    errors: list[tuple[BaseException, object]] = []
    bus = Bus(on_error=lambda error, event: errors.append((error, event)))
    heard: list[Rang] = []
    problem = RuntimeError("broken pane")

    def broken(event: Rang) -> None:
        raise problem

    bus.subscribe(Rang, broken)
    bus.subscribe(Rang, heard.append)

    bus.publish(Rang(1))
    bus.publish(Rang(2))

    assert heard == [Rang(1), Rang(2)]
    assert errors == [(problem, Rang(1)), (problem, Rang(2))]


def test_without_another_wish_errors_go_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    bus = Bus()

    def broken(event: Rang) -> None:
        raise RuntimeError("broken pane")

    bus.subscribe(Rang, broken)
    with caplog.at_level(logging.ERROR):
        bus.publish(Rang(1))

    (record,) = caplog.records
    assert record.getMessage() == "handler failed"
    assert record.exc_info is not None
    assert str(record.exc_info[1]) == "broken pane"


def test_what_stops_the_program_passes_through_and_the_bus_delivers_afterwards() -> None:
    bus = Bus()
    heard: list[Rang] = []

    def stop(event: Rang) -> None:
        if event.number == 1:
            raise KeyboardInterrupt

    bus.subscribe(Rang, stop)
    bus.subscribe(Rang, heard.append)

    with pytest.raises(KeyboardInterrupt):
        bus.publish(Rang(1))
    bus.publish(Rang(2))

    assert heard == [Rang(2)]
