"""The window's front over a real wallet in a directory; no chain is asked for anything."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from crs_desktop.viewmodels.wallet.front import Contact
from crs_desktop.wiring.wallet_front import EngineFront, open_front
from engine.errors import ChainUnavailable, InvalidInput
from engine.profile import Profile
from engine.services.wallet.events import WalletChanged, WalletLocked
from engine.settings import Settings
from tests.crs_desktop.wallet_floor import FRIEND, ME, USDC, address

pytestmark = pytest.mark.integration


async def no_secrets() -> None: ...


@pytest.fixture
async def front(tmp_path: Path) -> AsyncIterator[EngineFront]:
    made = await open_front(Profile(tmp_path), Settings(), no_secrets, lambda _progress: None)
    assert isinstance(made, EngineFront)
    yield made
    await made.close()


async def test_a_wallet_opens_empty_on_no_chain_and_says_so(front: EngineFront) -> None:
    assert front.accounts == ()
    assert front.chain is None
    with pytest.raises(ChainUnavailable, match="No chain is in use"):
        await front.holdings()
    with pytest.raises(ChainUnavailable):
        front.send(USDC.of("1"), FRIEND)


async def test_chains_are_those_that_are_known_with_the_practice_chain_first(front: EngineFront) -> None:
    names = [each.spec.name for each in front.chains]
    off = msgspec.structs.replace(Settings(), wallet=msgspec.structs.replace(Settings().wallet, practice="off"))

    front.take_settings(off)

    assert names[0] == "practice"
    assert {"ethereum", "arbitrum", "optimism", "polygon", "base"} <= set(names)
    assert "practice" not in [each.spec.name for each in front.chains]


async def test_the_time_until_it_locks_follows_the_settings(front: EngineFront) -> None:
    wallet = msgspec.structs.replace(Settings().wallet, auto_lock_minutes=3)

    front.take_settings(msgspec.structs.replace(Settings(), wallet=wallet))

    assert front.engine.keys.auto_lock_s == 180


async def test_what_is_watched_is_used_at_once_named_and_forgotten(front: EngineFront) -> None:
    told: list[WalletChanged] = []
    link = front.bus.subscribe(WalletChanged, told.append)
    await front.watch(ME, "Mine")
    await front.watch(FRIEND, "")
    used = front.current
    await front.rename(FRIEND, "Ann")
    named = front.label(FRIEND)
    await front.forget(FRIEND)
    link.close()

    assert used is not None
    assert (used.address, used.can_sign) == (FRIEND, False)
    assert named == "Ann"
    assert [each.address for each in front.accounts] == [ME]
    assert len(told) >= 4


async def test_the_book_is_kept_changed_and_taken_back(front: EngineFront) -> None:
    await front.keep(Contact("Ann", FRIEND, None, "from the fair"))
    (ann,) = front.contacts()
    await front.keep(Contact("Anna", FRIEND), ann)
    changed = front.label(FRIEND)
    await front.drop(front.contacts()[0])
    gone = front.contacts()
    await front.undo_contact()

    assert changed == "Anna"
    assert gone == ()
    assert [each.label for each in front.contacts()] == ["Anna"]


async def test_an_address_that_looks_like_a_known_one_is_told(front: EngineFront) -> None:
    await front.keep(Contact("Ann", FRIEND))
    alike = FRIEND[:6] + address("other")[6:38] + FRIEND[38:]

    assert "Ann" in front.look_alike(alike.lower())
    assert front.look_alike(FRIEND) == ""


async def test_endpoints_are_shown_by_their_hosts_and_unsafe_ones_refused(front: EngineFront) -> None:
    await front.set_endpoints("ethereum", ("https://node.example.org", "http://127.0.0.1:8545"))

    shown = front.hosts("ethereum")
    with pytest.raises(InvalidInput, match="https"):
        await front.set_endpoints("ethereum", ("http://node.example.org",))

    assert shown == ("node.example.org", "127.0.0.1:8545")
    assert len(await front.endpoints("ethereum")) == 2


def test_no_library_that_holds_keys_is_ever_loaded_in_the_windows_process(tmp_path: Path) -> None:
    code = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from crs_desktop.wiring.wallet_front import open_front\n"
        "from engine.profile import Profile\n"
        "from engine.settings import Settings\n"
        "async def none(): ...\n"
        "async def main():\n"
        f"    front = await open_front(Profile(Path({str(tmp_path)!r})), Settings(), none, lambda told: None)\n"
        "    await front.close()\n"
        "asyncio.run(main())\n"
        "keys = ('web3', 'eth_account', 'eth_keyfile', 'eth_tester', 'py_ecc')\n"
        "print([each for each in keys if each in sys.modules])"
    )

    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert shown.stdout.strip() == "[]"


async def test_why_it_was_locked_is_known_when_that_is_told(front: EngineFront) -> None:
    told: list[str] = []
    link = front.bus.subscribe(WalletLocked, lambda _event: told.append(front.lock_reason))

    for hears in front.engine.keys.on_locked:
        hears("The wallet was locked: the screen was locked.")
    link.close()

    assert told == ["The wallet was locked: the screen was locked."]
