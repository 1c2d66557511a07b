"""The desktop on accounts that are encrypted, their key in a vault."""

from __future__ import annotations

from pathlib import Path

import keyring
import keyring.backends.null
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from crs_desktop.shell.server.passphrase import PassphraseDialog
from engine.adapters.secrets import vault as vaults
from engine.adapters.secrets.vault import Vault
from engine.adapters.sql import encrypted
from engine.bootstrap import open_engine
from engine.bootstrap.sealed import encrypt_database
from engine.profile import Profile
from tests.crs_desktop.running import running

pytestmark = pytest.mark.gui


async def test_it_asks_for_the_passphrase_and_then_opens_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "get_keyring", keyring.backends.null.Keyring)
    monkeypatch.setattr(vaults, "COST", 2**10)
    profile = Profile(tmp_path)
    engine = await open_engine(profile, seed=7)
    await engine.close()
    vault = Vault(profile.vault_file)
    vault.create("four words and a comma")
    encrypt_database(profile, vault)
    encrypted.forget_keys()
    try:
        async with running(tmp_path, wait=False) as desktop:
            await desktop.until(lambda: desktop.dialog(PassphraseDialog) is not None)
            dialog = desktop.dialog(PassphraseDialog)
            assert desktop.session.desk is None
            QTest.keyClicks(dialog.phrase.line, "four words and a comma")
            QTest.keyClick(dialog.phrase.line, Qt.Key.Key_Return)
            await desktop.until(lambda: desktop.session.desk is not None)
            assert desktop.engine.portfolio.balances()
    finally:
        encrypted.forget_keys()
