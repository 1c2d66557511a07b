"""`docs/security.md` is whole and true: every requirement, tests that exist, figures that are those of the table."""

from __future__ import annotations

import ast
import re
import subprocess
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from engine.server.api import ROUTES
from engine.server.auth.password import HOUSE_WORDS
from engine.server.principal import Role

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "security.md"
ACCOUNTS = "docs/explanation/accounts-and-sessions.md"
INVENTORY = "docs/reference/security-inventory.md"
LIMITS = "docs/reference/server-limits.md"
STATES = ("met", "partly", "not met", "does not apply")
LEAST = {1: 1.0, 2: 0.95}
"""Which share of what applies must be met, by level."""
LOOK_DAYS = 90

WRITTEN = {
    "2.1.1": (INVENTORY, "Rules of input"),
    "2.1.2": ("docs/reference/engine-semantics.md", "Order of refusals"),
    "2.1.3": (LIMITS, "Rates"),
    "6.1.1": (INVENTORY, "Guessing and lock-out"),
    "6.1.2": (INVENTORY, "Words that make no password"),
    "6.1.3": (INVENTORY, "Ways in"),
    "7.1.1": (ACCOUNTS, "Sessions"),
    "7.1.2": (INVENTORY, "Ways in"),
    "8.1.1": (ACCOUNTS, "Roles"),
    "8.1.2": (INVENTORY, "Fields"),
    "11.1.1": (ACCOUNTS, "Keys on the disk"),
    "11.1.2": (INVENTORY, "Cryptography"),
    "13.1.1": (INVENTORY, "Connections"),
    "14.1.1": (INVENTORY, "Data"),
    "14.1.2": (INVENTORY, "Data"),
    "15.1.1": ("docs/security.md", "Updates"),
    "15.1.3": (INVENTORY, "Costly functions"),
    "16.1.1": (INVENTORY, "Logs"),
}
"""Requirements that something is written down, and where it is: the page and its heading."""

MAY = {
    "see users, lock, end sessions": (
        "GET /v1/admin/users", "GET /v1/admin/users/{user_id}", "POST /v1/admin/users/{user_id}/lock",
        "DELETE /v1/admin/users/{user_id}/sessions",
    ),
    "unlock, read the security log": ("POST /v1/admin/users/{user_id}/unlock", "GET /v1/admin/security-log"),
    "see and lift blocks of addresses": ("GET /v1/admin/blocks", "POST /v1/admin/blocks/lift"),
    "block addresses, see figures": ("POST /v1/admin/blocks", "GET /v1/metrics"),
    "give roles (with step-up), act on staff": ("POST /v1/admin/users/{user_id}/role",),
}  # fmt: skip
"""Rows of the table of roles, and the routes that they are about."""


class Row(NamedTuple):
    """A line of the tables."""

    level: int
    asks: str
    state: str
    why: str
    tests: tuple[str, ...]


@cache
def table() -> dict[str, Row]:
    """Return every line by its requirement."""
    found: dict[str, Row] = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [each.strip() for each in line.strip("|").split(" | ")] if line.startswith("| ") else []
        if len(cells) == 6 and re.fullmatch(r"\d+\.\d+\.\d+", cells[0]):
            assert cells[0] not in found, f"{cells[0]} stands twice"
            tests = tuple(re.findall(r"`([^`]+)`", cells[5]))
            found[cells[0]] = Row(int(cells[1]), cells[2], cells[3], cells[4], tests)
    return found


@cache
def written_in(path: str) -> frozenset[str]:
    """Return the names of a file's tests."""
    tree = ast.parse((ROOT / "tests" / path).read_text(encoding="utf-8"))
    return frozenset(each.name for each in tree.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef))


def section(page: str, heading: str) -> str:
    """Return the text below a heading of a page."""
    text = (ROOT / page).read_text(encoding="utf-8")
    found = re.search(rf"^#+ {re.escape(heading)}$\n(.*?)(?=^#+ |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found is not None, f"{page} has no {heading!r}"
    return found[1]


def test_every_requirement_of_both_levels_has_its_line() -> None:
    lines = (ROOT / "tests" / "asvs_5_levels.txt").read_text(encoding="utf-8").splitlines()
    levels = {line.split()[0]: int(line.split()[1]) for line in lines if not line.startswith("#")}

    assert {key: row.level for key, row in table().items()} == levels
    assert [sum(level == each for level in levels.values()) for each in (1, 2)] == [70, 183]
    assert {row.state for row in table().values()} <= set(STATES)


def test_what_is_met_names_tests_and_what_is_not_a_reason() -> None:
    for key, row in table().items():
        assert row.asks, key
        if row.state == "met":
            assert row.tests, f"{key} is met by no test"
        else:
            assert row.why, f"{key} says not why"


def test_every_test_that_is_named_is_there() -> None:
    for key, row in table().items():
        for each in row.tests:
            path, _, name = each.partition("::")
            assert name.startswith("test_"), f"{key} names {each}"
            assert name in written_in(path), f"{key} names {each}"


def test_the_figures_are_those_of_the_table_and_reach_what_is_demanded() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for level, least in LEAST.items():
        rows = [row for row in table().values() if row.level == level]
        counts = {state: sum(row.state == state for row in rows) for state in STATES}
        apply = len(rows) - counts["does not apply"]
        figures = (level, len(rows), apply, *(counts[state] for state in STATES[:3]))
        shown = " | ".join(map(str, figures))
        assert f"| {shown} | {100 * counts['met'] / apply:.1f} % |" in text
        assert counts["met"] >= least * apply


def test_what_the_requirements_want_written_down_is_there() -> None:
    linked = {key for key, row in table().items() if any(each.endswith("written_down_is_there") for each in row.tests)}

    for page, heading in WRITTEN.values():
        assert len(section(page, heading)) > 200, f"{page}: {heading}"
    assert linked - WRITTEN.keys() == {"13.2.4", "14.2.3"}, "what is open to others is in the same list of connections"
    told = re.sub(r"\s+", " ", section(INVENTORY, "Words that make no password"))
    assert {*told.partition(":")[2].strip(" .").split(", ")} == {*HOUSE_WORDS}


def test_the_table_of_roles_is_what_the_routes_say() -> None:
    told: dict[str, set[str]] = {}
    lines = [line for line in section(ACCOUNTS, "Roles").splitlines() if line.startswith("|")]
    names = [each.strip() for each in lines[0].strip("|").split("|")][1:]
    for line in lines[2:]:
        what, *marks = (each.strip() for each in line.strip("|").split("|"))
        told[what] = {name for name, mark in zip(names, marks, strict=True) if mark}
    routes = {f"{route.method} {route.path}": {*map(str, route.roles)} for route in ROUTES if route.roles}

    assert names == [*map(str, Role)]
    assert {each: told[what] for what, paths in MAY.items() for each in paths} == routes
    assert told.keys() - MAY.keys() == {"own account, orders, sessions, keys"}


@pytest.mark.integration
def test_the_last_look_at_the_packages_is_within_its_time() -> None:
    said = re.search(r"last looked through on (\d{4}-\d\d-\d\d)", section("docs/security.md", "Updates"))
    assert said is not None
    command = ["git", "log", "-1", "--format=%cs", "--", "requirements.lock", "packaging/server/requirements.lock"]
    locked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    if not locked:
        pytest.skip("no history is at hand")

    assert date.fromisoformat(locked) - date.fromisoformat(said[1]) <= timedelta(days=LOOK_DAYS)
