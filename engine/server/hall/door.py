"""Who comes to a hall is known to the whole server; at the door of the hall his accounts are opened."""

from __future__ import annotations

from engine.server.auth.port import Authenticator
from engine.server.hall.hall import Hall
from engine.server.principal import Principal
from engine.server.services import Services


class HallDoor:
    """An `Authenticator` before the server's own, which alone judges."""

    def __init__(self, root: Services, hall: Hall) -> None:
        self._root, self._hall = root, hall

    @property
    def _known(self) -> Authenticator:
        return self._root.authenticator

    async def bearer(self, token: str, *, ip: str) -> Principal:
        """Let in who the server lets in."""
        return await self._welcomed(await self._known.bearer(token, ip=ip))

    async def ticket(self, ticket: str, *, ip: str) -> Principal:
        """Let in who the server lets in."""
        return await self._welcomed(await self._known.ticket(ticket, ip=ip))

    async def signed(self, api_key: str, payload: bytes, signature: str, *, ip: str) -> Principal:
        """Let in who the server lets in."""
        return await self._welcomed(await self._known.signed(api_key, payload, signature, ip=ip))

    async def key(self, api_key: str, *, ip: str) -> Principal:
        """Say whose key it is; nothing is signed, so nothing is opened."""
        return await self._known.key(api_key, ip=ip)

    async def _welcomed(self, principal: Principal) -> Principal:
        await self._hall.welcome(principal.accounts)
        return principal
