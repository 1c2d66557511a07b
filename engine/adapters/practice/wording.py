"""What the program and the worker of the practice chain say to each other besides JSON-RPC: one JSON object a line."""

from __future__ import annotations

import msgspec


class Order(msgspec.Struct, frozen=True):
    """How a worker is to begin."""

    folder: str
    """Where the chain is kept; only one worker uses it at a time."""
    log_file: str = ""
    port: int = 0
    """0: any free one."""
    reset: bool = False
    """Begin anew, forgetting the kept chain."""
    instant: bool = True
    interval_s: float = 3.0


class Word(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a worker says: `url` when it is ready, `error` when it gives up, else how far it is (`share`, 0 to 1)."""

    url: str = ""
    error: str = ""
    share: float = 0.0
    what: str = ""


def encode(message: Order | Word) -> bytes:
    """Return a message as a line."""
    return msgspec.json.encode(message) + b"\n"


def decode_order(line: bytes) -> Order:
    """Read an order."""
    return msgspec.json.decode(line, type=Order)


def decode_word(line: bytes) -> Word:
    """Read a word."""
    return msgspec.json.decode(line, type=Word)
