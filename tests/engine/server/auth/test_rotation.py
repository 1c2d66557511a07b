"""Refresh tokens against a model that knows nothing of hashes, rows or signatures: a chain, and when each was used."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.server.auth.session import Opened, Reused, device_of, end_sessions, open_session, rotate
from engine.server.db.tables import crs_user, metadata
from engine.server.keyfiles import KeyFiles, b64
from engine.server.refusal import Refusal
from engine.wire.auth import Device, Refresh, refresh_message

SECOND = 10**9
DAYS_30, DAYS_90 = 30 * 86_400, 90 * 86_400


class Chain:
    """The model: token 0 was given at sign-in, token n + 1 for token n."""

    def __init__(self) -> None:
        self.used: dict[int, float] = {}
        self.ended = False
        self.expires = float(DAYS_30)

    def show(self, token: int, now: float) -> str | int:
        """Return which token is given for one, or why none is."""
        if self.ended or now >= self.expires:
            return "bad_refresh"
        if token in self.used and (now - self.used[token] > 10 or token + 1 in self.used):
            self.ended = True
            return "reused"
        self.used.setdefault(token, now)
        self.expires = min(now + DAYS_30, DAYS_90)
        return token + 1


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> KeyFiles:
    directory: Path = tmp_path_factory.mktemp("rotation")
    return KeyFiles(directory)


@pytest.fixture(scope="module")
def connection() -> Iterator[sa.Connection]:
    engine = sa.create_engine("sqlite://")
    with engine.connect() as opened:
        metadata.create_all(opened)
        row = {"id": 1, "email": "a", "username": "a", "username_key": "a", "password_hash": "", "role": "trader"}
        opened.execute(crs_user.insert().values(**row, locked=False, created_ns=0, password_ns=0))
        yield opened
    engine.dispose()


WAITS = [0, 0, 0, 0, 0, 0, 1, 1, 5, 5, 9.5, 10, 10.5, 600, DAYS_30 - 1, DAYS_30]
STEPS = st.lists(st.tuples(st.sampled_from(WAITS), st.sampled_from([0, 0, 0, -1, -1, -2, -3])), min_size=1, max_size=14)
"""How long to wait, and which token to show: the newest, or one of the three before it."""


@settings(max_examples=100)
@example([(0, 0), (0, 0), (0, -2)])
@example([(0, 0), (10, -1), (0.5, -1)])
@example([(DAYS_30 - 1, 0), (DAYS_30 - 1, 0), (DAYS_30 - 1, 0), (2, 0), (1, 0)])
@given(STEPS)
def test_whatever_is_shown_when_the_server_and_the_model_agree(
    connection: sa.Connection, keys: KeyFiles, steps: list[tuple[float, int]]
) -> None:
    signer, model, now = Ed25519PrivateKey.generate(), Chain(), 0.0
    public = b64(signer.public_key().public_bytes_raw())
    device_id, _ = device_of(connection, 1, Device(name="d", public_key=public), 0)
    opened = open_session(connection, user_id=1, device_id=device_id, ip="", amr=("pwd",), now_ns=0)
    tokens = [opened.token]
    for wait, back in steps:
        now += wait
        index = max(0, len(tokens) - 1 + back)
        at_ms, nonce = int(now * 1000), secrets.token_hex(8)
        message = refresh_message(sha256(tokens[index].encode()).hexdigest(), at_ms, nonce)
        shown = Refresh(
            refresh_token=tokens[index], device_id=device_id, at_ms=at_ms, nonce=nonce,
            signature=b64(signer.sign(message)),
        )  # fmt: skip
        expected = model.show(index, now)
        try:
            result = rotate(connection, keys, shown, int(now * SECOND))
        except Refusal as refusal:
            assert refusal.word == expected  # noqa: PT017 - the model says whether one comes
            continue
        if isinstance(result, Reused):
            assert expected == "reused"
            end_sessions(connection, 1, "reused", int(now * SECOND), only=opened.session.id)
            continue
        assert isinstance(result, Opened)
        assert isinstance(expected, int)
        if expected == len(tokens):
            tokens.append(result.token)
        assert result.token == tokens[expected]
    assert len(set(tokens)) == len(tokens)
