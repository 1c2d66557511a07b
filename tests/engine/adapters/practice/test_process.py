"""The worker of the practice chain: it keeps its chain, is alone on it, and does not outlive who started it."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from engine.adapters.practice import contracts, host
from engine.adapters.practice.contracts import NoContracts, find
from engine.adapters.practice.process import PracticeChain, PracticeUnavailable
from engine.adapters.practice.store import open_chain
from engine.errors import ProfileInUse
from tests.engine.adapters.practice.person import Person
from tests.practice import Node

OTHER = "0x" + "22" * 20
pytestmark = pytest.mark.integration


@pytest.fixture(autouse=True)
def with_contracts() -> None:
    try:
        find()
    except NoContracts as missing:
        pytest.skip(str(missing))


def test_nothing_is_lost_when_the_worker_is_killed(tmp_path: Path) -> None:
    chain = PracticeChain(tmp_path, tmp_path / "practice.log")
    node = Node(chain.start(interval_s=0))
    assert chain.start() == chain.url  # started already
    person = Person(node)
    hash_ = person.send(OTHER, value=5)
    node.close()
    process = chain._process
    assert process is not None
    os.kill(process.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    process.wait()
    assert chain.url == ""

    chain.close()
    chain.close()
    file, ledger, _ = open_chain(tmp_path, find())

    assert ledger.place_of(bytes.fromhex(hash_[2:])) is not None
    file.close()


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_the_worker_ends_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path\n"
        "from engine.adapters.practice.process import PracticeChain\n"
        "chain = PracticeChain(Path(sys.argv[1])); chain.start(); print(chain._process.pid, flush=True)\n"
        "time.sleep(600)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    worker = psutil.Process(int(parent.stdout.readline()))

    parent.kill()
    parent.wait()
    parent.stdout.close()

    worker.wait(60)
    with sqlite3.connect(tmp_path / "chain.sqlite") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()


def test_a_second_worker_is_refused_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "LOCK_TRIES", 1)
    first = host._lock(tmp_path)

    with pytest.raises(ProfileInUse, match="in use by another program"):
        host._lock(tmp_path)

    first.release()
    host._lock(tmp_path).release()


def test_a_refusal_of_the_worker_reaches_who_started_it(tmp_path: Path) -> None:
    (tmp_path / "practice").write_text("a file where the folder should be")

    with pytest.raises(PracticeUnavailable, match="practice"):
        PracticeChain(tmp_path / "practice").start()


def test_a_start_that_is_given_up_ends_with_a_sentence(tmp_path: Path) -> None:
    chain = PracticeChain(tmp_path)
    said: list[str] = []

    def start() -> None:
        with pytest.raises(PracticeUnavailable, match="ended before it was ready"):
            chain.start()
        said.append("refused")

    starting = threading.Thread(target=start)
    starting.start()
    while not chain._is_starting:
        time.sleep(0.01)
    chain.close()
    starting.join()

    assert (said, chain.url) == (["refused"], "")


def test_without_contracts_a_sentence_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contracts, "places", lambda: [tmp_path])

    with pytest.raises(NoContracts, match=r"packaging/contracts\.py"):
        find()


def test_a_damaged_contract_is_named(tmp_path: Path) -> None:
    shutil.copytree(find().folder, tmp_path / "contracts")
    (tmp_path / "contracts" / "sushi" / "MasterChef.json").write_text("{}")

    with pytest.raises(NoContracts, match="sushi/MasterChef"):
        contracts.Contracts(tmp_path / "contracts").artifact("sushi/MasterChef")


def test_starting_takes_no_library_of_the_chain_into_this_process() -> None:
    program = (
        "import sys, engine.adapters.practice.process; print([m for m in sys.modules if m in ('eth', 'web3', 'rlp')])"
    )

    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "[]"
