"""One way to a signature: by types, and by reading every line of the program."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import ROOT

PIPELINE = "engine/services/wallet/pipeline.py"
TRACKER = "engine/services/wallet/tracker.py"
SENDERS = {PIPELINE, TRACKER}
"""The tracker hands in again what the pipeline signed and the ledger kept."""
NUMBERS = {"np", "side", "self._side"}
"""What has a sign in the sense of plus and minus."""
OTHER_SIGNERS = {
    ("engine/services/session/device.py", "_key(kept)"),  # a request to a CRS server, by this device
    ("engine/cli/server_signin.py", "self._device"),  # likewise
    ("crs_desktop/shell/wallet/confirm.py", "self.model"),  # the button: its view-model goes through the pipeline
    ("crs_desktop/viewmodels/wallet/confirm.py", "self"),  # likewise
}
"""Signatures that no chain takes, and methods that only have the name: whoever adds one looks at it first."""
NODE_METHODS = {
    "eth_sendRawTransaction",
    "eth_sendTransaction",
    "eth_sign",
    "eth_signTransaction",
    "personal_sendTransaction",
}
CLIENT = "engine/adapters/chain/"
PRACTICE = "engine/adapters/practice/"
KEYS = "engine/adapters/keys/"
APART = (KEYS, PRACTICE, "engine/adapters/exchanges/", "engine/adapters/crs/", "engine/server/")
"""Rooms of the keys, of the practice chain's agents, and of signatures of another kind (exchanges, the server)."""
HASH_SIGNERS = {"sign_transaction", "sign_message", "sign_typed_data", "signHash", "unsafe_sign_hash", "sign_msg_hash"}

LIBRARIES = {"eth_account", "eth_keys", "coincurve", "web3"}
GETTERS = {"getattr", "attrgetter", "methodcaller"}
WORDS = re.compile(rb"\b(" + b"|".join(sorted(
    each.encode() for each in {"sign", "send_raw", *NODE_METHODS, *HASH_SIGNERS, *LIBRARIES, "Confirmed", "_SEAL"}
)) + rb")\b")  # fmt: skip


@dataclass(frozen=True)
class Used:
    """What one file uses."""

    attributes: frozenset[str]
    """Called or only passed on; and what is got by its name."""
    words: frozenset[str]
    """Text constants."""
    imports: frozenset[str]
    """Packages."""
    calls: tuple[str, ...]
    """Names that are called."""
    owners: frozenset[str]
    """Whose `sign` it is, as written."""


def used(tree: ast.AST) -> Used:
    attributes, words, imports, owners, calls = set(), set(), set(), set(), []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            attributes.add(node.attr)
            if node.attr == "sign":
                owners.add(ast.unparse(node.value))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            words.add(node.value)
        elif isinstance(node, ast.Import):
            imports |= {each.name.split(".")[0] for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            imports.add((node.module or "").split(".")[0])
            attributes |= {each.name for each in node.names}
        elif isinstance(node, ast.Call):
            calls.append(name := getattr(node.func, "id", getattr(node.func, "attr", "")))
            if name in GETTERS:
                got = {str(each.value) for each in node.args if isinstance(each, ast.Constant)}
                attributes |= got
                owners |= {"got by name"} if "sign" in got else set()
    return Used(frozenset(attributes), frozenset(words), frozenset(imports), tuple(calls), frozenset(owners))


@pytest.fixture(scope="module")
def program() -> dict[str, Used]:
    """Every file of the program that has one of the words in it at all."""
    found = {}
    for package in ("engine", "crs_desktop", "resources"):
        for path in sorted((ROOT / package).rglob("*.py")):
            if WORDS.search(text := path.read_bytes()):
                found[path.relative_to(ROOT).as_posix()] = used(ast.parse(text))
    return found


def users(program: dict[str, Used], wanted: str) -> set[str]:
    return {path for path, each in program.items() if wanted in each.attributes}


def test_only_the_pipeline_asks_the_keys_to_sign(program: dict[str, Used]) -> None:
    found = {
        (path, owner) for path, each in program.items() for owner in each.owners - NUMBERS if not path.startswith(APART)
    }
    assert found - OTHER_SIGNERS == {(PIPELINE, "self._keys")}


def test_only_the_pipeline_and_its_tracker_hand_anything_to_a_node(program: dict[str, Used]) -> None:
    assert {path for path in users(program, "send_raw") if not path.startswith((CLIENT, PRACTICE))} == SENDERS


@pytest.mark.parametrize("method", sorted(HASH_SIGNERS))
def test_only_the_key_process_makes_signatures(program: dict[str, Used], method: str) -> None:
    """The practice chain signs for its own agents, in its worker, with keys that hold nothing anywhere else."""
    assert {path for path in users(program, method) if not path.startswith((KEYS, PRACTICE))} == set()


def test_only_the_client_names_a_nodes_methods_of_sending(program: dict[str, Used]) -> None:
    found = {(path, word) for path, each in program.items() for word in each.words & NODE_METHODS}
    assert {each for each in found if not each[0].startswith((CLIENT, PRACTICE))} == set()
    assert {word for path, word in found if path.startswith(CLIENT)} == {"eth_sendRawTransaction"}


def test_a_confirmation_is_made_in_one_place(program: dict[str, Used]) -> None:
    assert [path for path, each in program.items() for call in each.calls if call == "Confirmed"] == [PIPELINE]
    assert users(program, "_SEAL") == set()


def test_the_walk_finds_a_caller_that_is_planted() -> None:
    planted = used(ast.parse("async def f(keys, t):\n    g = getattr(keys, 'sign')\n    return await g(t)\n"))
    assert users({"x": planted}, "sign") == {"x"}
    assert planted.owners == {"got by name"}
    assert used(ast.parse("await self.keys.sign(t)")).owners == {"self.keys"}
    planted = used(ast.parse("work = self._chain.send_raw\nfrom web3 import Web3\n"))
    assert users({"x": planted}, "send_raw") == {"x"}
    assert planted.imports == {"web3"}


def test_nothing_of_the_signing_libraries_is_imported_outside_their_rooms(program: dict[str, Used]) -> None:
    found = {path for path, each in program.items() if each.imports & LIBRARIES}
    assert {each for each in found if not each.startswith((KEYS, PRACTICE))} == set()


def test_the_folders_of_this_test_are_there() -> None:
    assert all((ROOT / each).exists() for each in (PIPELINE, TRACKER, CLIENT, PRACTICE)), Path(ROOT)
