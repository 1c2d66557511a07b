"""Answers that come whole, written in one piece.

uvicorn writes head and body apart and looks at each header for what must not be there: with the dozen that every
answer has here, a third of what a bare request costs. Answers in parts, and those that end a connection, are left
to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from starlette.types import Message
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

if TYPE_CHECKING:
    from uvicorn._types import ASGISendEvent

CONTROLS = bytes({*range(0x20), 0x7F} - {0x09})
"""What no header holds: whoever could put a line end there would write the answer himself."""

LINE_END = 2


class WholeAnswer:
    """Sends the messages of one answer; its head is held until it is seen whether the body is whole."""

    __slots__ = ("_cycle", "_head")

    def __init__(self, cycle: RequestResponseCycle) -> None:
        self._cycle = cycle
        self._head: Message | None = None

    async def send(self, message: Message) -> None:
        """Take one message of the application."""
        head, self._head = self._head, None
        if head is None:
            if message["type"] == "http.response.start" and not self._cycle.response_started:
                self._head = message
            else:
                await self._cycle.send(cast("ASGISendEvent", message))
        elif not self._written(head, message):
            await self._cycle.send(cast("ASGISendEvent", head))
            await self._cycle.send(cast("ASGISendEvent", message))

    def _written(self, head: Message, message: Message) -> bool:
        """Write an answer and end the cycle as uvicorn does; False if that is not for here to do."""
        cycle, body = self._cycle, message.get("body", b"")
        if message.get("more_body") or cycle.flow.write_paused or cycle.disconnected or not cycle.keep_alive:
            return False
        headers = [*cycle.default_headers, *head["headers"]]
        told = dict(headers)
        if told.get(b"content-length") != b"%d" % len(body) or b"connection" in told or b"transfer-encoding" in told:
            return False
        text = b"\r\n".join([name + b": " + value for name, value in headers])
        plain = len(text) - LINE_END * (len(headers) - 1)
        if len(text.translate(None, CONTROLS)) != plain or cycle.scope["method"] == "HEAD":
            return False
        cycle.response_started, cycle.waiting_for_100_continue = True, False
        cycle.transport.write(b"%b%b\r\n\r\n%b" % (STATUS_LINE[head["status"]], text, body))
        cycle.response_complete = True
        cycle.message_event.set()
        cycle.on_response()
        return True


def answering(cycle: RequestResponseCycle, app: Any) -> Any:  # noqa: ANN401 - ASGI applications as uvicorn types them
    """Return an application whose answer to this cycle's request is written here."""

    def answer(scope: Any, receive: Any, _send: Any) -> Any:  # noqa: ANN401 - likewise
        return app(scope, receive, WholeAnswer(cycle).send)

    return answer
