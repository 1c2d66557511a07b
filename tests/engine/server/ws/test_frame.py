"""Frames as RFC 6455 has them; the reference is the `websockets` library."""

from __future__ import annotations

import pytest
from websockets.frames import Frame, Opcode

from engine.server.ws.frame import text_frame


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 200_000])
def test_a_frame_is_what_the_reference_writes(size: int) -> None:
    payload = b"x" * size

    assert text_frame(payload) == Frame(Opcode.TEXT, payload).serialize(mask=False)
