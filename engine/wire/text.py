r"""The kinds of text and number that fields are made of, with what the edge accepts of each.

Patterns end in `$(?!\\n)`: in Python `$` alone also matches before a final line feed. JSON Schema reads both alike.
"""

from __future__ import annotations

from typing import Annotated, get_args

from msgspec import Meta

Amount = Annotated[
    str, Meta(pattern=r"^[0-9]{1,24}(\.[0-9]{1,24})?$(?!\n)", description="a decimal, not negative", examples=["0.25"])
]
"""A quantity, price or sum that somebody sends."""

Decimals = Annotated[str, Meta(pattern=r"^-?[0-9]+(\.[0-9]+)?$(?!\n)", description="a decimal", examples=["-0.25"])]
"""Any amount that a server answers with."""

Symbol = Annotated[
    str,
    Meta(
        pattern=r"^[A-Z0-9]{1,15}/[A-Z0-9]{1,15}(:[A-Z0-9]{1,15})?$(?!\n)",
        description="BASE/QUOTE, of a contract BASE/QUOTE:SETTLED",
        examples=["BTC/USDT"],
    ),
]

OrderKey = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9._:-]{1,40}$(?!\n)",
        description="1 to 40 of letters, digits and . _ : -",
        examples=["desk-1"],
    ),
]
"""The client's own id of an order."""

Millis = Annotated[int, Meta(ge=0, le=2**53, description="UTC milliseconds since 1970", examples=[1_767_225_600_000])]

Email = Annotated[str, Meta(min_length=3, max_length=254, examples=["ann@example.com"])]
"""Looked at more closely by the server."""

Username = Annotated[
    str,
    Meta(pattern=r"^[A-Za-z0-9_.-]{3,30}$(?!\n)", description="3 to 30 of letters, digits and . _ -", examples=["ann"]),
]

Password = Annotated[str, Meta(min_length=8, max_length=128, examples=["seven green bicycles at dawn"])]

Code = Annotated[
    str,
    Meta(pattern=r"^[A-Za-z0-9-]{4,40}$(?!\n)", description="4 to 40 of letters, digits and -", examples=["123456"]),
]
"""A check code, a one-time password or a recovery code."""

Label = Annotated[str, Meta(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f]+$(?!\n)", examples=["laptop"])]
"""A name that a person gives: a device, a key."""

Cursor = Annotated[
    str, Meta(pattern=r"^[A-Za-z0-9_-]{1,200}$(?!\n)", description="as the page before gave it", examples=["MTAw"])
]

PageSize = Annotated[int, Meta(ge=1, le=500)]

WRITTEN: dict[str, str] = {
    meta.pattern: meta.description
    for kind in (Amount, Symbol, OrderKey, Username, Code, Cursor)
    for meta in get_args(kind)[1:]
}
"""How what a pattern takes is written, in words; by pattern."""
