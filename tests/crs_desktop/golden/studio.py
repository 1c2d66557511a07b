"""What a scene is, and what it is set up with: a real exchange in memory, made bars, no clock but its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QWidget

from crs_desktop.charts.chart_view import ChartView
from crs_desktop.panes.base import Pane
from crs_desktop.viewmodels.chart import ChartModel
from crs_desktop.viewmodels.chart_style import ChartStyle
from crs_desktop.viewmodels.desk import Desk
from engine.domain.market import Timeframe
from engine.domain.number import Nanos
from engine.domain.order import Side
from engine.market.catalogue import PAIRS
from engine.ports.feed import BarArrays
from tests.crs_desktop.charts.gallery import LEVEL, Archive, close_floor, desk_of, settle, some
from tests.crs_desktop.trading_floor import Floor

BTC = "BTC/USDT"
BARS = 300


class Past(Archive):
    """Bars of minutes and longer; the forming one begins with what is printed on the stage."""

    async def bars(self, symbol: str, timeframe: Timeframe, *, end: Nanos, count: int) -> BarArrays:
        found = await super().bars(symbol, timeframe, end=end, count=count)
        return found if timeframe.nanos >= Timeframe.M1.nanos else some(found, np.array([], np.intp))


class Stage:
    """The engine of one scene and the widget that it shows; `end` takes both down."""

    def __init__(self, size: tuple[int, int]) -> None:
        self.size = size
        self.closing: list[Callable[[], object]] = []
        self.widget: QWidget | None = None

    async def floor(self, archive: Archive | None = None) -> Floor:
        """Open an exchange over made bars, its book stocked round the last price."""
        made = Floor(usdt=50_000, pairs=[PAIRS[0].pair])
        made.feed.bars = (archive or Past(BARS)).bars  # type: ignore[method-assign]
        made.stock(BTC, middle=LEVEL, levels=40)
        await made.market_data.start()
        self.closing.append(lambda: close_floor(made))
        return made

    async def desk(self, archive: Archive | None = None) -> Desk:
        """Sit down before such an exchange."""
        return desk_of(await self.floor(archive))

    async def chart(self, style: ChartStyle | None = None, *, archive: Archive | None = None) -> ChartView:
        """Show a chart, without a pane round it."""
        return await self.chart_of(await self.desk(archive), style)

    async def chart_of(self, desk: Desk, style: ChartStyle | None = None) -> ChartView:
        """Show a chart of a desk."""
        model = ChartModel(desk)
        self.closing.append(model.close)
        chart = ChartView(model)
        if style is not None:
            chart.set_style(style)
        await self.show(chart)
        chart.sync()
        return chart

    async def show(self, widget: QWidget) -> None:
        """Put a widget on the screen in the scene's size, and let it take over what it shows."""
        self.widget = widget
        widget.resize(*self.size)
        widget.show()
        await self.settle()

    async def settle(self) -> None:
        """Let the loop and Qt finish what they have begun."""
        for _ in range(2):
            await settle()
            await asyncio.sleep(0)
            if isinstance(self.widget, Pane):
                self.widget.refresh()
            elif isinstance(self.widget, ChartView):
                self.widget.sync()
            QApplication.processEvents()

    async def end(self) -> None:
        """Close the widget, then what it stood on, the last first."""
        widget, self.widget = self.widget, None
        if isinstance(widget, Pane):
            widget.dispose()
        if widget is not None:
            widget.close()
            widget.deleteLater()
        while self.closing:
            self.closing.pop()()
        await settle()
        QApplication.processEvents()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # no loop of Qt's does it here


Make = Callable[[Stage], Awaitable[QWidget]]


class Scene(NamedTuple):
    """One picture to be taken: `make` shows a widget on a stage and returns it."""

    name: str
    size: tuple[int, int]
    make: Make


SCENES: dict[str, Scene] = {}


def scene(name: str, width: int = 360, height: int = 220) -> Callable[[Make], Make]:
    """Keep a function as the scene of a name."""

    def keep(make: Make) -> Make:
        if name in SCENES:
            raise ValueError(f"two scenes are called {name}")
        SCENES[name] = Scene(name, (width, height), make)
        return make

    return keep


def trade(floor: Floor, prices: list[tuple[Side, int, int]]) -> None:
    """Let others trade with what rests: a side, how far from the middle in ticks, and lots each."""
    for side, away, qty in prices:
        floor.other(side, BTC, LEVEL + away, qty)
