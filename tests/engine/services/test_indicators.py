"""The folder of own indicators: what changes there is taken up, what is broken keeps its last good version."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from engine.adapters.indicators.process import WorkerProcess
from engine.bus import Bus
from engine.errors import InvalidInput, StorageUnavailable
from engine.indicators.host import load
from engine.indicators.message import Advanced, Filled, Trouble, floats
from engine.indicators.registry import BUILT_IN
from engine.indicators.spec import BarRow
from engine.services.indicators import Indicators, IndicatorsChanged
from engine.services.own_files import MOST_BYTES, TEMPLATE, scan, write_template
from tests.engine.indicators.test_own import bars, own_text

pytestmark = pytest.mark.integration


class Folder:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.bus = Bus()
        self.service = Indicators(self.bus, path, WorkerProcess)
        self.changes: list[frozenset[str]] = []
        self.bus.subscribe(IndicatorsChanged, lambda event: self.changes.append(event.names))
        self._time = 1_000

    async def write(self, name: str, text: str) -> None:
        self.path.mkdir(exist_ok=True)
        file = self.path / f"{name}.py"
        file.write_text(text, encoding="utf-8")
        self._time += 1  # as time passes between two saves
        os.utime(file, (self._time, self._time))
        await self.service.look()


@pytest.fixture
async def folder(tmp_path: Path) -> AsyncIterator[Folder]:
    made = Folder(tmp_path / "indicators")
    yield made
    made.service.close()


async def test_a_new_file_is_an_indicator_like_the_others(folder: Folder) -> None:
    await folder.write("mine", own_text("return bar.close"))

    found = folder.service.find("own:mine")

    assert (found.title, [each.name for each in found.outputs]) == ("Mine", ["value"])
    assert [each.name for each in folder.service.all()] == [*sorted(BUILT_IN), "own:mine"]
    assert folder.changes == [frozenset({"own:mine"})]


async def test_a_broken_text_keeps_the_last_good_version(folder: Folder) -> None:
    await folder.write("mine", own_text("return 1.0"))
    await folder.write("mine", own_text("return ((1.0"))
    own = folder.service.own("own:mine")
    assert own is not None

    trouble, version = own.trouble, own.version
    reply = await own.start(own.new_session(), {}, bars(3))

    assert isinstance(trouble, Trouble)
    assert (trouble.line, version) == (7, 1)
    assert isinstance(reply, Filled)
    assert floats(reply.outputs)[0].tolist() == [1.0] * 3


async def test_a_mended_text_is_the_new_version(folder: Folder) -> None:
    await folder.write("mine", own_text("return ((1.0"))
    with pytest.raises(InvalidInput, match=r"mine\.py: SyntaxError"):
        folder.service.find("own:mine")
    await folder.write("mine", own_text("return 2.0"))
    own = folder.service.own("own:mine")
    assert own is not None

    reply = await own.start(own.new_session(), {}, bars(2))

    assert own.trouble is None
    assert isinstance(reply, Filled)
    assert floats(reply.outputs)[0].tolist() == [2.0, 2.0]


async def test_a_series_goes_on_bar_by_bar_and_begins_again_after_a_crash(folder: Folder) -> None:
    await folder.write("mine", own_text("import os; bar.close < 0 and os._exit(1); return bar.close"))
    own = folder.service.own("own:mine")
    assert own is not None
    session, row = own.new_session(), BarRow(1, 1.0, 1.0, 1.0, 3.0, 1.0)
    await own.start(session, {}, bars(2))

    went_on = await own.advance(session, [row], row)
    crashed = await own.advance(session, [row._replace(close=-1.0)], None)
    again = await own.start(session, {}, bars(2))

    assert went_on == Advanced(((3.0,),), (3.0,))
    assert isinstance(crashed, Trouble)
    assert crashed.gone
    assert isinstance(again, Filled)


async def test_a_file_that_is_gone_is_no_indicator(folder: Folder) -> None:
    await folder.write("mine", own_text("return 1.0"))
    (folder.path / "mine.py").unlink()
    await folder.service.look()

    assert folder.service.own("own:mine") is None
    with pytest.raises(InvalidInput, match=r"no file mine\.py"):
        folder.service.find("own:mine")


async def test_nothing_is_told_when_nothing_changed(folder: Folder) -> None:
    await folder.write("mine", own_text("return 1.0"))
    await folder.service.look()

    assert len(folder.changes) == 1


async def test_the_template_is_a_good_indicator_under_a_free_name(folder: Folder) -> None:
    first = await folder.service.new_file()
    second = await folder.service.new_file()

    assert (first.name, second.name) == ("my_indicator.py", "my_indicator_2.py")
    assert [each.trouble for each in folder.service.owned()] == [None, None]
    own = load(TEMPLATE.format(name="Distance"), "distance.py", "distance")
    data = bars(40)
    mean = np.convolve(data.close, np.ones(20) / 20)[19:40]
    np.testing.assert_allclose(own.compute(data)[0][19:], 100 * (data.close[19:] / mean - 1), atol=1e-9)


async def test_what_cannot_be_read_says_so(folder: Folder) -> None:
    folder.path.mkdir()
    (folder.path / "latin.py").write_bytes(b"\xff\xfe\xfa")
    (folder.path / "huge.py").write_bytes(b"#" * (MOST_BYTES + 1))
    (folder.path / "_part.py").write_text("not one of them")
    await folder.service.look()

    said = {own.name: own.trouble.message for own in folder.service.owned() if own.trouble is not None}

    assert set(said) == {"latin", "huge"}
    assert "UTF-8" in said["latin"]
    assert "too large" in said["huge"]


async def test_a_folder_that_cannot_be_made_is_an_answer(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    service = Indicators(Bus(), tmp_path / "file", WorkerProcess)

    with pytest.raises(StorageUnavailable, match="No indicator could be written"):
        await service.new_file()


async def test_long_series_come_from_the_calculator(folder: Folder) -> None:
    data = bars(300)

    quick = await folder.service.outputs("roc", {"period": 4}, data)
    slow = await folder.service.stream("roc", {"period": 4}, data)

    assert not isinstance(quick, Trouble)
    assert not isinstance(slow, Trouble)
    np.testing.assert_allclose(quick[0], slow[0][0], rtol=1e-9)


async def test_the_watch_sees_a_save(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.services.indicators.FIRST_LOOK_S", 0.01)
    monkeypatch.setattr("engine.services.indicators.LOOK_S", 0.01)
    folder.service.watch()
    folder.path.mkdir()
    (folder.path / "mine.py").write_text(own_text("return 1.0"))

    seen = asyncio.Event()
    folder.bus.subscribe(IndicatorsChanged, lambda _: seen.set())
    async with asyncio.timeout(20):
        await seen.wait()
    await folder.service.join()

    assert folder.service.find("own:mine").title == "Mine"


def test_an_unchanged_file_is_not_read_again(tmp_path: Path) -> None:
    write_template(tmp_path)
    known = scan(tmp_path, {})

    assert scan(tmp_path, known)["my_indicator"] is known["my_indicator"]
    assert scan(tmp_path / "none", known) == {}
