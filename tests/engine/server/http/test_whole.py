"""Whole answers are written byte for byte as uvicorn writes them, and what it refuses is refused."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from engine.server.http.whole import WholeAnswer

QUIET = logging.getLogger("quiet")


class Wire(asyncio.Transport):
    """Keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Keep it."""
        self.written += bytes(data)

    def close(self) -> None:
        """Note it."""
        self.closed = True


Sent = tuple[bytes, bool, bool, str]


async def sent(messages: list[dict[str, Any]], method: str, *, whole: bool, keep: bool) -> Sent:
    """Return what is on the wire, whether it was closed, whether the answer is complete, and what was refused."""
    wire, ends = Wire(), list[None]()
    cycle = RequestResponseCycle(
        scope={"type": "http", "method": method}, transport=wire, flow=FlowControl(wire), logger=QUIET,  # type: ignore[typeddict-item]
        access_logger=QUIET, access_log=False, default_headers=[(b"date", b"now")], message_event=asyncio.Event(),
        expect_100_continue=False, keep_alive=keep, on_response=lambda: ends.append(None),
    )  # fmt: skip
    send: Any = WholeAnswer(cycle).send if whole else cycle.send
    refused = ""
    try:
        for message in messages:
            await send(message)
    except RuntimeError as error:
        refused = str(error)
    assert len(ends) == cycle.response_complete
    return wire.written, wire.closed, cycle.response_complete, refused


FORBIDDEN = [b"x\r\nset-cookie: y", b"\n", b"\0", b"\x7f"]
VALUES = st.sampled_from([b"a", b"", b"close", b"chunked", b"tab\there", b"\xe4", *FORBIDDEN])
NAMES = st.sampled_from([b"x-one", b"x-two", b"connection", b"cache-control"])


@given(
    method=st.sampled_from(["POST", "GET", "HEAD"]),
    headers=st.lists(st.tuples(NAMES, VALUES), max_size=3),
    body=st.binary(max_size=5),
    told=st.sampled_from(["right", "wrong", "none"]),
    parts=st.integers(1, 2),
    keep=st.booleans(),
    status=st.sampled_from([200, 204, 404]),
)
def test_a_whole_answer_is_what_uvicorn_would_write(
    method: str, headers: list[tuple[bytes, bytes]], body: bytes, told: str, parts: int, keep: bool, status: int
) -> None:
    if told != "none":
        length = len(body) * parts + (told == "wrong")
        headers = [(b"content-length", b"%d" % length), *headers]
    messages: list[dict[str, Any]] = [{"type": "http.response.start", "status": status, "headers": headers}]
    messages += [{"type": "http.response.body", "body": body, "more_body": place < parts - 1} for place in range(parts)]

    ours = asyncio.run(sent(messages, method, whole=True, keep=keep))

    assert ours == asyncio.run(sent(messages, method, whole=False, keep=keep))


@pytest.mark.parametrize("value", FORBIDDEN)
async def test_nobody_writes_an_answer_through_a_header(value: bytes) -> None:
    head = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0"), (b"x-told", value)]}

    wire, _, complete, refused = await sent(
        [head, {"type": "http.response.body", "body": b""}], "GET", whole=True, keep=True
    )

    assert (wire, complete, refused) == (b"", False, "Invalid HTTP header value.")
