"""Indicators on a real chart: the picker adds, the legend tells, the dialog tries and takes back, the menu moves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QMenu, QPushButton, QSpinBox
from pytestqt.qtbot import QtBot

from crs_desktop import theme
from crs_desktop.charts.canvas import Canvas
from crs_desktop.charts.labels import AxisLabel
from crs_desktop.panes.chart import ChartPane
from crs_desktop.panes.indicator_dialog import IndicatorDialog
from crs_desktop.panes.indicator_picker import IndicatorPicker
from crs_desktop.viewmodels.chart import ChartModel
from crs_desktop.viewmodels.chart_style import BarKind
from crs_desktop.viewmodels.format import price as price_text
from crs_desktop.viewmodels.indicators.bars import Cut, Units
from crs_desktop.viewmodels.indicators.setup import PRICE, Look, Setup
from crs_desktop.viewmodels.indicators.study import Study
from engine.indicators.registry import find
from tests.crs_desktop.charts.gallery import Archive, close_floor, desk_of, floor_with, settle
from tests.crs_desktop.trading_floor import Floor

pytestmark = pytest.mark.gui
LEFT = Qt.MouseButton.LeftButton


class Stage:
    """A chart pane over an engine with a history."""

    def __init__(self, qtbot: QtBot, floor: Floor) -> None:
        self.floor = floor
        self.model = ChartModel(desk_of(floor))
        self.pane = ChartPane(self.model)
        self.pane.resize(900, 640)
        qtbot.addWidget(self.pane)
        self.pane.show()
        self.studies, self.chart = self.model.studies, self.pane.chart
        self.said: list[str] = []
        self.told = self.model.desk.on_tell(lambda told: self.said.append(str(told.text)))

    async def refresh(self) -> None:
        for _ in range(3):
            await settle()
            self.pane.refresh()
        self.pane.grab()

    def only(self) -> Study:
        (study,) = self.studies
        return study

    def place(self, study: Study) -> QPoint:
        """Where an indicator's name is written."""
        key = f"study-{study.number}" if study.over_candles else f"pane-{study.setup.pane}"
        rect = next(rect for rect, each in self.chart.legend_spots if each == key)
        return QPointF(rect.left() + 6, rect.center().y()).toPoint()


@pytest.fixture
async def stage(qtbot: QtBot) -> AsyncIterator[Stage]:
    made = Stage(qtbot, await floor_with(Archive(900)))
    await made.refresh()
    yield made
    made.pane.close()
    close_floor(made.floor)
    await settle()


@pytest.fixture
def picker(stage: Stage) -> Iterator[IndicatorPicker]:
    made = stage.pane.indicators.open_picker()
    yield made
    made.close()


def batch_at(stage: Stage, name: str, index: int, **values: int) -> float:
    """The batch over the bars before the newest, computed apart, at the bar of an index."""
    cut = Cut.of(stage.model.series, Units.of(stage.model.pair))
    return float(find(name).compute(cut.columns(), values)[0][index - cut.first])


@pytest.mark.no_cover
async def test_the_picker_adds_and_the_legend_tells_what_the_batch_says(stage: Stage, picker: IndicatorPicker) -> None:
    for name in ("ema", "rsi"):
        picker.field.setText(name)
        QTest.keyClick(picker.field, Qt.Key.Key_Return)
    await stage.refresh()

    ema, rsi = stage.studies
    index = stage.model.series.stop - 40
    over, under = stage.chart.curves[-1], stage.chart.subpanes[-1]
    assert (ema.title, rsi.title) == ("EMA 20", "RSI 14")
    assert (ema.over_candles, rsi.over_candles) == (True, False)
    exact = batch_at(stage, "ema", index) / stage.model.pair.price_number(1)
    assert [text for text, _ in over.legend(index)] == ["EMA 20", price_text(stage.model.pair, round(exact))]
    assert [text for text, _ in under.legend(index)] == ["RSI 14", f"{batch_at(stage, 'rsi', index):.1f}"]


async def test_typing_finds_by_short_name_and_by_words(picker: IndicatorPicker) -> None:
    found = {}
    for query in ("ema", "bollinger bands", "relative strength", "xyzzyq"):
        picker.field.setText(query)
        found[query] = picker.titles[:1]

    assert found == {
        "ema": ["Exponential moving average"],
        "bollinger bands": ["Bollinger bands"],
        "relative strength": ["Relative strength index"],
        "xyzzyq": [],
    }
    assert "write your own" in picker.said.text()


async def test_the_bands_come_before_what_is_made_of_them(picker: IndicatorPicker) -> None:
    picker.field.setText("bollinger")

    assert picker.titles[0] == "Bollinger bands"


async def test_nothing_can_be_added_where_nothing_is_found(picker: IndicatorPicker) -> None:
    add = next(each for each in picker.findChildren(QPushButton) if each.text() == "Add")

    picker.field.setText("qqqq")
    assert not add.isEnabled()

    picker.field.setText("ema")
    assert add.isEnabled()


async def test_favourites_come_first(stage: Stage, picker: IndicatorPicker) -> None:
    picker.field.setText("zigzag")
    QTest.keyClick(picker.field, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    picker.field.setText("")

    assert picker.titles[0] == "ZigZag"
    assert stage.studies.presets.favourites == ["zigzag"]


async def test_a_fifth_pane_is_refused_with_a_sentence(stage: Stage, picker: IndicatorPicker) -> None:
    for name in ("rsi", "macd", "atr", "cci", "mfi"):
        picker.field.setText(name)
        QTest.keyClick(picker.field, Qt.Key.Key_Return)

    assert len(stage.studies) == 4
    assert picker.said.text() == "A chart has at most 4 panes under the candles. Remove one, or move it to another."


async def test_the_dialog_shows_a_change_at_once_and_escape_takes_it_back(stage: Stage) -> None:
    stage.studies.add("ema")
    await stage.refresh()
    study, index = stage.only(), stage.model.series.stop - 10
    before = study.value(0, index)
    dialog = stage.pane.indicators.open_dialog(study)
    spin = dialog.fields["period"].editor
    assert isinstance(spin, QSpinBox)

    spin.setValue(5)
    await stage.refresh()
    tried = study.value(0, index)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    await stage.refresh()

    assert tried == pytest.approx(batch_at(stage, "ema", index, period=5), rel=1e-9)
    assert study.value(0, index) == before
    assert study.title == "EMA 20"


async def test_done_keeps_what_was_tried(stage: Stage) -> None:
    study = stage.studies.add("macd")
    dialog = stage.pane.indicators.open_dialog(study)
    spin = dialog.fields["fast"].editor
    assert isinstance(spin, QSpinBox)

    spin.setValue(8)
    dialog.looks[0].color.pick("#ff0080")
    dialog.looks[1].visible.setChecked(False)
    dialog.accept()

    assert study.title == "MACD 8 26 9"
    assert [(look.color, look.visible) for look in study.setup.looks][:2] == [
        ("#ff0080", True),
        (study.setup.looks[1].color, False),
    ]
    assert stage.pane.remembered()["indicators"] == stage.studies.remembered()


@pytest.mark.parametrize("name", ["apo", "kama", "anchored_vwap", "obv", "supertrend", "pivots"])
async def test_every_kind_of_parameter_has_its_editor(stage: Stage, name: str) -> None:
    study = stage.studies.add(name)

    dialog = stage.pane.indicators.open_dialog(study)

    assert list(dialog.fields) == [param.name for param in study.indicator.params]
    assert all(field.editor.accessibleName() for field in dialog.fields.values())
    dialog.close()


async def test_a_choice_is_taken_and_a_bad_instant_is_told(stage: Stage) -> None:
    apo, anchored = stage.studies.add("apo"), stage.studies.add("anchored_vwap")
    first, second = (stage.pane.indicators.open_dialog(each) for each in (apo, anchored))
    box, line = first.fields["matype"].editor, next(iter(second.fields.values())).editor
    assert isinstance(box, QComboBox)

    box.setCurrentIndex(1 - box.currentIndex())
    QTest.keyClicks(line, "yesterday")
    QTest.keyClick(line, Qt.Key.Key_Return)

    assert apo.setup.values["matype"] == box.currentText()
    assert "must be an instant" in second.problem.text()
    assert second.isVisible()
    first.close()
    second.close()


async def test_presets_are_kept_chosen_and_deleted(stage: Stage) -> None:
    study = stage.studies.add("ema")
    dialog = stage.pane.indicators.open_dialog(study)
    spin = dialog.fields["period"].editor
    assert isinstance(spin, QSpinBox)
    spin.setValue(50)
    dialog.save_preset("slow")
    dialog.form.set_default("slow")
    spin.setValue(10)

    dialog.presets.setCurrentIndex(1)
    dialog.presets.activated.emit(1)
    another = stage.studies.add("ema")

    assert (study.title, spin.value(), another.title) == ("EMA 50", 50, "EMA 50")
    dialog.form.delete_preset("slow")
    dialog.show_form()
    assert [dialog.presets.itemText(at) for at in range(dialog.presets.count())] == ["none saved yet"]
    assert stage.studies.add("ema").title == "EMA 20"
    dialog.close()


async def test_a_double_click_on_the_legend_or_the_line_opens_the_dialog(stage: Stage) -> None:
    stage.studies.add("sma")
    stage.studies.add("rsi")
    await stage.refresh()
    sma, rsi = stage.studies
    opened: list[Study] = []
    stage.pane.indicators.board.opened = opened.append
    index = stage.model.series.stop - 8
    value = sma.columns[0].at(index)
    on_line = QPointF(stage.chart.view.x(index + 0.5), stage.chart.view.y(value)).toPoint()

    for at in (stage.place(sma), stage.place(rsi), on_line, QPoint(400, 5)):
        QTest.mouseDClick(stage.chart, LEFT, pos=at)

    assert opened == [sma, rsi, sma]


def items(menu: QMenu) -> dict[str, object]:
    return {action.text(): action for action in menu.actions() if action.text()}


async def test_the_menu_of_an_indicator_hides_moves_and_removes(stage: Stage) -> None:
    stage.studies.add("rsi")
    stage.studies.add("ema")
    await stage.refresh()
    rsi, ema = stage.studies
    menu = stage.pane.indicators.menu_at(stage.place(ema))
    assert menu is not None

    items(menu)["Hide"].trigger()  # type: ignore[attr-defined]
    await stage.refresh()
    hidden = [text for text, _ in stage.chart.curves[-1].legend(0)]
    into = next(each for each in menu.findChildren(QMenu) if each.title() == "Move to")
    items(into)["The pane of RSI 14"].trigger()  # type: ignore[attr-defined]
    await stage.refresh()

    assert hidden == ["EMA 20", "hidden"]
    assert ema.setup.pane == rsi.setup.pane != PRICE
    assert len([each for each in stage.chart.subpanes if each.key.startswith("pane-")]) == 1
    items(menu)["Remove"].trigger()  # type: ignore[attr-defined]
    assert stage.only() is rsi
    stage.pane.indicators.undo_remove()
    assert [each.title for each in stage.studies] == ["RSI 14", "EMA 20"]
    stage.pane.indicators.undo_remove()
    assert stage.said == ["No indicator was taken off."]


async def test_what_is_no_price_stays_off_the_candles(stage: Stage) -> None:
    rsi = stage.studies.add("rsi")

    assert PRICE not in stage.studies.places(rsi)


async def test_the_menu_of_the_chart_names_every_indicator(stage: Stage) -> None:
    stage.studies.add("ema")
    stage.studies.add("rsi")

    menu = stage.pane.menu(QPoint(300, 200))

    titles = {each.title() for each in menu.findChildren(QMenu)}
    assert {"EMA 20", "RSI 14"} < titles
    assert {"Add indicator…", "Bring the removed indicator back"} < set(items(menu))


async def test_what_is_missing_is_said_in_the_menu_and_kept(stage: Stage) -> None:
    own = {"name": "own:gone", "values": {}, "looks": [], "pane": "price", "hidden": False}
    stage.pane.restore({"indicators": {"studies": [own]}})

    menu = stage.pane.menu(QPoint(300, 200))

    assert "gone is not shown. There is no file gone.py among your indicators." in items(menu)
    assert stage.pane.remembered()["indicators"] == {"studies": [own]}


async def test_another_pair_has_a_scale_of_its_own(stage: Stage) -> None:
    study = stage.studies.add("sma")
    await stage.refresh()

    stage.model.desk.select("SHIB/USDT")
    await stage.refresh()

    index = stage.model.series.stop - 5
    assert study.value(0, index) == pytest.approx(batch_at(stage, "sma", index), rel=1e-9)
    assert study.unit == stage.model.pair.price_number(1)


async def test_another_timeframe_brings_other_values(stage: Stage) -> None:
    stage.studies.add("sma")
    await stage.refresh()
    before = stage.only().value(0, stage.model.series.stop - 5)

    stage.model.reload()
    await stage.refresh()

    assert stage.only().value(0, stage.model.series.stop - 5) == pytest.approx(before)


async def test_colours_of_lines_are_on_the_screen(stage: Stage) -> None:
    study = stage.studies.add("sma")
    stage.studies.configure(study, _painted(study, "#ff00ff"))
    await stage.refresh()

    image = stage.pane.grab().toImage()
    pixels = np.array([[image.pixelColor(x, y).name() for x in range(0, 800)] for y in range(60, 400, 3)])
    assert (pixels == "#ff00ff").sum() > 50


def _painted(study: Study, color: str) -> Setup:
    return replace(study.setup, looks=(Look(color, 3.0),))


async def test_a_closed_pane_leaves_nothing(stage: Stage) -> None:
    stage.studies.add("ema")
    dialog = stage.pane.indicators.open_dialog(stage.only())
    assert isinstance(dialog, IndicatorDialog)
    dialog.close()
    stage.pane.dispose()
    close_floor(stage.floor)

    assert stage.floor.bus.subscriber_count == 0


async def test_indicators_rest_while_bricks_are_shown(stage: Stage) -> None:
    study = stage.studies.add("rsi")
    stage.studies.add("ema")
    await stage.refresh()
    assert f"pane-{study.setup.pane}" in {key for _, key in stage.chart.legend_spots}

    stage.pane.restyle(kind=BarKind.RENKO)
    await stage.refresh()
    assert [key for _, key in stage.chart.legend_spots] == ["volume"], "a value of another bar is no value"
    assert [slot.key for slot in stage.chart.frame.slots] == ["volume"]

    stage.pane.restyle(kind=BarKind.CANDLES)
    await stage.refresh()
    assert len(stage.chart.legend_spots) == 3


async def test_no_number_of_a_panes_axis_stands_under_a_label(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.studies.add("rsi")
    await stage.refresh()
    chart = stage.chart
    written: list[tuple[float, float]] = []
    plain = Canvas.text

    def note(canvas: Canvas, x: float, y: float, width: float, height: float, *rest: object) -> None:
        if x >= chart.frame.plot_width and chart.frame.slots[1].top <= y < chart.frame.time_top:
            written.append((y, y + height))
        plain(canvas, x, y, width, height, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Canvas, "text", note)
    pane, area = chart.scene.panes[1]
    ink = theme.color("text")
    for value in (40.0, 50.0, 52.0, 60.0):
        written.clear()
        monkeypatch.setattr(type(pane), "labels", lambda *_, v=value: [AxisLabel(area.y(v), ("x",), ink, ink)])
        chart.grab()
        spans = sorted(written)
        assert len(spans) >= 2
        assert all(upper[1] - 5 <= lower[0] for upper, lower in pairwise(spans))
