"""Journal records of a server, read with tolerance: a newer server may say more than this program understands.

Fields that are not known here are left out, so that an old desktop goes on with a new server. A *kind* that is not
known is another thing: the account cannot be rebuilt without it, so it is said and nothing is shown on top of it.
"""

from __future__ import annotations

import types
from collections.abc import Hashable
from dataclasses import is_dataclass
from functools import cache
from typing import Any, NewType, Union, cast, get_args, get_origin, get_type_hints

from engine.adapters.sql.canonical import field_names
from engine.adapters.sql.codec import KINDS, read_plain
from engine.domain.pair import FeeRate
from engine.errors import NotACrsServer, VersionMismatch
from engine.wire.account import JournalRecord


def record_of(told: JournalRecord) -> object:
    """Return the record.

    Raises:
        VersionMismatch: it is of a kind that this version does not know.
        NotACrsServer: it is no such record.
    """
    kind = KINDS.get(told.kind)
    if kind is None:
        raise VersionMismatch(
            f"The server keeps records of a kind that this version does not know ({told.kind[:40]}). "
            "Update CRS Desktop to see this account."
        )
    try:
        return read_plain(kind, _known(kind, told.data))
    except (ValueError, TypeError, KeyError, ArithmeticError) as error:
        raise NotACrsServer(f"Record {told.seq} of the server ({told.kind}) cannot be read.") from error


def _known(kind: Any, data: Any) -> Any:  # noqa: ANN401 - a type and parsed JSON
    """Return the data without fields that the type does not have."""
    if isinstance(data, dict):
        fields = _fields(cast(Hashable, kind))
        if fields is None:
            return data
        return {name: _known(fields[name], value) for name, value in data.items() if name in fields}
    if isinstance(data, list):
        return [_known(kind, each) for each in data]
    return data


@cache
def _fields(kind: Hashable) -> dict[str, Any] | None:
    """Return what types the fields of a dataclass have, bare: without None, tuples and new names around them."""
    if not isinstance(kind, type) or not is_dataclass(kind) or kind is FeeRate:
        return None
    hints = get_type_hints(kind)
    return {name: _bare(hints[name]) for name in field_names(kind)}


def _bare(hint: Any) -> Any:  # noqa: ANN401 - a type or something made of types
    while True:
        if isinstance(hint, NewType):
            hint = hint.__supertype__
        elif get_origin(hint) in (Union, types.UnionType):
            hint = next(each for each in get_args(hint) if each is not type(None))
        elif get_origin(hint) is tuple:
            hint = get_args(hint)[0]
        else:
            return hint
