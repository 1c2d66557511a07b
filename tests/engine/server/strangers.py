"""Nobody is known: where a test begins that names somebody."""

from __future__ import annotations

from engine.server.principal import Principal
from engine.server.refusal import unauthorized


class Strangers:
    """An `Authenticator` that knows nobody."""

    async def bearer(self, token: str, *, ip: str) -> Principal:
        """Refuse."""
        raise unauthorized()

    async def ticket(self, ticket: str, *, ip: str) -> Principal:
        """Refuse."""
        raise unauthorized()

    async def signed(self, api_key: str, payload: bytes, signature: str, *, ip: str) -> Principal:
        """Refuse."""
        raise unauthorized(word="bad_key")

    async def key(self, api_key: str, *, ip: str) -> Principal:
        """Refuse."""
        raise unauthorized(word="bad_key")
