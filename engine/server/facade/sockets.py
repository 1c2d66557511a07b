"""`/ws` and `/stream`: market streams by subscription or by path, and an account's events by listen key."""

from __future__ import annotations

import logging
from typing import Any

import msgspec
from starlette.types import Receive, Scope, Send

from engine.domain.order import AccountId
from engine.errors import CrsError
from engine.server.facade.fault import Fault
from engine.server.facade.operation import Front
from engine.server.facade.pace import Pace
from engine.server.facade.parameters import parse
from engine.server.refusal import Refusal
from engine.server.ws.client import Client
from engine.server.ws.endpoint import INTERNAL, let_in
from engine.server.ws.frame import text_frame
from engine.wire.stream import POLICY

log = logging.getLogger(__name__)

_ENCODER = msgspec.json.Encoder()


class StreamSocket:
    """The application behind `/ws…` and `/stream…`."""

    def __init__(self, front: Front, *, wrapped: bool) -> None:
        self._front, self._wrapped = front, wrapped

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket until it ends."""
        client = await let_in(self._front.services, scope, receive, send)
        if client is None:
            return
        talk = StreamTalk(client, self._front, wrapped=self._wrapped)
        try:
            await talk.begin(
                str(scope["path_params"].get("names", "")), scope["query_string"].decode("ascii", "replace")
            )
            while True:
                message = await receive()
                if message["type"] == "websocket.disconnect":
                    return
                talk.take(message.get("text"))
        except Exception:
            log.exception("a stream failed")
            client.close(INTERNAL, "Something went wrong here.")
        finally:
            talk.end()
            self._front.services.hub.drop(client)


class StreamTalk:
    """What one client of the streams asks and is answered."""

    def __init__(self, client: Client, front: Front, *, wrapped: bool) -> None:
        self._client, self._front, self._wrapped = client, front, wrapped
        self._pace = Pace(front.services.settings.streams.asks_per_s)
        self._names: dict[str, bool] = {}
        """What it listens to, and whether it is wrapped."""
        self._keys: dict[str, AccountId] = {}
        self._methods = {
            "SUBSCRIBE": self._subscribe,
            "UNSUBSCRIBE": self._unsubscribe,
            "LIST_SUBSCRIPTIONS": self._list,
            "SET_PROPERTY": self._set,
            "GET_PROPERTY": self._get,
        }

    async def begin(self, path: str, query: str) -> None:
        """Listen to what the path or the query names; what is no stream is left alone, as at Binance."""
        try:
            told = parse(query).text("streams", "") if query else ""
        except Fault:
            told = ""
        for name in (*path.split("/"), *told.split("/")):
            if self._front.listen_keys.owner(name) is not None:
                await self._listen_to_account(name)
                continue
            try:
                self._add(name)
            except (Fault, Refusal):
                continue

    def take(self, text: str | None) -> None:
        """Answer one message."""
        number: Any = None
        try:
            self._pace.count()
            asked = _read(text)
            number = asked.get("id")
            method = self._methods.get(str(asked.get("method")))
            if method is None:
                raise Fault(2, "Invalid request: unknown variant, expected one of " + ", ".join(self._methods) + ".")
            self._reply({"result": method(asked.get("params", [])), "id": number})
            self._pace.well()
        except Fault as fault:
            self._refuse(fault.code, fault.msg, number)
        except Refusal as refusal:
            self._refuse(3, refusal.detail, number)

    def end(self) -> None:
        """Listen no more."""
        for account in self._keys.values():
            self._front.user_data.leave(account, self._tell)

    def _refuse(self, code: int, msg: str, number: Any) -> None:  # noqa: ANN401 - a number or a word
        self._reply({"error": {"code": code, "msg": msg}, "id": number})
        if self._pace.strike():
            self._client.close(POLICY, "Too many messages that cannot be used.")

    def _reply(self, answer: dict[str, Any]) -> None:
        self._client.tell(text_frame(_ENCODER.encode(answer)))

    def _add(self, name: str) -> None:
        channel = self._front.streams.find(name, wrapped=self._wrapped)
        self._front.services.hub.listen(self._client, channel)
        self._names[name] = self._wrapped

    def _subscribe(self, params: Any) -> None:  # noqa: ANN401 - what was sent
        for name in _texts(params):
            self._add(name)

    def _unsubscribe(self, params: Any) -> None:  # noqa: ANN401 - what was sent
        for name in _texts(params):
            wrapped = self._names.pop(name, None)
            if wrapped is not None:
                self._front.services.hub.leave(self._client, [f"stream {name}" if wrapped else name])

    def _list(self, _params: Any) -> list[str]:  # noqa: ANN401 - what was sent
        return list(self._names)

    def _set(self, params: Any) -> None:  # noqa: ANN401 - what was sent
        if (
            not isinstance(params, list)
            or len(params) != 2
            or params[0] != "combined"
            or not isinstance(params[1], bool)
        ):
            raise Fault(2, "Invalid request: the one property is combined, true or false.")
        names = list(self._names)
        self._unsubscribe(names)
        self._wrapped = params[1]
        self._subscribe(names)

    def _get(self, params: Any) -> bool:  # noqa: ANN401 - what was sent
        if params != ["combined"]:
            raise Fault(2, "Invalid request: the one property is combined.")
        return self._wrapped

    async def _listen_to_account(self, key: str) -> None:
        owner = self._front.listen_keys.owner(key)
        if owner is None:
            return
        try:
            self._front.services.hub.sign_in(self._client, owner)
            await self._front.user_data.listen(owner.account, self._tell)
        except (Refusal, CrsError) as refusal:
            self._client.close(INTERNAL, str(refusal)[:100])
            return
        self._keys[key] = owner.account

    def _tell(self, payload: bytes) -> None:
        if self._wrapped and self._keys:
            payload = b'{"stream":"%s","data":%s}' % (next(iter(self._keys)).encode(), payload)
        self._client.tell(text_frame(payload))


def _read(text: str | None) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(text or "")
    except (msgspec.DecodeError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Fault(3, "Invalid JSON: expected an object with method, params and id.")
    return found


def _texts(params: Any) -> list[str]:  # noqa: ANN401 - what was sent
    if not isinstance(params, list) or not params or not all(isinstance(each, str) for each in params):
        raise Fault(2, "Invalid request: params must be a list of stream names.")
    return params
