"""WebSocket frames from a server, made once for everybody.

What a server sends is not masked and, without compression, the same for every client, so a message is framed once
and its bytes are written to each socket (RFC 6455, section 5.2).
"""

from __future__ import annotations

_TEXT = 0x81
"""A whole text message: FIN and opcode 1."""


def text_frame(payload: bytes) -> bytes:
    """Return the frame of a text message; `payload` is UTF-8."""
    size = len(payload)
    if size < 126:
        return bytes((_TEXT, size)) + payload
    if size < 65_536:
        return bytes((_TEXT, 126)) + size.to_bytes(2, "big") + payload
    return bytes((_TEXT, 127)) + size.to_bytes(8, "big") + payload
