"""`crs wallet`: keys come in by files and questions only, and nothing secret is printed where it could be kept."""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account

import engine.bootstrap.wallet as bootstrap
from engine.adapters.keys.keyring import KeyProcess
from engine.adapters.secrets.memory import MemorySecrets
from engine.cli import wallet_new, wallet_phrase
from engine.cli.__main__ import main
from engine.cli.wallet import VERBS
from engine.profile import Profile, ProfileLock
from tests.engine.adapters.keys.wallets import ACCOUNTS, KEYS, PASSWORD, PHRASE, ThreadHost
from tests.practice import Node

pytestmark = pytest.mark.integration


class Terminal:
    """Somebody at a terminal, and what the program printed."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.profile, self._capsys = folder / "profile", capsys
        self.folder = folder
        self.out = self.err = ""

    def file(self, name: str, text: str) -> str:
        path = self.folder / name
        path.write_text(text + "\n")
        return str(path)

    def run(self, *words: str, status: int = 0) -> str:
        ended = main(["--profile-dir", str(self.profile), "wallet", *words])
        self.out, self.err = self._capsys.readouterr()
        assert ended == status, self.err
        return self.out

    def json(self, *words: str) -> Any:  # noqa: ANN401 - what JSON can say
        return json.loads(self.run(*words, "--json"))

    @property
    def password(self) -> tuple[str, str]:
        return ("--password-file", self.file("password", PASSWORD))


@pytest.fixture
def terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setattr(bootstrap, "KeyProcess", functools.partial(KeyProcess, start=ThreadHost))
    monkeypatch.setattr("engine.adapters.secrets.choice.secrets_of", lambda _profile: MemorySecrets())
    return Terminal(tmp_path, capsys)


def test_a_phrase_a_key_and_a_keystore_come_in_by_files(terminal: Terminal) -> None:
    phrase = terminal.json("import", "phrase", "--file", terminal.file("p", PHRASE), *terminal.password)
    assert phrase == {
        "address": ACCOUNTS[0], "label": "Account 1", "kind": "derived", "path": "m/44'/60'/0'/0/0",
        "is_confirmed": True,
    }  # fmt: skip
    key = terminal.json("import", "key", "--file", terminal.file("k", KEYS[2]), "--label", "Cold", *terminal.password)
    assert (key["address"], key["label"]) == (ACCOUNTS[2], "Cold")
    made = json.dumps(Account.encrypt(b"\x11" * 32, "theirs", kdf="scrypt", iterations=2))
    opens = ("--file-password-file", terminal.file("theirs", "theirs"))
    keystore = terminal.json("import", "keystore", "--file", terminal.file("s", made), *opens, *terminal.password)
    assert keystore["address"] == Account.from_key("11" * 32).address
    assert "weakly encrypted" in terminal.err
    second = terminal.json("add", *terminal.password)
    assert second["address"] == ACCOUNTS[1]
    terminal.run("add", "--watch", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "--label", "Treasury")

    listed = terminal.json("list")
    assert [each["label"] for each in listed if each["current"]] == ["Imported 1"]
    assert [each["kind"] for each in listed] == ["derived", "derived", "imported", "imported", "watch"]
    terminal.run("list")
    assert "Treasury" in terminal.out
    for secret in (PHRASE, *KEYS, PASSWORD, "theirs"):
        assert secret not in terminal.out + terminal.err


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["import", "keystore"], "Which keystore?"),
        (["import", "key"], "nobody is there to ask: give --file FILE"),
        (["import", "phrase", "--file", "/no/such/file"], "cannot be read: No such file"),
        (["phrase"], "at a terminal only"),
        (["add"], "There is no phrase in this wallet"),
        (["add", "--watch", "0x12"], "no address"),
        (["balance"], "make one with `crs wallet new`"),
        (["send", "1", "ETH", "Anna"], "make one with `crs wallet new`"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence(terminal: Terminal, words: list[str], why: str) -> None:
    terminal.run(*words, status=2)

    assert re.search(why, terminal.err)
    assert terminal.out == ""


def test_wrong_secrets_are_refused_and_not_repeated(terminal: Terminal) -> None:
    bad = PHRASE.replace("junk", "canaryword")
    terminal.run("import", "phrase", "--file", terminal.file("p", bad), *terminal.password, status=2)
    assert "Word 12 of 12" in terminal.err
    terminal.run("import", "key", "--file", terminal.file("k", "c0ffee" * 10), *terminal.password, status=2)
    short = ("--password-file", terminal.file("s", "short"))
    terminal.run("import", "key", "--file", terminal.file("k", KEYS[0]), *short, status=2)
    terminal.run("import", "key", "--file", terminal.file("k", KEYS[0]), *terminal.password)
    wrong = ("--password-file", terminal.file("w", "canary-wrong-password"))
    terminal.run("import", "key", "--file", terminal.file("k", KEYS[1]), *wrong, status=2)
    assert "not the wallet's password" in terminal.err
    for secret in ("canaryword", "c0ffee", "canary-wrong", KEYS[0]):
        assert secret not in terminal.out + terminal.err


def test_a_phrase_is_shown_to_a_person_and_asked_for(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    real = wallet_phrase.show

    async def seen(words: tuple[str, ...], passphrase: str = "") -> None:
        shown[:] = words
        await real(words, passphrase)

    def typed(question: str) -> str:
        return shown[int(question.split()[1].rstrip(":")) - 1] if question.startswith("Word") else PASSWORD

    for module in (wallet_new, wallet_phrase):
        monkeypatch.setattr(module, "at_terminal", lambda: True)
        monkeypatch.setattr(module, "show", seen)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("sys.stdin.readline", lambda: "\n")
    monkeypatch.setattr("getpass.getpass", typed)

    made = terminal.json("new", "--words", "24")
    assert made["is_confirmed"]
    assert len(shown) == 24
    assert all(word in terminal.err for word in shown)
    assert wallet_phrase.CLEAR in terminal.err
    before = list(shown)
    terminal.run("phrase")
    assert shown == before


def test_without_a_person_a_new_phrase_is_not_shown(terminal: Terminal) -> None:
    made = terminal.json("new", *terminal.password)
    assert not made["is_confirmed"]
    assert "was not shown" in terminal.err
    terminal.run("list")
    assert "never confirmed" in terminal.err
    assert "phrase not confirmed" in terminal.out


def test_files_are_left_alone_while_the_window_has_them(terminal: Terminal) -> None:
    terminal.run("list")
    lock = ProfileLock(Profile.at(terminal.profile))
    try:
        terminal.run("new", *terminal.password, status=1)
        assert "already runs on this profile" in terminal.err
        terminal.run("list")
    finally:
        lock.release()


def test_no_verb_takes_a_secret_as_an_argument(capsys: pytest.CaptureFixture[str]) -> None:
    import argparse

    for each in VERBS:
        verbs = argparse.ArgumentParser().add_subparsers(dest="verb")
        each.add_arguments(verbs)
        for action in verbs.choices[each.NAME]._actions:
            name = (action.dest + str(action.metavar)).lower()
            if any(word in name for word in ("password", "phrase", "key", "extra", "secret")):
                assert action.type is Path or action.nargs == 0, action


def test_sending_goes_through_the_pipeline(
    terminal: Terminal,
    practice: Node,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from engine.bootstrap.practice import Practice

    async def there(self: Practice, **_: object) -> object:
        return practice.spec()

    monkeypatch.setattr(Practice, "start", there)
    terminal.run("import", "phrase", "--file", terminal.file("p", PHRASE), *terminal.password)
    terminal.run("add", "--label", "Second", *terminal.password)
    practice.give(ACCOUNTS[0], 10**19)
    terminal.run("send", "1.5", "ETH", "Second", *terminal.password, status=2)
    assert "add --yes" in terminal.err
    alike = "0x7099" + "0" * 32 + "79c8"
    terminal.run("send", "1.5", "ETH", alike, "--yes", *terminal.password, status=2)
    assert "looks like Second" in terminal.err

    (sent,) = terminal.json("send", "1.5", "ETH", "Second", "--yes", *terminal.password)
    assert sent["state"] in ("confirmed", "final")
    assert ACCOUNTS[1] in terminal.err, "the whole address is shown, not its name alone"
    held = terminal.json("balance", "--account", "Second")
    assert [each["amount"] for each in held["balances"]] == ["1.5"]
    assert int(str(practice.rpc("eth_getBalance", ACCOUNTS[1], "latest")), 16) == 15 * 10**17


def test_chains_are_reached_by_nodes_of_a_file_and_tokens_come_by_lists(terminal: Terminal) -> None:
    nodes = terminal.file("nodes", "https://one.example/v3/a-secret-key\nhttps://two.example")
    terminal.run("chain", "nodes", "ethereum", "--file", nodes)
    assert "a-secret-key" not in terminal.out + terminal.err
    hosts = {each["name"]: each["nodes"] for each in terminal.json("chain", "list")}
    assert (hosts["ethereum"], hosts["base"]) == (["one.example", "two.example"], [])
    terminal.run("chain", "nodes", "ethereum", "--file", terminal.file("plain", "http://one.example"), status=2)
    assert "https" in terminal.err

    address = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
    row = {"chainId": 1, "address": address, "symbol": "AAA", "name": "First", "decimals": 18}
    told = json.dumps({"name": "Mine", "version": {"major": 1}, "tokens": [row, row | {"decimals": 99}]})
    assert terminal.json("token", "read", terminal.file("list", told)) == [
        {"name": "Mine", "version": "1.0.0", "tokens": 1}
    ]
    assert "decimals 99" in terminal.err
    said = {each["address"]: each["said_by"] for each in terminal.json("token", "list", "--chain", "ethereum")}
    assert said[address] == "Mine"
    terminal.run("token", "remove", address, "--chain", "ethereum", status=2)
    terminal.run("token", "drop", "Mine")
    assert address not in terminal.run("token", "list", "--chain", "ethereum")
