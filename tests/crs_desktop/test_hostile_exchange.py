"""An exchange that writes markup, and a window that goes nowhere before somebody chooses one."""

from __future__ import annotations

import asyncio
import re
import socket
from pathlib import Path
from typing import NoReturn

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import Qt as QtText
from PySide6.QtWidgets import QLabel, QWidget

from crs_desktop.widgets.tip import plain_tip
from engine.domain.market import FeedState
from engine.errors import VenueUnavailable
from tests.crs_desktop.running import Running, running
from tests.crs_desktop.scripted_exchange import Doorway
from tests.crs_desktop.scripted_exchange import doorway as doorway
from tests.crs_desktop.test_exchange import agreed, at_binance

pytestmark = [pytest.mark.gui, pytest.mark.integration]

EVIL = '<h1>pwn</h1><img src="file:///etc/hostname"><a href="http://127.0.0.1:9/">x</a>'
OWN = '<p style="white-space:pre-wrap">'


def rich(root: QWidget) -> list[str]:
    """Texts of a window that Qt would take for markup which is not ours."""
    found = [
        each.text()
        for each in root.findChildren(QLabel)
        if each.textFormat() is Qt.TextFormat.RichText
        or (each.textFormat() is Qt.TextFormat.AutoText and QtText.mightBeRichText(each.text()))
    ]
    return found + [
        each.toolTip()
        for each in root.findChildren(QWidget)
        if QtText.mightBeRichText(each.toolTip()) and not each.toolTip().startswith((OWN, "<qt>"))
    ]


def test_a_tip_shows_a_text_as_it_is() -> None:
    assert plain_tip("a & b < c") == "a & b < c"
    assert plain_tip("") == ""
    assert plain_tip("<b>x</b>") == f"{OWN}&lt;b&gt;x&lt;/b&gt;</p>"


async def test_what_an_exchange_writes_is_no_markup_anywhere(tmp_path: Path, doorway: Doorway) -> None:
    agreed(tmp_path, pairs=("BTC/USDT", "ETH/USDT"))
    async with running(tmp_path, options=at_binance(tmp_path)) as desktop:
        for name in desktop.window.docks.names:
            desktop.window.docks.show(name)
        doorway.feed.lose(EVIL)
        for symbol in ("BTC/USDT", "ETH/USDT"):
            doorway.feed.doubt(symbol, FeedState.GAP, EVIL)
        doorway.feed.refusal = VenueUnavailable(EVIL)
        desktop.wiring.console.toasts.say(EVIL, EVIL)
        desktop.window.notice.say(EVIL)
        await desktop.turn(0.3)
        assert any("<h1>" in each.text() or "&lt;h1" in each.toolTip() for each in desktop.window.findChildren(QLabel))
        assert rich(desktop.window) == []


class WentOutError(OSError):
    """Somebody wanted to go out."""


@pytest.fixture
def sealed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let nothing leave the machine; what was tried is in the list."""
    tried: list[str] = []

    def refuse(*args: object, **_: object) -> NoReturn:
        tried.append(repr(args[-1])[:80])
        raise WentOutError(tried[-1])

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    for name in ("getaddrinfo", "gethostbyname", "create_connection"):
        monkeypatch.setattr(socket, name, refuse)
    for name in ("create_connection", "sock_connect", "create_datagram_endpoint", "getaddrinfo"):
        monkeypatch.setattr(asyncio.BaseEventLoop, name, refuse, raising=False)
    return tried


async def use(desktop: Running) -> None:
    """Look at everything: docks, charts, settings, search, palette."""
    for name in desktop.window.docks.names:
        desktop.window.docks.show(name)
    for action in ("view.palette", "market.watch", "view.settings"):
        desktop.do(action)
        await desktop.turn(0.1)
    await desktop.turn(0.5)


async def test_nothing_leaves_the_machine_before_an_exchange_is_chosen(tmp_path: Path, sealed: list[str]) -> None:
    async with running(tmp_path) as desktop:  # the first run
        await use(desktop)
    async with running(tmp_path) as desktop:
        await use(desktop)
    assert sealed == []


async def test_the_seal_of_that_test_holds(tmp_path: Path, sealed: list[str]) -> None:
    agreed(tmp_path, pairs=("BTC/USDT",))
    async with running(tmp_path) as desktop:
        assert sealed == []  # opening the window asks for nothing
        desktop.do("market.binance")
        await desktop.until(lambda: sealed)
        assert len(sealed) >= 1


def test_there_is_one_way_to_the_network() -> None:
    """Nothing but httpx and websockets goes out; Qt's own are for the second start of a window, within the machine."""
    out = re.compile(
        r"^\s*(?:from|import) (PySide6\.QtNetwork|urllib\.request|http\.client|requests|aiohttp|ftplib|smtplib)", re.M
    )
    root = Path(__file__).parents[2]
    found = {
        path.relative_to(root).as_posix()
        for name in ("engine", "crs_desktop")
        for path in (root / name).rglob("*.py")
        if out.search(path.read_text("utf-8"))
    }
    assert {path for path in found if not path.startswith("engine/server/")} == {"crs_desktop/shell/single.py"}
    assert "QLocal" in (root / "crs_desktop/shell/single.py").read_text("utf-8")
