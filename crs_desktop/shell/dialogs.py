"""Small dialogs: a question with its consequence, a date to jump to, what to do about a crash."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import Qt, QThread, QTimer
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from crs_desktop import crash, theme
from crs_desktop.i18n import tr
from crs_desktop.widgets.toast import Toasts
from engine.domain.number import NANOS_PER_SECOND
from engine.profile import Profile


class Sheet(QDialog):
    """A dialog of the house: a title, content, buttons; deletes itself when closed, blocks no event loop."""

    def __init__(self, parent: QWidget, title: str, width: int = 420) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.setMinimumWidth(width)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(20, 16, 20, 16)
        self.column.setSpacing(12)
        self.head = plain(title)
        theme.set_font(self.head, "title")
        self.column.addWidget(self.head)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Write the title as a title: the style sheet takes its font away when it is first polished."""
        super().showEvent(event)
        theme.set_font(self.head, "title")

    def buttons(self, verb: str, kind: str = "primary") -> tuple[QPushButton, QPushButton]:
        """Add `verb` and Cancel; `verb` is the default."""
        box = QDialogButtonBox()
        yes = QPushButton(verb)
        yes.setProperty("kind", kind)
        no = QPushButton(tr("Cancel"))
        box.addButton(no, QDialogButtonBox.ButtonRole.RejectRole)
        box.addButton(yes, QDialogButtonBox.ButtonRole.AcceptRole)
        no.clicked.connect(self.reject)
        yes.setDefault(True)
        self.column.addWidget(box)
        return yes, no


def plain(text: str, tone: str = "text") -> QLabel:
    """Return a wrapped label that shows text as it is."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    theme.set_tone(label, tone)
    return label


class ConfirmDialog(Sheet):
    """Says what will happen, and does it on Enter."""

    def __init__(self, parent: QWidget, title: str, text: str, verb: str, then: Callable[[], object]) -> None:
        super().__init__(parent, title)
        self.column.addWidget(plain(text, "muted"))
        yes, _ = self.buttons(verb)
        yes.clicked.connect(self.accept)
        self.accepted.connect(then)
        yes.setFocus()


class JumpDialog(Sheet):
    """Asks for a date; says what is wrong with it while it is typed."""

    def __init__(self, parent: QWidget, now: int, then: Callable[[int], object], where: str = "") -> None:
        """`where` tells between which instants one can go, if that is not long."""
        super().__init__(parent, tr("Jump to a date"))
        self._then = then
        shown = "%Y-%m-%d %H:%M:%S" if where else "%Y-%m-%d %H:%M"
        self.field = QLineEdit(datetime.fromtimestamp(now // NANOS_PER_SECOND, UTC).strftime(shown))
        self.field.setAccessibleName(tr("Date and time, UTC"))
        theme.set_font(self.field, "number")
        self.column.addWidget(
            plain(tr("Date and time, UTC, as 2026-01-31 14:30. Working orders are cancelled."), "muted")
        )
        if where:
            self.column.addWidget(plain(where, "muted"))
        self.column.addWidget(self.field)
        self.problem = plain("", "error")
        self.column.addWidget(self.problem)
        self._yes, _ = self.buttons(tr("Jump"))
        self._yes.clicked.connect(self._go)
        self.field.textChanged.connect(self._check)
        self.field.selectAll()
        self.field.setFocus()

    @property
    def instant(self) -> int | None:
        """The instant that is typed, ns, None if it is none."""
        text = self.field.text().strip().replace("T", " ")
        for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"):
            try:
                at = datetime.strptime(text, form).replace(tzinfo=UTC)
            except ValueError:
                continue
            return int(at.timestamp()) * NANOS_PER_SECOND
        return None

    def _check(self) -> None:
        valid = self.instant is not None
        self._yes.setEnabled(valid)
        self.problem.setText("" if valid else tr("This is no date such as 2026-01-31 14:30."))

    def _go(self) -> None:
        at = self.instant
        if at is not None:
            self.accept()
            self._then(at)


class CrashDialog(Sheet):
    """Says that something unexpected happened, what is safe, and what can be done."""

    def __init__(self, parent: QWidget, profile: Profile, error: BaseException, toasts: Toasts) -> None:
        super().__init__(parent, tr("Something unexpected happened"), 560)
        self.column.addWidget(
            plain(
                tr(
                    "CRS Desktop met an error it did not expect and goes on where it can. "
                    "Orders and fills that were shown are on the disk."
                ),
                "muted",
            )
        )
        text = QPlainTextEdit(crash.details(error))
        text.setReadOnly(True)
        text.setMinimumHeight(180)
        text.setAccessibleName(tr("Details of the error"))
        self.column.addWidget(text)
        box = QDialogButtonBox()
        for title, act in (
            (tr("Save report…"), lambda: save_report(self, profile, error, toasts)),
            (tr("Copy details"), lambda: QGuiApplication.clipboard().setText(crash.details(error))),
        ):
            button = QPushButton(title)
            button.clicked.connect(act)
            box.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
        go_on = QPushButton(tr("Go on"))
        go_on.setProperty("kind", "primary")
        go_on.setDefault(True)
        go_on.clicked.connect(self.accept)
        box.addButton(go_on, QDialogButtonBox.ButtonRole.AcceptRole)
        self.column.addWidget(box)


_shown: list[CrashDialog] = []


def crash_dialog(parent: QWidget, profile: Profile, error: BaseException, toasts: Toasts) -> None:
    """Show an unexpected error, from any thread; one dialog at a time (the log has them all)."""

    def show() -> None:
        if _shown:
            return
        dialog = CrashDialog(parent, profile, error, toasts)
        _shown.append(dialog)
        dialog.finished.connect(lambda _: _shown.clear())
        dialog.open()

    if QThread.currentThread() is parent.thread():
        show()
    else:
        QTimer.singleShot(0, parent, show)


def save_report(parent: QWidget, profile: Profile, error: BaseException | None, toasts: Toasts) -> None:
    """Ask where to, and write the redacted report there."""
    name = f"crs-desktop-report-{datetime.now(UTC):%Y%m%d-%H%M%S}.zip"
    dialog = QFileDialog(parent, tr("Save report"), str(Path.home() / name), tr("Zip archive (*.zip)"))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)

    def write(path: str) -> None:
        try:
            written = crash.bundle(Path(path), profile, error)
        except OSError as failure:
            toasts.say(tr("The report was not saved"), str(failure.strerror or failure), "error")
        else:
            toasts.say(tr("Report saved"), tr("{file}, without keys or secrets", file=written.name), "up")

    dialog.fileSelected.connect(write)
    dialog.open()
