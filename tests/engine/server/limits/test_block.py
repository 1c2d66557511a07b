"""Blocked addresses: how long, how often, and what of it outlasts a restart."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.server.http.address import network_of
from engine.server.limits.allowlist import AllowList
from engine.server.limits.block import MEMORY_S, Block, Blocks
from engine.server.limits.guard import Guard
from engine.server.limits.keep import Changes, FileKeep
from engine.server.limits.standing import Standings
from tests.engine.server.limits.test_trust import Clock

BAD, GOOD = "192.0.2.1", "192.0.2.2"


def until_blocked(blocks: Blocks, net: str = BAD) -> int:
    """Strike until it is blocked; return how often that took."""
    for number in range(1, 1000):
        blocks.strike(net)
        if blocks.left_s(net):
            return number
    raise AssertionError("never blocked")


def test_blocks_grow_longer_and_are_forgiven_after_a_day() -> None:
    clock = Clock()
    blocks = Blocks(now=clock)
    lengths = []
    for _ in range(4):
        assert until_blocked(blocks) == 61
        lengths.append(blocks.left_s(BAD))
        clock.now += lengths[-1]
        assert blocks.left_s(BAD) == 0
    clock.now += MEMORY_S + 1
    until_blocked(blocks)

    assert lengths == pytest.approx([60, 600, 86_400, 86_400])
    assert blocks.left_s(BAD) == pytest.approx(60)
    assert blocks.left_s(GOOD) == 0


def test_a_slow_trickle_of_refusals_blocks_nobody() -> None:
    clock = Clock()
    blocks = Blocks(now=clock)
    for _ in range(1_000):
        blocks.strike(BAD)
        clock.now += 1.0

    assert blocks.active() == ()


def test_listed_networks_are_never_blocked_but_by_an_operator() -> None:
    blocks = Blocks(now=Clock(), free=AllowList(["192.0.2.0/24", "2001:db8::1/128"]))
    for _ in range(500):
        blocks.strike(BAD)
        blocks.strike(network_of("2001:db8::2"))

    assert blocks.active() == ()
    assert until_blocked(blocks, "198.51.100.1")
    blocks.block(BAD, 30, "asked for it")
    assert blocks.left_s(BAD) == pytest.approx(30)


@pytest.mark.parametrize(
    ("address", "net"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("unknown", "unknown"),
    ],
)
def test_ipv6_counts_by_its_customer(address: str, net: str) -> None:
    assert network_of(address) == net


async def test_blocks_and_trust_outlast_a_restart_and_lifting_does_too(tmp_path: Path) -> None:
    told: list[str] = []

    async def started() -> Guard:
        guard = Guard(Blocks(), Standings(), FileKeep(tmp_path / "limits.json"))
        guard.audit = lambda word, particulars: told.append(f"{word} {particulars['address']}")
        await guard.start()
        return guard

    first = await started()
    for _ in range(61):
        first.note("", BAD, 401)
        first.note("user:1", GOOD, 429)
    await first.block(GOOD, 100, "by hand")  # kept at once: no close, as after kill -9
    second = await started()

    assert second.blocks.left_s(BAD) > 0
    assert second.blocks.left_s(GOOD) > 60
    assert second.standings.factor("user:1") == pytest.approx(first.standings.factor("user:1"), abs=1e-3)
    assert await second.lift(BAD)
    assert not await second.lift(BAD)
    third = await started()
    assert [each.net for each in third.blocks.active()] == [GOOD]
    assert told == [f"address_blocked {BAD}", f"address_blocked {GOOD}", f"address_lifted {BAD}"]
    for guard in (first, second, third):
        await guard.close()


async def test_a_damaged_file_costs_what_is_in_it_and_no_start(tmp_path: Path) -> None:
    (tmp_path / "limits.json").write_bytes(b"\xff{")
    guard = Guard(Blocks(), Standings(), FileKeep(tmp_path / "limits.json"))
    await guard.start()
    await guard.block(BAD, 60, "by hand")
    await guard.close()

    known = await FileKeep(tmp_path / "limits.json").load()
    assert known is not None
    assert [each.net for each in known.blocks] == [BAD]


def test_of_an_address_that_was_blocked_and_lifted_the_last_counts() -> None:
    block = Block(BAD, 0, 1, 1, "")
    blocked, lifted = Changes(blocked=(block,)), Changes(lifted=(BAD,))

    assert blocked.then(lifted) == Changes(lifted=(BAD,))
    assert lifted.then(blocked) == Changes(blocked=(block,))
    assert lifted.then(blocked).then(lifted) == Changes(lifted=(BAD,))
    assert not Changes()
