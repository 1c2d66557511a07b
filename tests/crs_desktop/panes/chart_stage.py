"""A chart pane of a known size over a real engine, with hands to work it."""

from __future__ import annotations

from collections import Counter

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from crs_desktop.panes.chart import ChartPane
from crs_desktop.viewmodels.chart import ChartModel
from engine.domain.command import SubmitOrder
from engine.domain.number import Lots, Ticks
from engine.domain.order import OrderId, OrderType, Side
from tests.crs_desktop.charts.gallery import Archive, desk_of, settle
from tests.crs_desktop.trading_floor import ME, Floor


class Stage:
    """A chart pane of a known size over a real engine."""

    def __init__(self, qtbot: QtBot, floor: Floor, archive: Archive) -> None:
        self.qtbot, self.floor, self.archive = qtbot, floor, archive
        self.desk = desk_of(floor)
        self.model = ChartModel(self.desk)
        self.pane = ChartPane(self.model)
        self.pane.resize(900, 560)
        qtbot.addWidget(self.pane)
        self.chart = self.pane.chart
        self.keys = self.chart.gestures

    async def open(self) -> None:
        self.pane.show()
        await self.refresh()

    async def refresh(self) -> None:
        await settle()
        self.pane.refresh()

    async def send(self, side: Side, kind: OrderType, price: int | None = None) -> OrderId:
        order = SubmitOrder(
            account=ME,
            order_id=self.floor.orders.new_id(),
            symbol="BTC/USDT",
            side=side,
            order_type=kind,
            qty=Lots(1_000),
            price=None if price is None else Ticks(price),
        )
        await self.floor.orders.submit(order)
        await self.refresh()
        return order.order_id

    def image(self) -> QImage:
        return self.chart.grab().toImage()

    def colours(self, x1: float, y1: float, x2: float, y2: float) -> Counter[str]:
        """Count pixels by colour in a part of the pane, given as shares of the panes left of the axis."""
        image = self.image()
        frame, ratio = self.chart.frame, image.devicePixelRatio()
        width, height = frame.plot_width * ratio, frame.time_top * ratio
        return Counter(
            QColor(image.pixel(x, y)).name()
            for x in range(int(x1 * width), int(x2 * width))
            for y in range(int(y1 * height), int(y2 * height))
        )

    def wheel(
        self, x: float, y: float, turned: int, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    ) -> None:
        at = QPointF(x, y)
        event = QWheelEvent(
            at, at, QPoint(), QPoint(0, turned), Qt.MouseButton.NoButton, held, Qt.ScrollPhase.NoScrollPhase, False
        )
        QApplication.sendEvent(self.chart, event)

    def drag(self, x1: int, y1: int, x2: int, y2: int) -> None:
        left = Qt.MouseButton.LeftButton
        QTest.mousePress(self.chart, left, pos=QPoint(x1, y1))
        QTest.mouseMove(self.chart, QPoint((x1 + x2) // 2, (y1 + y2) // 2))
        QTest.mouseMove(self.chart, QPoint(x2, y2))
        QTest.mouseRelease(self.chart, left, pos=QPoint(x2, y2))

    def press(self, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.chart, key, held)
