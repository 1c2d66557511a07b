"""The bell in the window's first row: how many alerts told something that nobody has looked at yet."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QToolButton

from crs_desktop import theme
from crs_desktop.actions import ActionBook
from crs_desktop.i18n import tr

FLASHES = 6
FLASH_MS = 250
MOST_SHOWN = 99


class Bell(QToolButton):
    """Shows a count and flashes when it rises; a click shows the alerts."""

    def __init__(self, book: ActionBook) -> None:
        super().__init__()
        self.count = 0
        self._left = 0
        self._timer = QTimer(self)
        self._timer.setInterval(FLASH_MS)
        self._timer.timeout.connect(self._flash)
        self.setProperty("kind", "ghost")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(lambda: book.trigger("alert.list"))
        self._fit()
        self.show_count(0)

    @property
    def lit(self) -> bool:
        """Whether it is painted in its loud colour now: something is unseen, and not the dark half of a flash."""
        return bool(self.count) and self._left % 2 == 0

    def show_count(self, count: int) -> None:
        """Show how many are unseen; a higher number than before flashes."""
        if count > self.count:
            self._left = FLASHES if theme.flashes() else 0
            if self._left:
                self._timer.start()
        self.count = count
        if not count:
            self._rest()
        told = tr("{count} alerts told, not looked at yet", count=count) if count else tr("Alerts")
        self.setToolTip(told)
        self.setAccessibleName(told)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the button, the bell, and the count at its upper right."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        size = theme.current().px(16)
        picture = theme.pixmap("bell", "alert" if self.lit else "text_muted", size, self.devicePixelRatioF())
        left = (self.width() - size) // 2 - (theme.current().px(4) if self.count else 0)
        painter.drawPixmap(left, (self.height() - size) // 2, picture)
        if self.count:
            self._paint_count(painter)
        painter.end()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Grow with the text."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._fit()

    def _paint_count(self, painter: QPainter) -> None:
        text = str(self.count) if self.count <= MOST_SHOWN else f"{MOST_SHOWN}+"
        painter.setFont(theme.font("small"))
        metrics = painter.fontMetrics()
        height = metrics.height()
        width = max(height, metrics.horizontalAdvance(text) + 6)
        rect = QRectF(self.width() - width - 1, 1, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("alert"))
        painter.drawRoundedRect(rect, height / 2, height / 2)
        painter.setPen(theme.color("window"))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)

    def _flash(self) -> None:
        self._left -= 1
        if self._left <= 0:
            self._rest()
        self.update()

    def _rest(self) -> None:
        self._left = 0
        self._timer.stop()

    def _fit(self) -> None:
        scale = theme.current().px
        self.setFixedSize(QSize(scale(38), scale(26)))
