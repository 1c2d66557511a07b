"""What the server's source never does, whatever it is asked: run text, unpack objects, make SQL of it, guess."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PLACES = ("engine/server", "engine/wire", "engine/adapters/sql", "engine/adapters/crs", "engine/adapters/secrets")
FOREIGN = {
    "pickle",
    "marshal",
    "shelve",
    "dill",
    "yaml",
    "xml",
    "lxml",
    "jinja2",
    "mako",
    "telnetlib",
    "ftplib",
    "codeop",
}
RUNS = {"eval", "exec", "compile", "__import__"}
SECRETIVE = ("engine/server/auth", "engine/server/keyfiles.py", "engine/server/control.py", "engine/server/facade")
WEAK = {"md5", "sha1", "MD5", "SHA1", "DES", "TripleDES", "ARC4", "Blowfish", "ECB", "CBC", "PKCS1v15"}
SQL_TEXT = {"text", "exec_driver_sql", "literal_column"}
CONSTANT = {"engine/server/db/database.py", "engine/server/databases.py"}
"""Where a text of SQL holds a name: of a table of ours, or one that the database itself told."""


def sources(*places: str, of: tuple[str, ...] = ("",)) -> Iterator[tuple[str, ast.Module]]:
    """Yield path and tree of every module, or of those in whose text one of some words is."""
    for place in places:
        path = ROOT / place
        for each in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            text = each.read_text(encoding="utf-8")
            if any(word in text for word in of):
                yield str(each.relative_to(ROOT)), ast.parse(text)


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield the first word of every import."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name.partition(".")[0] for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module.partition(".")[0]


def called(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Yield every call with the last word of what is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield getattr(node.func, "attr", getattr(node.func, "id", "")), node


def test_no_text_is_run_and_no_object_is_unpacked() -> None:
    for path, tree in sources(*PLACES):
        assert FOREIGN.isdisjoint(imported(tree)), path
        names = {name for name, call in called(tree) if isinstance(call.func, ast.Name)}
        assert RUNS.isdisjoint(names), path


def test_programs_are_started_with_a_list_of_words_and_no_shell() -> None:
    for path, tree in sources(*PLACES):
        for name, call in called(tree):
            assert name not in ("system", "popen", "spawnl", "create_subprocess_shell"), path
            assert not any(each.arg == "shell" for each in call.keywords), path


def test_no_sql_is_put_together_from_what_somebody_sent() -> None:
    for path, tree in sources("engine/server"):
        if path in CONSTANT or "/migrations/" in path:
            continue
        for name, call in called(tree):
            if name in SQL_TEXT and isinstance(call.func, ast.Attribute) and getattr(call.func.value, "id", "") in (
                "sa", "sqlalchemy", "connection"
            ):  # fmt: skip
                assert all(isinstance(each, ast.Constant) for each in call.args), f"{path}:{call.lineno}"


def test_secrets_come_from_the_system_and_from_nothing_that_can_be_guessed() -> None:
    for path, tree in sources(*SECRETIVE):
        assert {"random", "uuid"}.isdisjoint(imported(tree)), path


@pytest.mark.no_cover
@pytest.mark.parametrize("place", [*PLACES, "engine/services/session"])
def test_no_broken_hash_or_mode_is_used(place: str) -> None:
    for path, tree in sources(place):
        used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        used |= {each.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for each in node.names}
        assert WEAK.isdisjoint(used), path


@pytest.mark.no_cover
def test_certificates_are_never_taken_unseen() -> None:
    unseen, asked = {"CERT_NONE", "_create_unverified_context"}, ("verify", "check_hostname", "follow_redirects")
    for path, tree in sources("engine", "crs_desktop", of=(*unseen, *asked)):
        names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert unseen.isdisjoint(names), path
        for _, call in called(tree):
            for each in call.keywords:
                off = isinstance(each.value, ast.Constant) and each.value.value is False
                assert not (each.arg in ("verify", "check_hostname") and off), f"{path}:{call.lineno}"
                follows = isinstance(each.value, ast.Constant) and each.value.value is True
                assert not (each.arg == "follow_redirects" and follows), f"{path}:{call.lineno}"
