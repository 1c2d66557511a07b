"""Hashing held against the libraries' own functions; which passwords are too weak; a room that can be full."""

from __future__ import annotations

import asyncio
import hmac
import sqlite3
import threading
from base64 import b64encode
from contextlib import closing
from pathlib import Path

import bcrypt
import pytest
from argon2 import PasswordHasher, extract_parameters
from hypothesis import given, settings
from hypothesis import strategies as st
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from engine.server.auth.password import BCRYPT, HOUSE_WORDS, HashingRoom, Passwords, weakness
from engine.server.auth.user import SHORTEST
from engine.server.keyfiles import KeyFiles
from engine.server.refusal import Refusal
from tests.engine.server.auth.house import PASSWORD, Person, house


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> KeyFiles:
    return KeyFiles(tmp_path_factory.mktemp("data"))


def ready(keys: KeyFiles, password: str) -> bytes:
    """Return what is hashed, made from the pepper's file by hand."""
    pepper = (keys.signing_dir.parent / "pepper").read_bytes()
    return b64encode(hmac.new(pepper, b"password\n" + password.encode(), "sha256").digest())


def test_argon2id_has_the_cost_that_is_recommended_and_the_library_agrees(keys: KeyFiles) -> None:
    stored = Passwords(keys).hashed("correct horse")

    cost = extract_parameters(stored)
    assert Passwords(keys, "bcrypt").hashed("x").startswith(f"{BCRYPT}$2b$12$")
    assert (cost.type.name, cost.memory_cost, cost.time_cost, cost.parallelism) == ("ID", 19_456, 2, 1)
    assert PasswordHasher().verify(stored, ready(keys, "correct horse"))


def test_bcrypt_is_of_the_keyed_hash_and_the_library_agrees(keys: KeyFiles) -> None:
    stored = Passwords(keys, "bcrypt", bcrypt_rounds=4).hashed("correct horse")

    assert stored.startswith(f"{BCRYPT}$2b$04$")
    assert bcrypt.checkpw(ready(keys, "correct horse"), stored.removeprefix(BCRYPT).encode())


@settings(max_examples=25)
@given(st.text(min_size=1, max_size=128), st.text(min_size=1, max_size=128))
def test_passwords_are_the_same_only_if_they_are_the_same_to_the_last_character(
    keys: KeyFiles, one: str, other: str
) -> None:
    passwords = _cheap(keys)
    stored = passwords.hashed(one)

    assert passwords.verified(one, stored)
    assert passwords.verified(other, stored) == (one == other)
    assert not passwords.verified(one + "\0", stored)


def _cheap(keys: KeyFiles) -> Passwords:
    if "cheap" not in _CHEAP:
        _CHEAP["cheap"] = Passwords(keys, "bcrypt", bcrypt_rounds=4)
    return _CHEAP["cheap"]


_CHEAP: dict[str, Passwords] = {}


def test_nothing_is_cut_off(keys: KeyFiles) -> None:
    passwords = _cheap(keys)
    assert not passwords.verified("x" * 127 + "y", passwords.hashed("x" * 128))
    assert passwords.verified("a\0b" * 30, passwords.hashed("a\0b" * 30))


def test_a_stolen_hash_says_nothing_without_the_pepper(keys: KeyFiles, tmp_path: Path) -> None:
    stored = _cheap(keys).hashed(PASSWORD)
    assert not Passwords(KeyFiles(tmp_path), "bcrypt", bcrypt_rounds=4).verified(PASSWORD, stored)


def test_hashes_of_the_other_kind_or_cost_are_outdated(keys: KeyFiles) -> None:
    bcrypts, argons = _cheap(keys), Passwords(keys)
    assert argons.is_outdated(bcrypts.hashed("x"))
    assert bcrypts.is_outdated(argons.hashed("x"))
    assert not argons.is_outdated(argons.hashed("x"))
    assert not bcrypts.is_outdated(bcrypts.hashed("x"))
    assert Passwords(keys, "bcrypt", bcrypt_rounds=5).is_outdated(bcrypts.hashed("x"))


async def test_a_hash_is_renewed_at_the_next_sign_in(tmp_path: Path) -> None:
    async with house(tmp_path / "data", password_hash="bcrypt") as doors:
        doors.person()
        assert _stored(doors.data_dir).startswith(BCRYPT)
    async with house(tmp_path / "data") as doors:
        ann = Person(doors, "ann@crs.example")
        assert (await ann.login(password="wrong")).status_code == 401
        assert _stored(doors.data_dir).startswith(BCRYPT)
        assert (await ann.login()).status_code == 200
        assert _stored(doors.data_dir).startswith("$argon2id$")
        assert (await ann.login()).status_code == 200


def _stored(data_dir: Path) -> str:
    with closing(sqlite3.connect(data_dir / "accounts.sqlite")) as connection:
        return str(connection.execute("SELECT password_hash FROM crs_user").fetchone()[0])


@pytest.mark.parametrize("weak", ["password", "qwertyuiop", "12345678", "ann@crs.example", "aaaaaaaa", "letmein1"])
def test_what_is_guessed_first_is_too_weak(weak: str) -> None:
    said = weakness(weak, "ann@crs.example")
    assert said is not None
    assert said.endswith(".")


@pytest.mark.parametrize("word", ["exchange", "trader", "bitcoin", "btcusdt", "administrator"])
def test_words_of_this_house_make_no_password(word: str) -> None:
    assert word in HOUSE_WORDS
    for guess in (f"{word}2026!", f"{word.title()}{word}", f"{word}crs", f"{word}-2026"):
        assert weakness(guess) is not None, guess


def test_none_of_the_three_thousand_most_used_passwords_is_taken() -> None:
    most_used = [each for each in FREQUENCY_LISTS["passwords"] if len(each) >= SHORTEST][:3_000]

    assert len(most_used) == 3_000
    assert [each for each in most_used[::10] if weakness(each) is None] == []


@pytest.mark.parametrize(
    "fine", [PASSWORD, "korrekt Pferd Batterie", "zażółć gęślą jaźń", "x" * 20 + "Qj7!kf0-zz" * 10]
)
def test_long_ones_of_any_letters_are_fine_without_rules_for_their_letters(fine: str) -> None:
    assert weakness(fine) is None


async def test_a_full_room_refuses_instead_of_letting_everybody_wait() -> None:
    room, gate = HashingRoom(threads=1, waiting_at_most=1), threading.Event()
    try:
        inside = [asyncio.ensure_future(room.run(gate.wait)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(Refusal) as refused:
            await room.run(gate.wait)
        assert (refused.value.status, refused.value.word) == (503, "busy")
        gate.set()
        assert await asyncio.gather(*inside) == [True, True]
        assert await room.run(lambda: 7) == 7
    finally:
        gate.set()
        room.close()
