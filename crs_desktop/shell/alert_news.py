"""Tells that an alert was met: a toast, a sound, the bell, and the system while the user is elsewhere. Never a dialog.

Several at once are one piece of news: a market that runs fast must not bury the window in toasts.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from crs_desktop import theme
from crs_desktop.i18n import tr
from crs_desktop.shell.sound import AlertSound
from crs_desktop.widgets.toast import LINGER_ERROR_MS, Toast, Toasts
from engine.services.alerts import AlertFired

TOGETHER_MS = 500
"""What is told so soon after something else goes into the same toast."""
SHOWN = 3
"""Texts in one toast."""
MARKUP = str.maketrans({"<": "\u2039", ">": "\u203a", "&": "+"})
"""Desktops may read notifications as markup."""


class AlertNews:
    """The news of one window."""

    def __init__(self, window: QWidget, toasts: Toasts, sound: AlertSound | None = None) -> None:
        self._window, self._toasts = window, toasts
        self.sound = sound if sound is not None else AlertSound()
        self._texts: list[str] = []
        self._toast: Toast | None = None
        self._waiting: list[AlertFired] = []
        self._tray: QSystemTrayIcon | None = None
        self._timer = QTimer(window)
        self._timer.setSingleShot(True)
        self._timer.setInterval(TOGETHER_MS)
        self._timer.timeout.connect(self._next)

    def tell(self, event: AlertFired, *, sound: bool, notify: bool) -> None:
        """Tell one; `sound` and `notify` are what the settings say."""
        if sound and event.alert.sound:
            self.sound.ring()
        self._waiting.append(event)
        if not self._timer.isActive():
            self._say(notify=notify)
            self._timer.start()

    def close(self) -> None:
        """Tell nothing any more."""
        self._timer.stop()
        self._waiting.clear()
        self._texts.clear()
        self._toast = None
        if self._tray is not None:
            self._tray.hide()
            self._tray.deleteLater()
            self._tray = None

    def _next(self) -> None:
        if self._waiting:
            self._say(notify=False)
            self._timer.start()
        else:
            self._texts.clear()
            self._toast = None

    def _say(self, *, notify: bool) -> None:
        texts = [each.fired.text for each in self._waiting]
        self._waiting.clear()
        self._texts += texts
        count = len(self._texts)
        title = tr("Alert") if count == 1 else tr("{count} alerts", count=count)
        shown = "\n".join(self._texts[-SHOWN:])
        if self._toast is None or self._toast not in self._toasts.shown:
            self._toast = self._toasts.say(title, shown, "alert")
        self._toast.say(title, shown, "alert", LINGER_ERROR_MS)
        self._toasts.settle()
        if notify and QGuiApplication.applicationState() != Qt.ApplicationState.ApplicationActive:
            self._notify(title, texts[-1])

    def _notify(self, title: str, text: str) -> None:
        """Let the system tell, if it can; the window asks for attention in any case."""
        QApplication.alert(self._window)
        if not QSystemTrayIcon.isSystemTrayAvailable() or not QSystemTrayIcon.supportsMessages():
            return
        if self._tray is None:
            self._tray = QSystemTrayIcon(theme.icon("bell", "accent"), self._window)
            self._tray.setToolTip("CRS Desktop")
            self._tray.activated.connect(lambda _reason: self._window.activateWindow())
            self._tray.messageClicked.connect(self._window.activateWindow)
        self._tray.show()
        self._tray.showMessage(title, text.translate(MARKUP), QSystemTrayIcon.MessageIcon.NoIcon)
