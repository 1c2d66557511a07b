"""The real window at a real server: in, an order by keys, the server killed and back, and on with paper."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from crs_desktop.options import Options
from crs_desktop.shell.server.passphrase import PassphraseDialog
from crs_desktop.shell.server.security import SecurityDialog
from crs_desktop.shell.server.sign_in import SignInDialog
from engine.domain.market import FeedState
from tests.crs_desktop.running import Running, running
from tests.e2e.profiles import ROOT
from tests.engine.server.harness import Program, free_port, program

pytestmark = [pytest.mark.e2e, pytest.mark.integration, pytest.mark.gui]

EMAIL, PASSWORD = "ann@example.org", "correct horse battery"


def crs_server(data_dir: Path, *arguments: str, said: str = "") -> None:
    command = [sys.executable, "-m", "engine.cli", "server", *arguments, "--data-dir", str(data_dir)]
    subprocess.run(command, input=said, text=True, capture_output=True, check=True, cwd=ROOT, timeout=150)


def ready(data_dir: Path) -> None:
    """Make a user with money."""
    crs_server(data_dir, "user", "add", "--email", EMAIL, "--password-stdin", said=f"{PASSWORD}\n")
    crs_server(data_dir, "fund", "--email", EMAIL, "--asset", "USDT", "--amount", "100000")


async def type_into(desktop: Running, dialog: Any, name: str, text: str, *, enter: bool = True) -> None:  # noqa: ANN401
    line = dialog.fields[name].line
    QTest.keyClicks(line, text)
    if enter:
        QTest.keyClick(line, Qt.Key.Key_Return)
    await desktop.turn()


async def sign_in(desktop: Running, server: Program) -> None:
    """Add the server, make a vault, sign in: all through the dialogs."""
    desktop.do("server.add")
    dialog = desktop.dialog(SignInDialog)
    await type_into(desktop, dialog, "url", server.url.removeprefix("http://"))
    await desktop.until(lambda: desktop.dialog(PassphraseDialog) is not None)
    vault = desktop.dialog(PassphraseDialog)
    for field in (vault.phrase, vault.again):
        QTest.keyClicks(field.line, "a phrase for the vault")
    QTest.keyClick(vault.again.line, Qt.Key.Key_Return)
    await desktop.until(lambda: dialog.fields["email"].isVisible())
    await type_into(desktop, dialog, "email", EMAIL, enter=False)
    await type_into(desktop, dialog, "password", PASSWORD)
    await desktop.until(lambda: is_on_server(desktop))


def is_on_server(desktop: Running) -> bool:
    return desktop.session.desk is not None and desktop.engine.server is not None


def toasts(desktop: Running) -> str:
    return "\n".join(f"{t.venue.text()} {t.title.text()} {t.text.text()}" for t in desktop.wiring.console.toasts.shown)


async def test_a_trader_goes_to_a_server_trades_loses_it_finds_it_again_and_goes_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    port = free_port()
    ready(tmp_path / "server")
    name = f"127.0.0.1:{port}"
    async with running(tmp_path / "profile", options=Options(profile_dir=tmp_path / "profile")) as desktop:
        window = desktop.window
        with program(tmp_path / "server", port=port) as server:
            await sign_in(desktop, server)
            assert window.band.words == f"LIVE · account U-1 on {name}"
            assert window.band.money == "demo market: no real money"
            assert f"LIVE U-1 · {name}" in window.windowTitle()
            assert not window.book.is_enabled("market.pause")
            assert not window.book.is_enabled("server.metrics")  # for who may
            assert not window.book.is_enabled("account.reset")  # that is paper's
            await desktop.until(lambda: desktop.session.desk.is_synced)  # type: ignore[union-attr]
            desktop.do("server.security")
            security = desktop.dialog(SecurityDialog)
            await desktop.until(lambda: security.model.is_read)
            assert [each.current for each in security.model.sessions] == [True]
            security.close()
            window.activateWindow()
            await desktop.turn()

            await desktop.press(Qt.Key.Key_B)
            await desktop.press(Qt.Key.Key_Return)
            await desktop.until(lambda: desktop.engine.portfolio.position("BTC/USDT") is not None)
            await desktop.until(lambda: "Filled at" in toasts(desktop))
            assert f"LIVE U-1 · {name} Buy" in toasts(desktop)
            held = desktop.engine.portfolio.position("BTC/USDT").qty

            server.process.kill()
            await desktop.until(lambda: window.link.isVisible(), 10)
            await desktop.until(lambda: desktop.engine.feed.state is not FeedState.SYNCED, 10)
            await desktop.until(lambda: "Next try in" in window.link.text.text(), 10)
            await desktop.until(lambda: "stale" in str(window.freshness and window.freshness.badge), 10)
        with program(tmp_path / "server", port=port):
            window.link.retry.click()
            await desktop.until(lambda: not window.link.isVisible(), 30)
            await desktop.until(lambda: "is back after" in toasts(desktop))
            assert desktop.engine.portfolio.position("BTC/USDT").qty == held
            await desktop.until(lambda: desktop.engine.feed.state is FeedState.SYNCED)

            desktop.do("server.paper")
            await desktop.until(lambda: desktop.session.desk is not None and desktop.engine.server is None)
            await desktop.turn(0.2)
            assert (window.band.words, window.book.is_enabled("market.pause")) == ("", True)
            assert desktop.engine.portfolio.position("BTC/USDT") is None
    kept = (tmp_path / "profile" / "vault.json").read_text() + (tmp_path / "profile" / "servers.json").read_text()
    assert PASSWORD not in kept
