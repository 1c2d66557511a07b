"""The user's own chains and endpoints: kept, shown without their keys, and never lost by a mistake."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import pytest

from engine.adapters.chain.own import OwnChains
from engine.adapters.secrets.memory import MemorySecrets
from engine.errors import InvalidInput, StorageUnavailable

KEY = "https://mainnet.example.org/v3/0123456789abcdef0123"
PLAIN = "https://node.example.org"
ROWS = json.loads((files("resources") / "defi" / "chains.json").read_bytes())["chains"]


def description(**changed: object) -> str:
    row = {key: value for key, value in ROWS[4].items() if key not in ("sources", "multicall_verified")}
    for each in (row["wrapped"], *row["tokens"], *row["dexes"]):
        each.pop("sources", None), each.pop("verified", None)
    return json.dumps(row | {"name": "mine", "chain_id": 777_001, "title": "Mine"} | changed, indent=1)


async def opened(folder: Path, secrets: MemorySecrets | None) -> OwnChains:
    made = OwnChains(folder / "wallet" / "chains.json", secrets)
    await made.load()
    return made


async def test_endpoints_are_kept_in_order_and_their_keys_in_the_secrets_alone(tmp_path: Path) -> None:
    secrets = MemorySecrets()
    own = await opened(tmp_path, secrets)
    first = await own.add_endpoint("ethereum", KEY, 5)
    second = await own.add_endpoint("ethereum", PLAIN)
    await own.move_endpoint("ethereum", second.id, 0)

    again = await opened(tmp_path, secrets)

    assert [each.host for each in again.listed("ethereum")] == ["node.example.org", "mainnet.example.org"]
    assert [(each.url, each.per_s) for each in await again.endpoints("ethereum")] == [(PLAIN, 20.0), (KEY, 5)]
    assert again.listed("base") == ()
    written = (tmp_path / "wallet" / "chains.json").read_text()
    assert "0123456789abcdef0123" not in written + repr(again.listed("ethereum"))
    assert first.is_secret
    assert not second.is_secret

    await again.remove_endpoint("ethereum", first.id)
    assert secrets.get(f"chain-endpoint-{first.id}") is None
    assert [each.url for each in await again.endpoints("ethereum")] == [PLAIN]
    with pytest.raises(InvalidInput, match="not there any more"):
        await again.remove_endpoint("ethereum", first.id)


async def test_what_cannot_be_kept_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    own = await opened(tmp_path, None)
    await own.add_endpoint("ethereum", PLAIN)
    with pytest.raises(InvalidInput, match="there already"):
        await own.add_endpoint("ethereum", PLAIN)
    with pytest.raises(InvalidInput, match="no place for secrets"):
        await own.add_endpoint("ethereum", KEY)
    with pytest.raises(InvalidInput, match="no chain 'mars'"):
        await own.add_endpoint("mars", PLAIN)
    with pytest.raises(InvalidInput, match="https://"):
        await own.add_endpoint("ethereum", "http://node.example.org")
    assert len(own.listed("ethereum")) == 1


async def test_endpoints_are_set_at_once_and_those_that_stay_keep_their_pace(tmp_path: Path) -> None:
    secrets = MemorySecrets()
    own = await opened(tmp_path, secrets)
    stays = await own.add_endpoint("ethereum", KEY, 5)
    await own.add_endpoint("ethereum", KEY + "gone")

    await own.set_endpoints("ethereum", [PLAIN, KEY, PLAIN, KEY + "new"])

    again = await opened(tmp_path, secrets)
    assert [each.url for each in await again.endpoints("ethereum")] == [PLAIN, KEY, KEY + "new"]
    assert again.listed("ethereum")[1] == stays
    assert sorted(secrets._secrets.values()) == [KEY, KEY + "new"]
    with pytest.raises(InvalidInput, match="https://"):
        await again.set_endpoints("ethereum", [PLAIN, "http://node.example.org"])
    with pytest.raises(InvalidInput, match="12 endpoints are enough"):
        await again.set_endpoints("ethereum", [f"{PLAIN}/{n:020}" for n in range(13)])
    assert len(again.listed("ethereum")) == 3
    await again.set_endpoints("ethereum", [])
    assert secrets._secrets == {}


async def test_a_disk_that_refuses_leaves_no_secret_behind(tmp_path: Path) -> None:
    secrets = MemorySecrets()
    own = await opened(tmp_path, secrets)
    (tmp_path / "wallet").write_text("in the way")

    with pytest.raises(StorageUnavailable, match="could not be saved"):
        await own.add_endpoint("ethereum", KEY)

    assert own.listed("ethereum") == ()
    assert not secrets._secrets


async def test_an_address_that_is_gone_from_the_secrets_is_said(tmp_path: Path) -> None:
    own = await opened(tmp_path, MemorySecrets())
    await own.add_endpoint("ethereum", KEY)

    again = await opened(tmp_path, MemorySecrets())

    assert await again.endpoints("ethereum") == []
    assert "mainnet.example.org is not in the secrets" in again.problem


async def test_an_own_chain_is_added_changed_and_removed(tmp_path: Path) -> None:
    own = await opened(tmp_path, None)

    await own.keep_chain(description())
    await own.keep_chain(description(title="Mine too"))

    again = await opened(tmp_path, None)
    assert (again.spec("mine").title, again.spec("mine").chain_id) == ("Mine too", 777_001)
    assert len(again.specs) == 7
    assert again.spec("mine").dexes[0].source == "you added it"
    await again.remove_chain("mine")
    with pytest.raises(InvalidInput, match="no chain 'mine'"):
        again.spec("mine")
    with pytest.raises(InvalidInput, match="comes with the program"):
        await again.remove_chain("base")


async def test_a_known_chain_can_be_changed_and_is_as_before_when_that_is_taken_back(tmp_path: Path) -> None:
    own = await opened(tmp_path, None)
    await own.keep_chain(description(name="base", chain_id=8453, title="My Base", dexes=[]))
    assert (own.spec("base").title, own.spec("base").dexes) == ("My Base", ())
    assert len(own.specs) == 6

    await own.remove_chain("base")

    assert own.spec("base").title == "Base"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"chain_id": 1}, "cannot be told from it"),
        ({"name": "ethereum"}, "cannot be told from it"),
        ({"name": "practice"}, "The practice chain describes itself"),
        ({"multicall": "0x12"}, r"^The description, line \d+ \(chains\[0\].multicall\): '0x12' is no address"),
        ({"block_s": 0}, r"^The description, line \d+ \(block_s\)"),
    ],
)
async def test_a_wrong_description_is_refused_with_its_line(tmp_path: Path, changed: object, words: str) -> None:
    own = await opened(tmp_path, None)
    text = description(**changed)  # type: ignore[arg-type]

    with pytest.raises(InvalidInput, match=words) as failed:
        await own.keep_chain(text)

    if "line" in str(failed.value):
        line = int(str(failed.value).split("line ")[1].split(" ")[0])
        assert next(iter(changed)) in text.splitlines()[line - 1]  # type: ignore[call-overload]
    assert len(own.specs) == 6


async def test_a_damaged_file_is_set_aside_and_said(tmp_path: Path) -> None:
    (tmp_path / "wallet").mkdir()
    (tmp_path / "wallet" / "chains.json").write_text('{"format": 1, "chains": [')

    own = await opened(tmp_path, None)

    assert "chains.damaged-1.json" in own.problem
    assert len(own.specs) == 6
