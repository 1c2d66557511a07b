"""The door of the gateways to whoever knows the users."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from engine.server.principal import Principal


class Authenticator(Protocol):
    """Turns what a request shows into its author."""

    async def bearer(self, token: str, *, ip: str) -> Principal:
        """Return the owner of an access token.

        Raises:
            Refusal: it is no token of ours, expired, or its session was revoked.
        """
        ...

    async def ticket(self, ticket: str, *, ip: str) -> Principal:
        """Return the owner of a WebSocket ticket, which is spent by this; raises as `bearer`."""
        ...

    async def signed(self, api_key: str, payload: bytes, signature: str, *, ip: str) -> Principal:
        """Return the owner of an API key whose secret signed `payload` (HMAC-SHA256, hex).

        Raises:
            Refusal: `bad_key` (unknown, revoked, or not from this address) or `bad_signature`.
        """
        ...

    async def key(self, api_key: str, *, ip: str) -> Principal:
        """Return the owner of an API key where no signature is asked for; raises `bad_key`."""
        ...


@dataclass(frozen=True, slots=True)
class AccessEnded:
    """Event: somebody may no longer do what he could: `user:ID`, `session:ID` or `key:ID`; `*` is everybody.

    Of a `user:` that has a new role the sessions go on; whoever holds a `Principal` for long has to ask again.
    """

    subjects: frozenset[str]

    def concerns(self, principal: Principal) -> bool:
        """Return whether somebody is among them."""
        own = {"*", f"user:{principal.user_id}", f"session:{principal.session_id}", f"key:{principal.key_id}"}
        return not own.isdisjoint(self.subjects)
