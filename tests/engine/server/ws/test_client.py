"""What waits for a client that does not keep up."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from engine.server.ws.channel import Channel
from engine.server.ws.frame import text_frame
from tests.engine.server.ws.outlets import MemoryOutlet, client_over

Step = tuple[str, int]
steps = st.lists(st.tuples(st.sampled_from(["tell", "a", "b", "read", "final"]), st.integers(0, 4)), max_size=60)


@given(steps, st.integers(0, 3))
def test_kept_messages_all_come_in_order_and_of_the_others_the_newest_comes_last(script: list[Step], room: int) -> None:
    outlet = MemoryOutlet(room)
    client = client_over(outlet)
    channel = Channel("ticker:*")
    channel.add(client)
    kept: list[str] = []
    newest: dict[str, str] = {}
    for number, (what, amount) in enumerate(script):
        text = f"{what} {number}"
        if what == "tell":
            client.tell(text_frame(text.encode()))
            kept.append(text)
        elif what == "read":
            outlet.read(amount)
        elif what == "final":
            channel.publish(text.encode())
            kept.append(text)
            newest.clear()
        else:
            channel.replace(text.encode(), what)
            newest[what] = text
    outlet.read()

    assert client.waiting == 0
    assert [each for each in outlet.got if each.split()[0] in ("tell", "final")] == kept
    numbers = [(each.split()[0], int(each.split()[1])) for each in outlet.got if not each.startswith("tell")]
    for place, (what, number) in enumerate(numbers):
        assert what != "final" or all(before < number for _, before in numbers[:place])
    for key, text in newest.items():
        of_key = [each for each in outlet.got if each.split()[0] == key]
        assert of_key[-1] == text
        assert len(set(of_key)) == len(of_key)


def test_a_client_that_keeps_up_gets_every_message_at_once() -> None:
    outlet = MemoryOutlet()
    client = client_over(outlet)
    channel = Channel("trades:BTC/USDT")
    channel.add(client)

    channel.publish(b"1")
    channel.replace(b"2")
    channel.replace(b"3")

    assert outlet.got == ["1", "2", "3"]


def test_who_comes_late_is_shown_what_is_newest() -> None:
    channel = Channel("ticker:*")
    channel.replace(b"btc", "BTC/USDT")
    channel.replace(b"eth", "ETH/USDT")
    channel.replace(b"btc again", "BTC/USDT")
    outlet = MemoryOutlet()

    channel.add(client_over(outlet))

    assert outlet.got == ["btc again", "eth"]


def test_a_client_that_missed_a_difference_gets_a_whole_new_picture_made_when_it_reads() -> None:
    picture = [b"snapshot 1"]
    channel = Channel("book:BTC/USDT", fresh=lambda: picture[0])
    outlet = MemoryOutlet(1)
    client = client_over(outlet)
    channel.add(client)

    channel.replace(b"diff 2")
    channel.replace(b"diff 3")
    picture[0] = b"snapshot 3"
    outlet.read()
    channel.replace(b"diff 4")

    assert outlet.got == ["snapshot 1", "snapshot 3", "diff 4"]


def test_too_many_or_too_large_messages_that_wait_close_a_client_and_it_gets_nothing_more() -> None:
    for limits in ({"queue_messages": 3}, {"queue_bytes": 30}):
        outlet = MemoryOutlet(0)
        client = client_over(outlet, **limits)
        for _ in range(4):
            client.tell(text_frame(b"0123456789"))
            client.tell(text_frame(b""))
        outlet.read()

        assert outlet.closed is not None
        assert outlet.closed[0] == 4008
        assert (outlet.got, client.waiting) == ([], 0)


def test_messages_that_replace_each_other_never_fill_a_queue() -> None:
    outlet = MemoryOutlet(0)
    client = client_over(outlet, queue_messages=2, queue_bytes=10)
    channel = Channel("book20:BTC/USDT")
    channel.add(client)
    for number in range(1_000):
        channel.replace(f"a message of many bytes {number}".encode())
    outlet.read()

    assert outlet.closed is None
    assert outlet.got == ["a message of many bytes 999"]


def test_a_client_that_takes_nothing_for_too_long_is_stalled_and_one_that_takes_a_little_is_not() -> None:
    outlet = MemoryOutlet(0)
    client = client_over(outlet, stalled_s=10)
    now = time.monotonic()
    assert not client.is_stalled(now + 60)

    client.tell(text_frame(b"1"))
    client.tell(text_frame(b"2"))
    assert client.is_stalled(now + 60)

    outlet.read(1)
    assert not client.is_stalled(time.monotonic() + 5)
    assert client.is_stalled(time.monotonic() + 60)


def test_a_channel_says_when_the_last_one_has_gone_and_leaving_twice_is_once() -> None:
    gone: list[str] = []
    channel = Channel("book:BTC/USDT", fresh=lambda: b"book", on_empty=lambda each: gone.append(each.name))
    one, other = client_over(MemoryOutlet()), client_over(MemoryOutlet(0))
    channel.add(one)
    channel.add(other)

    channel.remove(one)
    channel.remove(one)
    assert gone == []
    channel.remove(other)

    assert gone == ["book:BTC/USDT"]
    assert other.waiting == 0
