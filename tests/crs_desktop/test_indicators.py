"""Indicators in the whole desktop: a key opens the list, a restart restores, own files are followed as saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from crs_desktop.panes.indicator_picker import IndicatorPicker
from tests.crs_desktop.running import running

pytestmark = [pytest.mark.gui, pytest.mark.integration]

OWN = '''
"""Half of the close."""
from engine.indicators.own import OwnIndicator, line

class Half(OwnIndicator):
    over_candles = True
    half = line()

    def push(self, bar):
        return bar.close / 2
'''


def model_of(desk: Any) -> Any:  # noqa: ANN401 - likewise
    return desk.window.pane("chart").chart_model


def studies_of(desk: Any) -> Any:  # noqa: ANN401 - a view-model of the running window
    return model_of(desk).studies


async def test_i_opens_the_list_enter_adds_and_a_restart_restores(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        await desk.press(Qt.Key.Key_I)
        await desk.until(lambda: desk.dialog(IndicatorPicker))
        picker = desk.dialog(IndicatorPicker)
        for name in ("rsi", "ema"):
            picker.field.setText(name)
            await desk.press(Qt.Key.Key_Return, at=picker.field)
        await desk.press(Qt.Key.Key_Escape, at=picker)
        studies = studies_of(desk)
        await desk.until(lambda: all(len(each.columns[0]) for each in studies))
        kept = studies.remembered()

    async with running(tmp_path) as desk:
        studies = studies_of(desk)
        await desk.until(lambda: len(studies) == 2 and all(len(each.columns[0]) for each in studies))

        assert [each.title for each in studies] == ["RSI 14", "EMA 20"]
        assert studies.remembered() == kept


async def test_a_new_indicator_of_ones_own_is_written_shown_and_its_folder_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(
        "crs_desktop.wiring.indicators.QDesktopServices.openUrl", lambda url: opened.append(url.toLocalFile())
    )
    async with running(tmp_path) as desk:
        desk.do("chart.indicator_folder")
        studies = studies_of(desk)
        desk.do("chart.indicator_new")
        await desk.until(lambda: len(studies) and len(next(iter(studies)).columns[0]))
        desk.do("chart.indicator_folder")

        assert [each.title for each in studies] == ["My Indicator 20"]
        assert opened == [str(tmp_path / "indicators")] * 2
        assert (tmp_path / "indicators" / "my_indicator.py").exists()


async def test_an_own_file_is_drawn_breaks_with_its_line_and_is_mended(tmp_path: Path) -> None:
    file = tmp_path / "indicators" / "half.py"
    file.parent.mkdir()
    file.write_text(OWN, encoding="utf-8")
    async with running(tmp_path) as desk:
        studies = studies_of(desk)
        await desk.until(lambda: any(own.good for own in desk.engine.indicators.owned()))
        study = studies.add("own:half")
        series = model_of(desk).series
        await desk.until(lambda: len(study.columns[0]))
        index = series.stop - 20
        shown, row = study.value(0, index), series.row(index)
        assert row is not None
        assert shown == pytest.approx(model_of(desk).pair.price_number(row.close) / 2)

        file.write_text(OWN.replace("bar.close / 2", "bar.closing / 2"), encoding="utf-8")
        await desk.until(lambda: "closing" in str(studies.warning(study)))
        assert str(studies.warning(study)).startswith("half.py, line 10: AttributeError")

        file.write_text(OWN.replace("bar.close / 2", "bar.close / 4"), encoding="utf-8")
        await desk.until(lambda: study.value(0, index) == pytest.approx(shown / 2))
        assert str(studies.warning(study)) == ""
