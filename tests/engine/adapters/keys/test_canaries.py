"""Planted secrets are in nothing that a wallet writes, says or shows: not when it works, and not when it fails."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from eth_account.hdaccount import key_from_seed
from eth_keyfile.keyfile import create_keyfile_json

from engine.adapters.keys import phrase

pytestmark = pytest.mark.integration
ROOT = Path(__file__).parents[4]
PHRASE = "lava include region explain simple omit dog slot melt reflect copy reward"
"""Of BIP-39's vectors."""
GIVEN = {
    "short": "canaryS",
    "password": "canary-password-Zq81",
    "wrong": "canary-wrong-Kv55",
    "new": "canary-new-password-Tt07",
    "export": "canary-export-Wm33",
    "passphrase": "canary-extra-words-Hx92",
    "phrase": PHRASE,
    "bad phrase": PHRASE.replace("omit", "canaryword"),
    "bad checksum": PHRASE.replace("omit", "slot"),
    "key": "c0ffee00c0ffee11c0ffee22c0ffee33c0ffee44c0ffee55c0ffee66c0ffee77",
    "other key": "badcafe0badcafe1badcafe2badcafe3badcafe4badcafe5badcafe6badcafe7",
}
IN_THE_FILE = "feedbeef0feedbeef1feedbeef2feedbeef3feedbeef4feedbeef5feedbeef60"


def forms(secret: bytes) -> list[bytes]:
    """Return how bytes can be written: as they are, in hex and base64, and as Python shows them."""
    found = [secret, secret.hex().encode(), secret.hex().upper().encode(), repr(secret)[2:-1].encode()]
    for shift in range(3):  # base64 of a text that begins before it
        for encoded in (base64.b64encode, base64.urlsafe_b64encode):
            found += [encoded(b"\0" * shift + secret)[4:-4] if shift else encoded(secret)[:-4]]
    return [each for each in found if len(each) >= 6]


def words_of(text: str) -> re.Pattern[bytes]:
    """Return a pattern of any two words of a phrase that follow each other, whatever is between them."""
    words = text.split()
    pairs = (rf"\b{one}\W{{1,6}}{other}\b" for one, other in pairwise(words))
    return re.compile("|".join(pairs).encode(), re.IGNORECASE)


def leaks(data: bytes, secrets: dict[str, bytes], phrases: list[str]) -> list[str]:
    found = [name for name, secret in secrets.items() if any(form in data for form in forms(secret))]
    return found + [
        f"words of a phrase: {match.group()!r}" for each in phrases for match in words_of(each).finditer(data)
    ]


def test_no_secret_is_in_anything_that_is_written(tmp_path: Path) -> None:
    profile, (made, theirs) = tmp_path / "profile", os.pipe()
    keystore = create_keyfile_json(bytes.fromhex(IN_THE_FILE), GIVEN["export"].encode(), kdf="scrypt", iterations=2)
    given = {**GIVEN, "keystore": json.dumps(keystore), "profile": str(profile), "made": str(theirs)}
    life = subprocess.run(
        [sys.executable, "-m", "tests.engine.adapters.keys.canary_life"],
        input=json.dumps(given).encode(), capture_output=True, cwd=ROOT, check=False, pass_fds=[theirs],
    )  # fmt: skip
    os.close(theirs)
    with os.fdopen(made) as pipe:
        own_words = pipe.read()
    assert life.stdout.endswith(b"LIVED\n"), life.stderr.decode()[-3000:]
    assert life.returncode == 0

    own = phrase.parsed(own_words, "")
    extra = phrase.parsed(PHRASE, GIVEN["passphrase"])
    secrets = {name: text.encode() for name, text in GIVEN.items() if "phrase" not in name and "key" not in name}
    secrets |= {name: bytes.fromhex(GIVEN[name]) for name in ("key", "other key")}
    secrets |= {
        "passphrase": GIVEN["passphrase"].encode(),
        "bad word": b"canaryword",
        "in the file": bytes.fromhex(IN_THE_FILE),
    }
    for name, each in (("made", own), ("taken in", extra)):
        secrets |= {f"{name}: entropy": each.entropy, f"{name}: seed": each.seed()}
        secrets |= {f"{name}: account {n}": key_from_seed(each.seed(), f"m/44'/60'/0'/0/{n}") for n in range(3)}
    phrases = [PHRASE, GIVEN["bad phrase"], GIVEN["bad checksum"], own_words]

    written = {str(each.relative_to(profile)): each.read_bytes() for each in profile.rglob("*") if each.is_file()}
    assert any(name.startswith("logs/desktop.log") for name in written)
    assert b"a bug while" in written["logs/crash.txt"]
    assert len([name for name in written if name.startswith("wallet/keys/")]) >= 3
    for sign in (
        b"LOG {",
        b"ERROR KeysLocked",
        b"ERROR WrongPassphrase",
        b"ERROR InvalidInput",
        b"TAIL Line",
        b"EXPORTED",
    ):
        assert sign in life.stdout, sign
    for name, data in {**written, "standard output": life.stdout, "standard error": life.stderr}.items():
        assert leaks(data, secrets, phrases) == [], name


@pytest.mark.parametrize("secret", [bytes.fromhex(GIVEN["key"]), b"canary-password-Zq81"])
def test_the_search_finds_a_secret_however_it_is_written(secret: bytes) -> None:
    for before in (b"", b"x", b"xy", b"xyz"):
        text = before + secret + b"after"
        for written in (
            text,
            text.hex().encode(),
            base64.b64encode(text),
            base64.urlsafe_b64encode(text),
            repr(text).encode(),
        ):
            assert leaks(written, {"it": secret}, []) == ["it"], written
    assert leaks(b'["lava", "include"]', {}, [PHRASE])
    assert not leaks(b"lava and then include", {}, [PHRASE])
