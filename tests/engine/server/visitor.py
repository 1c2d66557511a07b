"""People for tests of the whole program: added by command, signed in over the wire."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from base64 import urlsafe_b64encode
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from engine.cli.__main__ import main

EMAIL, PASSWORD = "ann@example.com", "seven green bicycles at dawn"


def told(*words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command of the server's here and return what became of it; not for `run`, which takes the process over."""
    out, err, mask = io.StringIO(), io.StringIO(), os.umask(0o077)
    try:
        with patch("sys.stdin", io.StringIO(stdin)), redirect_stdout(out), redirect_stderr(err):
            status = main(["server", *words])
    finally:
        os.umask(mask)
    return subprocess.CompletedProcess(words, status, out.getvalue(), err.getvalue())


def crs(*words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command of the server's as a program and return what became of it."""
    command = [sys.executable, "-m", "engine.cli", "server", *words]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=150, check=False)


def add_user(data_dir: Path, email: str = EMAIL) -> None:
    """Add a user."""
    said = told("user", "add", "--data-dir", str(data_dir), "--email", email, "--password-stdin", stdin=PASSWORD + "\n")
    assert said.returncode == 0, said.stderr


def fund(data_dir: Path, asset: str = "USDT", amount: str = "1000000", email: str = EMAIL) -> dict[str, str]:
    """Give a user money and return what the command printed."""
    words = ("--email", email, "--asset", asset, "--amount", amount, "--json")
    said = told("fund", "--data-dir", str(data_dir), *words)
    assert said.returncode == 0, said.stderr
    found: dict[str, str] = json.loads(said.stdout)
    return found


def sign_in(url: str, email: str = EMAIL) -> dict[str, str]:
    """Sign in from a new device and return the headers of a session."""
    public = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    device = {"name": "test", "public_key": urlsafe_b64encode(public).decode().rstrip("=")}
    answer = httpx.post(f"{url}/v1/auth/login", json={"email": email, "password": PASSWORD, "device": device})
    assert answer.status_code == 200, answer.text
    return {"authorization": f"Bearer {answer.json()['access_token']}"}
