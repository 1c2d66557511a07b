"""The table of faults in the documentation and the tests that carry their numbers are the same list."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

ROWS = set(range(1, 50))
"""All faults."""


def documented() -> dict[int, list[str]]:
    """Return the tests that the page names, by the number of the fault."""
    text = (ROOT / "docs" / "explanation" / "faults-and-recovery.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([0-9]+): .*$", text, re.MULTILINE)
    lines = re.findall(r"^\| [0-9]+: .*$", text, re.MULTILINE)
    return {int(row): re.findall(r"`(test_row_\w+)`", line) for row, line in zip(rows, lines, strict=True)}


def written() -> set[str]:
    """Return every test that carries the number of a fault."""
    texts = (path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    return {name for text in texts for name in re.findall(r"^(?:async )?def (test_row_\w+)", text, re.MULTILINE)}


def test_every_fault_that_concerns_us_is_in_the_table_and_has_a_test() -> None:
    table = documented()

    assert set(table) == ROWS
    assert [row for row, names in table.items() if not names] == []


def test_every_test_of_the_table_is_there_and_carries_the_number_of_its_fault() -> None:
    tests = written()
    for row, names in documented().items():
        for name in names:
            assert name in tests, f"{name} is not there"
            assert name.startswith(f"test_row_{row:02}_")


def test_every_test_with_a_number_is_of_a_fault_in_the_table() -> None:
    numbers = {int(name.split("_")[2]) for name in written()}

    assert numbers == ROWS
