"""How commands of this machine reach a running server: a small file in its data directory says where, and the word.

The file is its user's only; whoever can read it could write the databases too. One that a dead process left behind
says nothing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

import httpx
import msgspec
from msgspec import Struct

from engine.errors import InvalidInput, StorageUnavailable, VenueUnavailable

TIMEOUT_S = 30.0


class Control(Struct, frozen=True):
    """Where a running server takes commands of this machine."""

    pid: int
    url: str
    token: str


@contextmanager
def shown(path: Path, url: str) -> Iterator[str]:
    """Say in a file how this process is reached, as long as the block runs; lends the word that commands must show.

    Raises:
        StorageUnavailable: the file cannot be written.
    """
    control = Control(os.getpid(), url, token_urlsafe(32))
    draft = path.with_name(f"{path.name}.{control.pid}")
    try:
        with suppress(FileNotFoundError):
            draft.unlink()
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(msgspec.json.encode(control))
        os.replace(draft, path)
    except OSError as error:
        raise StorageUnavailable(f"{path} cannot be written: {error}.") from error
    try:
        yield control.token
    finally:
        known = _read(path)
        if known is not None and known.token == control.token:
            with suppress(OSError):
                path.unlink()


def find(path: Path) -> Control | None:
    """Return how the server of a data directory is reached; None if none runs."""
    known = _read(path)
    return known if known is not None and _lives(known.pid) else None


def _read(path: Path) -> Control | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Control)
    except (OSError, msgspec.DecodeError):
        return None


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it is another user's
        return True
    return True


def ask(control: Control, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Ask a running server and return its answer.

    Raises:
        InvalidInput: it refused; its sentence.
        VenueUnavailable: it gave no answer, so nobody knows what it did.
    """
    headers = {"authorization": f"Bearer {control.token}"}
    try:
        with httpx.Client(timeout=TIMEOUT_S, trust_env=False) as client:
            answer = client.request(method, control.url + path, json=body, headers=headers)
        told: dict[str, Any] = answer.json()
    except (httpx.HTTPError, json.JSONDecodeError) as error:
        raise VenueUnavailable(
            f"The server (process {control.pid}) gave no answer ({type(error).__name__}). "
            "Look at what it did before you ask again."
        ) from error
    if answer.is_success:
        return told
    text = str(told.get("detail", "It refused."))
    if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise VenueUnavailable(text)
    raise InvalidInput(text)
