"""Blocked addresses, as operators see and make them."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from engine.wire.text import Label, Millis

Network = Annotated[str, Meta(min_length=2, max_length=49, description="an IPv4 address or an IPv6 /64")]


class Block(Struct, kw_only=True):
    """One blocked address; `level` counts its blocks, 0 = an operator did it."""

    address: Network
    since_ms: Millis
    until_ms: Millis
    level: int
    reason: str


class Blocks(Struct):
    """All that are blocked now, the longest first."""

    blocks: tuple[Block, ...]


class NewBlock(Struct, kw_only=True, forbid_unknown_fields=True):
    """An address to block: of IPv6 its whole /64."""

    address: Network
    minutes: Annotated[int, Meta(ge=1, le=525_600)]
    reason: Label


class LiftBlock(Struct, kw_only=True, forbid_unknown_fields=True):
    """An address to let in again."""

    address: Network
