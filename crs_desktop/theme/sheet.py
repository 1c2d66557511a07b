"""The style sheet: one text per theme, made from tokens.

Widgets opt in by properties: `QPushButton[kind=…]` primary, buy, sell, danger, chip, ghost;
`QLabel[tone=…]`; `QFrame[kind=…]` card, line, bar, toast. Fonts are not set here, because a sheet's
font drops OpenType features; see `theme.font`.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from crs_desktop.theme.tokens import Tokens


def qss(t: Tokens) -> str:
    """Return the application's style sheet for a theme."""
    return "\n".join((_base(t), _buttons(t), _fields(t), _tables(t), _docks(t), _bars(t), _small(t)))


def _base(t: Tokens) -> str:
    tones = {
        "text": t.text,
        "muted": t.text_muted,
        "faint": t.text_faint,
        "accent": t.accent,
        "up": t.up_text,
        "down": t.down_text,
        "good": t.good,
        "warn": t.warn,
        "error": t.error,
        "paper": t.paper,
        "live": t.live,
        "simulated": t.simulated,
        "replay": t.replay,
        "alert": t.alert,
    }
    labels = "\n".join(f'QLabel[tone="{name}"] {{ color: {value}; }}' for name, value in tones.items())
    return f"""
QMainWindow, QDialog {{ background: {t.window}; }}
QMainWindow::separator {{ background: {t.window}; width: 4px; height: 4px; }}
QMainWindow::separator:hover {{ background: {t.accent_fill}; }}
QLabel {{ background: transparent; color: {t.text}; }}
{labels}
QFrame[kind="pane"], QWidget[kind="pane"] {{ background: {t.surface}; }}
QFrame[kind="card"] {{ background: {t.surface}; border: 1px solid {t.border}; border-radius: {t.radius}px; }}
QFrame[kind="bar"] {{ background: {t.surface}; }}
QFrame[kind="toast"] {{ background: {t.raised}; border: 1px solid {t.border_strong}; border-radius: {t.radius}px; }}
QFrame[kind="notice"] {{ background: {t.raised}; border-left: 3px solid {t.warn}; }}
QLabel[kind="badge"] {{ background: {t.raised}; color: {t.warn}; border: 1px solid {t.warn};
  border-radius: {t.radius}px; padding: 1px 6px; }}
QFrame[kind="line"] {{ background: {t.border}; border: none; }}
QScrollArea {{ background: transparent; border: none; }}
QScrollArea > QWidget > QWidget {{ background: transparent; }}
"""


def _buttons(t: Tokens) -> str:
    return f"""
QPushButton, QToolButton {{ background: {t.raised}; color: {t.text}; border: 1px solid {t.border};
  border-radius: {t.radius}px; padding: 0 8px; min-height: {t.control - 2}px; }}
QPushButton:hover, QToolButton:hover {{ background: {t.hover}; border-color: {t.border_strong}; }}
QPushButton:pressed, QToolButton:pressed {{ background: {t.border}; }}
QPushButton:focus, QToolButton:focus {{ border-color: {t.focus}; outline: none; }}
QPushButton:disabled, QToolButton:disabled {{ color: {t.text_faint}; background: {t.surface}; }}
QPushButton:checked, QToolButton:checked {{ background: {t.selected}; border-color: {t.accent_fill}; color: {t.text}; }}
QPushButton[tone="up"] {{ color: {t.up_text}; }}
QPushButton[tone="down"] {{ color: {t.down_text}; }}
QPushButton[tone="warn"], QPushButton[tone="warn"]:checked {{ color: {t.warn}; border-color: {t.warn}; }}
QPushButton[kind="primary"] {{ background: {t.accent_fill}; color: {t.on_fill}; border-color: {t.accent_fill}; }}
QPushButton[kind="buy"] {{ background: {t.up_fill}; color: {t.on_fill}; border-color: {t.up_fill}; }}
QPushButton[kind="sell"] {{ background: {t.down_fill}; color: {t.on_fill}; border-color: {t.down_fill}; }}
QPushButton[kind="danger"] {{ color: {t.error}; border-color: {t.error_fill}; background: transparent; }}
QPushButton[kind="danger"]:hover {{ background: {t.error_fill}; color: {t.on_fill}; }}
QPushButton[kind="primary"]:focus, QPushButton[kind="buy"]:focus, QPushButton[kind="sell"]:focus
  {{ border: 1px solid {t.text}; }}
QPushButton[kind="primary"]:disabled, QPushButton[kind="buy"]:disabled, QPushButton[kind="sell"]:disabled
  {{ background: {t.raised}; color: {t.text_faint}; border-color: {t.border}; }}
QPushButton[kind="chip"], QToolButton[kind="chip"] {{ background: transparent; border: 1px solid transparent;
  color: {t.text_muted}; padding: 0 6px; min-height: 20px; min-width: 16px; }}
QPushButton[kind="chip"]:hover, QToolButton[kind="chip"]:hover {{ background: {t.hover}; color: {t.text}; }}
QPushButton[kind="chip"]:checked, QToolButton[kind="chip"]:checked {{ background: {t.selected}; color: {t.text};
  border-color: {t.selected}; }}
QPushButton[kind="chip"]:focus, QToolButton[kind="chip"]:focus {{ border-color: {t.focus}; }}
QPushButton[kind="ghost"], QToolButton[kind="ghost"] {{ background: transparent; border: 1px solid transparent;
  padding: 0 4px; color: {t.text_muted}; }}
QPushButton[kind="ghost"]:hover, QToolButton[kind="ghost"]:hover {{ background: {t.hover}; color: {t.text}; }}
QPushButton[kind="ghost"]:focus, QToolButton[kind="ghost"]:focus {{ border-color: {t.focus}; }}
QToolButton[kind="ghost"][tone="error"] {{ color: {t.error}; }}
QToolButton[kind="ghost"]:checked {{ background: {t.selected}; }}
QToolButton::menu-indicator {{ image: none; }}
{_links(t)}
"""


def _links(t: Tokens) -> str:
    """Return the chips of link groups: the letter in the group's colour."""
    colours = {"A": t.link_a, "B": t.link_b, "C": t.link_c, "": t.text_muted}
    return "\n".join(
        f'QToolButton[link="{name}"] {{ color: {colour}; border: 1px solid {colour}; padding: 0 4px; '
        f"min-height: 14px; background: transparent; }}\n"
        f'QToolButton[link="{name}"]:hover {{ background: {t.hover}; }}\n'
        f'QToolButton[link="{name}"]:focus {{ border: 2px solid {t.focus}; }}'
        for name, colour in colours.items()
    )


def _fields(t: Tokens) -> str:
    return f"""
QLineEdit, QAbstractSpinBox, QComboBox, QPlainTextEdit, QTextEdit {{ background: {t.raised}; color: {t.text};
  border: 1px solid {t.border}; border-radius: {t.radius}px; padding: 0 6px;
  selection-background-color: {t.accent_fill};
  selection-color: {t.on_fill}; }}
QLineEdit, QAbstractSpinBox, QComboBox {{ min-height: {t.control - 2}px; }}
QLineEdit:hover, QAbstractSpinBox:hover, QComboBox:hover {{ border-color: {t.border_strong}; }}
QLineEdit:focus, QAbstractSpinBox:focus, QComboBox:focus, QPlainTextEdit:focus, QTextEdit:focus
  {{ border-color: {t.focus}; }}
QLineEdit[invalid="true"] {{ border-color: {t.error}; }}
QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled {{ color: {t.text_faint}; background: {t.surface}; }}
QComboBox::drop-down {{ border: none; width: 16px; }}
QComboBox::down-arrow {{ image: url("{_image(f"arrow-{t.name}")}"); width: 12px; height: 12px; margin-right: 6px; }}
QComboBox QAbstractItemView {{ background: {t.raised}; border: 1px solid {t.border_strong}; padding: 4px;
  selection-background-color: {t.selected}; selection-color: {t.text}; outline: none; }}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ width: 0; border: none; }}
QCheckBox, QRadioButton {{ color: {t.text}; spacing: 8px; background: transparent; }}
QCheckBox::indicator, QRadioButton::indicator {{ width: 12px; height: 12px; border: 1px solid {t.border_strong};
  background: {t.raised}; border-radius: 2px; }}
QRadioButton::indicator {{ border-radius: 7px; }}
QCheckBox::indicator:checked, QRadioButton::indicator:checked {{ background: {t.accent_fill};
  border-color: {t.accent}; }}
QCheckBox::indicator:checked {{ image: url("{_image("tick")}"); }}
QCheckBox:focus::indicator, QRadioButton:focus::indicator {{ border-color: {t.focus}; }}
QSlider::groove:horizontal {{ height: 4px; background: {t.border}; border-radius: 2px; }}
QSlider::sub-page:horizontal {{ background: {t.accent_fill}; border-radius: 2px; }}
QSlider::handle:horizontal {{ width: 12px; height: 12px; margin: -4px 0; border-radius: 6px; background: {t.text}; }}
"""


def _image(name: str) -> str:
    """Return the file of a small picture; a style sheet can only take it from a path."""
    return Path(str(files("resources") / "icons" / f"{name}.svg")).as_posix()


def _tables(t: Tokens) -> str:
    return f"""
QAbstractItemView {{ background: {t.surface}; alternate-background-color: {t.surface}; color: {t.text};
  border: none; gridline-color: {t.grid}; outline: none;
  selection-background-color: {t.selected}; selection-color: {t.text}; }}
QAbstractItemView::item {{ padding: 0 4px; border: none; }}
QAbstractItemView::item:hover {{ background: {t.hover}; }}
QAbstractItemView::item:selected {{ background: {t.selected}; }}
QTableView:focus, QTreeView:focus, QListView:focus {{ border: 1px solid {t.border_strong}; }}
QTableView, QTreeView, QListView {{ border: 1px solid {t.surface}; }}
QHeaderView {{ background: {t.surface}; border: none; }}
QHeaderView::section {{ background: {t.surface}; color: {t.text_muted}; border: none;
  border-bottom: 1px solid {t.border}; padding: 0 6px; min-height: {t.px(t.row)}px; }}
QHeaderView::section:hover {{ color: {t.text}; }}
QTableCornerButton::section {{ background: {t.surface}; border: none; }}
QScrollBar:vertical {{ background: transparent; width: 8px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 8px; margin: 0; }}
QScrollBar::handle {{ background: {t.border_strong}; border-radius: 2px; margin: 2px; }}
QScrollBar::handle:vertical {{ min-height: 24px; }}
QScrollBar::handle:horizontal {{ min-width: 24px; }}
QScrollBar::handle:hover {{ background: {t.text_faint}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
"""


def _docks(t: Tokens) -> str:
    return f"""
QDockWidget {{ color: {t.text_muted}; titlebar-close-icon: none; titlebar-normal-icon: none; }}
QDockWidget::title {{ background: {t.surface}; padding: 4px 8px; border-bottom: 1px solid {t.border}; }}
QListWidget::item {{ min-height: {t.header}px; padding: 0 12px; }}
QTabWidget::pane {{ border: none; background: {t.surface}; }}
QTabBar {{ background: {t.surface}; border: none; }}
QTabBar::tab {{ background: transparent; color: {t.text_muted}; padding: 0 12px; min-height: {t.header - 4}px;
  border: none; border-bottom: 2px solid transparent; }}
QMainWindow[narrow="true"] > QTabBar::tab {{ padding: 0 4px; }}
QTabBar::tab:hover {{ color: {t.text}; }}
QTabBar::tab:selected {{ color: {t.text}; border-bottom: 2px solid {t.accent}; }}
QTabBar:focus {{ outline: none; }}
QTabBar::tab:focus {{ color: {t.accent}; }}
QSplitter::handle {{ background: {t.window}; }}
QSplitter::handle:hover {{ background: {t.accent_fill}; }}
"""


def _bars(t: Tokens) -> str:
    return f"""
QMenuBar {{ background: {t.surface}; color: {t.text_muted}; padding: 0 4px; }}
QMenuBar::item {{ background: transparent; padding: 4px 8px; }}
QMainWindow[narrow="true"] QMenuBar::item {{ padding: 4px 5px; }}
QMenuBar::item:selected {{ background: {t.hover}; color: {t.text}; }}
QMenu {{ background: {t.raised}; color: {t.text}; border: 1px solid {t.border_strong}; padding: 4px; }}
QMenu::item {{ padding: 4px 24px 4px 12px; border-radius: {t.radius}px; }}
QMenu::item:selected {{ background: {t.selected}; }}
QMenu::item:disabled {{ color: {t.text_faint}; }}
QMenu::separator {{ height: 1px; background: {t.border}; margin: 4px 8px; }}
QStatusBar {{ background: {t.surface}; color: {t.text_muted}; border-top: 1px solid {t.border}; }}
QStatusBar::item {{ border: none; }}
"""


def _small(t: Tokens) -> str:
    return f"""
QToolTip {{ background: {t.raised}; color: {t.text}; border: 1px solid {t.border_strong}; padding: 4px; }}
QProgressBar {{ background: {t.raised}; border: 1px solid {t.border}; border-radius: {t.radius}px; color: {t.text};
  text-align: center; max-height: 12px; }}
QProgressBar::chunk {{ background: {t.accent_fill}; }}
QGroupBox {{ border: none; border-top: 1px solid {t.border}; margin-top: 16px; padding-top: 8px; }}
QGroupBox::title {{ subcontrol-origin: margin; color: {t.text_muted}; }}
"""
