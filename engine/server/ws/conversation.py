"""What one client of `/v1/ws` asks and is answered."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Iterable

import msgspec

from engine.domain.order import AccountId
from engine.errors import CrsError
from engine.server.principal import Scope
from engine.server.refusal import Refusal, bad_request, forbidden, not_found, unauthorized
from engine.server.services import Services
from engine.server.ws.client import Client
from engine.server.ws.frame import text_frame
from engine.server.ws.private import KINDS
from engine.wire.stream import POLICY, UNAUTHORIZED, Ask, Reply

log = logging.getLogger(__name__)

STRIKES = 20
"""Asks in a row that cannot be used before a client is sent away; a good one takes them back."""

TRIES = 3
"""Tickets that are not good before a client is sent away."""

_DECODER = msgspec.json.Decoder(Ask)
_ENCODER = msgspec.json.Encoder()


class Conversation:
    """The asks of one client, one after the other."""

    def __init__(self, client: Client, services: Services) -> None:
        self._client, self._services = client, services
        self._account: AccountId | None = None
        self._strikes = self._tries = 0
        self._rate = services.settings.streams.asks_per_s
        self._allowance, self._counted_at = float(self._rate), time.monotonic()
        self._ops: dict[str, Callable[[Ask], Awaitable[None]]] = {
            "subscribe": self._subscribe,
            "unsubscribe": self._unsubscribe,
            "auth": self._auth,
            "ping": self._ping,
        }

    async def take(self, text: str | None) -> None:
        """Answer one message; None = it was binary."""
        self._services.hub.counters.asks += 1
        ask = Ask(op="")
        try:
            self._count()
            ask = self._read(text)
            handler = self._ops.get(ask.op)
            if handler is None:
                raise bad_request(f"There is no op {ask.op[:40]!r}; there are {', '.join(self._ops)}.")
            await handler(ask)
            self._strikes = 0
        except (Refusal, CrsError) as refusal:
            self._reply(ask, refusal.detail if isinstance(refusal, Refusal) else str(refusal), ok=False)
            self._strikes += 1
            if self._strikes >= STRIKES:
                self._client.close(POLICY, "Too many messages that cannot be used.")

    def _read(self, text: str | None) -> Ask:
        try:
            if text is None:
                raise bad_request("Only text messages are understood here.")
            return _DECODER.decode(text)
        except (msgspec.DecodeError, RecursionError) as error:
            self._services.hub.counters.malformed += 1
            raise bad_request(f"The message cannot be used: {error}.") from None

    def _count(self) -> None:
        now = time.monotonic()
        self._allowance = min(self._rate, self._allowance + (now - self._counted_at) * self._rate)
        self._counted_at = now
        if self._allowance < 1.0:
            raise Refusal(429, "too_many", f"At most {self._rate} messages a second here.")
        self._allowance -= 1.0

    async def _subscribe(self, ask: Ask) -> None:
        client, hub = self._client, self._services.hub
        names = dict.fromkeys(ask.channels)
        if not names:
            raise bad_request("Name at least one channel.")
        hub.check_room(client, names)
        found = [self._services.channels.find(name, self._owner(name)) for name in names]
        self._reply(ask, channels=dict.fromkeys((*client.channels, *names)))
        for channel in found:
            hub.listen(client, channel)

    async def _unsubscribe(self, ask: Ask) -> None:
        unknown = [name for name in ask.channels if name not in self._client.channels]
        if unknown:
            raise not_found(f"You do not listen to {unknown[0][:60]!r}.")
        self._services.hub.leave(self._client, ask.channels)
        self._reply(ask)

    async def _auth(self, ask: Ask) -> None:
        client = self._client
        if not ask.ticket:
            raise bad_request("Send a ticket with it; POST /v1/auth/ws-ticket gives one.")
        try:
            principal = await self._services.authenticator.ticket(ask.ticket, ip=client.ip)
            if Scope.READ not in principal.scopes:
                raise forbidden("This key may not read.", "scope")
            account = self._chosen(ask, principal.accounts, principal.account)
            self._services.hub.sign_in(client, principal)
        except Refusal as refusal:
            told = {"who": client.ip, "path": "/v1/ws", "status": refusal.status, "word": refusal.word}
            log.info("request refused", extra=told)
            self._tries += 1
            if self._tries >= TRIES:
                client.close(UNAUTHORIZED, "No ticket of yours was good.")
            raise
        self._tries, self._account = 0, account
        self._reply(ask, f"Signed in for {account}.")

    def _chosen(self, ask: Ask, accounts: tuple[AccountId, ...], first: AccountId) -> AccountId:
        """Return the account that this socket is for from now on."""
        account = AccountId(ask.account) if ask.account is not None else self._account or first
        if account not in accounts:
            raise not_found("You have no such account.", "unknown_account")
        if account != self._account and any(name in KINDS for name in self._client.channels):
            raise bad_request("Leave the channels of the other account first.")
        return account

    async def _ping(self, ask: Ask) -> None:
        self._reply(ask, "pong")

    def _owner(self, name: str) -> AccountId | None:
        """Return whose channel it is; None = everybody's."""
        if name not in KINDS:
            return None
        if self._account is None:
            raise unauthorized(f"Sign in before you listen to {name}.")
        return self._account

    def _reply(self, ask: Ask, text: str = "", *, ok: bool = True, channels: Iterable[str] | None = None) -> None:
        listening = self._client.channels if channels is None else channels
        reply = Reply(op=ask.op, ok=ok, id=ask.id, text=text, channels=tuple(listening))
        self._client.tell(text_frame(_ENCODER.encode(reply)))
