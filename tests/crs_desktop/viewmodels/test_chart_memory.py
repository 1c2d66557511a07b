"""What charts remember comes back, whoever asks first, and what is damaged harms nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from crs_desktop.viewmodels.chart_memory import ChartMemory


class Style:
    def __init__(self, kind: str = "candles") -> None:
        self.kind = kind

    def remembered(self) -> object:
        return {"kind": self.kind, "tuple": (1, 2)}

    def restore(self, state: Any) -> None:  # noqa: ANN401 - as the protocol says
        self.kind = state["kind"]


@pytest.mark.parametrize("part_first", [True, False])
def test_a_part_gets_its_memory_whether_it_is_there_before_or_after(part_first: bool) -> None:
    memory, style = ChartMemory(), Style()
    if part_first:
        memory.add("style", style)
    memory.restore({"style": {"kind": "bars"}})
    if not part_first:
        memory.add("style", style)

    assert style.kind == "bars"


def test_what_nobody_claims_is_kept_as_it_was() -> None:
    memory = ChartMemory()
    memory.add("style", Style("line"))
    memory.restore({"indicators": [1, 2], "style": {"kind": "bars"}})

    assert memory.remembered() == {"indicators": [1, 2], "style": {"kind": "bars", "tuple": [1, 2]}}


def test_damaged_memory_of_one_part_leaves_it_and_the_others_alone() -> None:
    memory, first, second = ChartMemory(), Style(), Style()
    memory.add("one", first)
    memory.add("two", second)

    memory.restore({"one": 7, "two": {"kind": "bars"}})

    assert (first.kind, second.kind) == ("candles", "bars")


def test_what_json_does_not_know_is_logged_and_the_rest_is_remembered(caplog: pytest.LogCaptureFixture) -> None:
    memory, style = ChartMemory(), Style()
    memory.add("style", style)
    memory.add("scale", Style("log"))
    before = memory.remembered()
    style.kind = float("nan")  # type: ignore[assignment]

    assert memory.remembered() == before
    assert "cannot be remembered" in caplog.text
