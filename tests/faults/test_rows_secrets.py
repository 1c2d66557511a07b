"""Secrets where there is no keyring, or a locked one: a passphrase is asked for, and nothing is ever plain."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import keyring.backend
import keyring.backends.chainer
import keyring.backends.fail
import keyring.backends.null
import pytest
from keyring.errors import KeyringLocked

from engine.adapters.secrets.choice import secrets_of
from engine.adapters.secrets.keyring import Keyring
from engine.adapters.secrets.vault import Vault
from engine.bus import Bus
from engine.errors import SecretsLocked, StorageUnavailable
from engine.profile import Profile
from engine.services.session import ServerSession
from tests.engine.services.session.speaking import SpokenTo


class Working(keyring.backend.KeyringBackend):
    """A keyring in memory, as a system's would be."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class Locked(Working):
    """A keyring that its owner has not unlocked."""

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("secret details of the system")


def plaintext() -> Any:  # noqa: ANN401 - made here
    """A keyring that writes plain text, as a well-known package has one."""
    module = ModuleType("keyrings.alt.file")
    kind = type("PlaintextKeyring", (Working,), {"__module__": module.__name__})
    sys.modules.setdefault(module.__name__, module)
    return kind()


def chain(*backends: Any) -> Any:  # noqa: ANN401 - made here
    kind = type("Chain", (keyring.backends.chainer.ChainerBackend,), {"backends": list(backends)})
    return kind()


USELESS = {
    "fail": keyring.backends.fail.Keyring,
    "null": keyring.backends.null.Keyring,
    "locked": Locked,
    "plain text": plaintext,
    "an empty chain": lambda: chain(),
    "a chain of useless ones": lambda: chain(keyring.backends.fail.Keyring(), plaintext()),
}


@pytest.mark.parametrize("name", USELESS)
async def test_row_24_without_a_keyring_a_passphrase_is_asked_for_and_nothing_is_plain(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyring, "get_keyring", USELESS[name])
    found = secrets_of(Profile(tmp_path))

    assert isinstance(found, Vault)
    assert not found.is_open
    session = ServerSession(SpokenTo(), found, Bus())
    with pytest.raises(SecretsLocked, match="passphrase"):
        await session.sign_in("someone@example.org", "a long password")
    assert os.listdir(tmp_path) == [], "nothing was written anywhere"
    found.create("four words and a comma")
    await session.sign_in("someone@example.org", "a long password")
    written = (tmp_path / "vault.json").read_bytes()
    for secret in SpokenTo.SECRETS:
        assert secret.encode() not in written


def test_row_24_a_keyring_that_works_is_used_and_one_that_locks_later_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    working = Working()
    monkeypatch.setattr(keyring, "get_keyring", lambda: chain(keyring.backends.fail.Keyring(), working))
    found = secrets_of(Profile(tmp_path))
    assert isinstance(found, Keyring)
    found.put("session", "canary-token")
    assert found.get("session") == "canary-token"
    assert working.kept == {("crs-desktop", "session"): "canary-token"}

    monkeypatch.setattr(Working, "get_password", Locked.get_password)
    with pytest.raises(StorageUnavailable, match="Unlock it") as raised:
        found.get("session")
    assert "secret details" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_row_24_a_vault_that_was_made_stays_the_place_of_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Vault(tmp_path / "vault.json").create("four words and a comma")
    monkeypatch.setattr(keyring, "get_keyring", Working)

    assert isinstance(secrets_of(Profile(tmp_path)), Vault)
