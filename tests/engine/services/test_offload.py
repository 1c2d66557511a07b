"""Work off the loop, and the collector that must not get in its way."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from threading import Event

import pytest

from engine.services.offload import MANY, offload_bulk, uncollected


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    """Leave the collector as it was: what stays is not searched by all tests that follow."""
    frozen = gc.get_freeze_count()
    yield
    gc.unfreeze()
    gc.enable()
    if frozen:
        gc.freeze()


def test_the_collector_is_off_within_the_block_and_searches_nothing_of_much_that_it_made() -> None:
    with uncollected():
        assert not gc.isenabled()
        kept: list[list[int]] = [[] for _ in range(MANY + 10_000)]

    assert gc.isenabled()
    assert gc.get_freeze_count() >= len(kept)
    assert gc.get_count()[0] < MANY


def test_what_is_little_is_left_to_the_collector_with_all_garbage() -> None:
    gc.unfreeze()
    gc.collect()
    with uncollected():
        kept: list[list[int]] = [[] for _ in range(100)]

    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
    assert kept


def test_of_several_blocks_the_last_one_turns_it_on_again() -> None:
    with uncollected():
        with uncollected():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    with uncollected():
        pass
    assert not gc.isenabled()


async def test_bulk_work_is_done_elsewhere_and_its_error_comes_back() -> None:
    done = Event()

    def work(text: str, *, fail: bool = False) -> str:
        done.set()
        assert not gc.isenabled()
        if fail:
            raise ValueError(text)
        return text

    assert await offload_bulk(work, "yes") == "yes"
    assert done.is_set()
    with pytest.raises(ValueError, match="no"):
        await offload_bulk(work, "no", fail=True)
    assert gc.isenabled()
