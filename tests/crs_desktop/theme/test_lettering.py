"""Columns of figures from the atlas against the same texts written by Qt."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from crs_desktop import theme
from crs_desktop.theme.tokens import ThemeName

pytestmark = pytest.mark.gui

TEXTS = ["▲ 63,421.07", "", "0.00157", "−12.50%", "0.0(5)921"]  # noqa: RUF001 - a minus sign
ROW = 18


@pytest.fixture
def app(qapp: QApplication) -> Iterator[QApplication]:
    """The standard look before and after."""
    theme.apply(qapp)
    yield qapp
    theme.apply(qapp)


def painted(ratio: float, *, right: bool, by_qt: bool, texts: list[str] | None = None) -> NDArray[np.int64]:
    """Return how far every pixel is from the empty surface."""
    shown = TEXTS if texts is None else texts
    row = theme.current().px(ROW)
    image = QImage(round(240 * ratio), round(row * 6 * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(theme.color("surface"))
    painter = QPainter(image)
    tops = [row * (number + 1) - row // 2 for number in range(len(shown))]
    if by_qt:
        painter.setFont(theme.font("number"))
        painter.setPen(theme.color("up_text"))
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        for top, text in zip(tops, shown, strict=True):
            painter.drawText(QRect(20, top, 200, row), Qt.AlignmentFlag.AlignVCenter | side, text)
    else:
        ink = theme.color("up_text")
        theme.letter_column(painter, "number", ink, ratio, 220 if right else 20, row, tops, shown, right=right)
    painter.end()
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4).astype(np.int64)
    return cast("NDArray[np.int64]", np.abs(pixels[:, :, :3] - pixels[0, 0, :3]).sum(axis=2))


@pytest.mark.parametrize("name", ["dark", "light"])
@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("right", [True, False])
def test_a_column_looks_as_if_qt_had_written_every_text(
    app: QApplication, name: ThemeName, ratio: float, *, right: bool
) -> None:
    theme.apply(app, name)
    ours, theirs = (painted(ratio, right=right, by_qt=by_qt) for by_qt in (False, True))
    assert ours.sum() == pytest.approx(theirs.sum(), rel=0.1)  # as much ink
    for band in (ours, theirs):
        assert band.any()
    for axis, off in ((1, 2.0), (0, 2.0)):  # at the same height; as wide
        edges = [np.nonzero(each.max(axis=axis) > 120)[0] for each in (ours, theirs)]
        assert abs(edges[0][0] - edges[1][0]) <= off
        assert abs(edges[0][-1] - edges[1][-1]) <= off


def test_a_new_size_of_text_and_signs_never_seen_are_learnt(app: QApplication) -> None:
    small = painted(1.0, right=False, by_qt=False)
    theme.apply(app, "dark", "standard", 2.0)
    assert painted(1.0, right=False, by_qt=False).sum() > 2 * small.sum()
    assert painted(1.0, right=False, by_qt=False, texts=["Bß\N{BULLET}"]).any()
    assert not painted(1.0, right=False, by_qt=False, texts=["\N{GRINNING FACE}"]).any()


def test_many_rows_and_no_rows_are_written_in_one_go(app: QApplication) -> None:
    assert not painted(1.0, right=True, by_qt=False, texts=[]).any()
    assert painted(1.0, right=True, by_qt=False, texts=["1,234,567.89" * 20] * 5).any()
