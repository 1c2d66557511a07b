"""Which nodes of the state are still wanted: those that can be reached from some state roots.

Each block leaves the changed part of the state's tree behind; a chain that trades all day would grow without end.
Source: Ethereum's Merkle Patricia tree (yellow paper, appendix D).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import rlp
from eth.constants import BLANK_ROOT_HASH, EMPTY_SHA3

HASH = 32
BRANCH = 17
LEAF = 2
"""From this on the first nibble of a path says that a leaf follows, not another node."""


def reachable(nodes: Mapping[bytes, bytes], roots: Iterable[bytes]) -> set[bytes]:
    """Return the keys of all nodes and code below these state roots."""
    seen: set[bytes] = set()
    waiting = [(root, True) for root in roots]
    while waiting:
        key, of_accounts = waiting.pop()
        if key in seen or key in (BLANK_ROOT_HASH, EMPTY_SHA3) or key not in nodes:
            continue
        seen.add(key)
        for child, value in _below(rlp.decode(nodes[key])):
            if child:
                waiting.append((child, of_accounts))
            elif of_accounts:
                _, _, storage, code = rlp.decode(value)
                waiting.append((storage, False))
                if code in nodes:
                    seen.add(code)
    return seen


def _below(node: Any) -> Iterator[tuple[bytes, bytes]]:  # noqa: ANN401 - nested lists of bytes
    """Yield a node's children by hash, and the values in its leaves: (hash, b"") or (b"", value)."""
    if len(node) == BRANCH:
        for child in node[:-1]:
            yield from _child(child)
        if node[-1]:
            yield b"", node[-1]
    elif node[0][0] >> 4 >= LEAF:
        yield b"", node[1]
    else:
        yield from _child(node[1])


def _child(child: Any) -> Iterator[tuple[bytes, bytes]]:  # noqa: ANN401 - a hash, or a short node itself
    if isinstance(child, list):
        yield from _below(child)
    elif len(child) == HASH:
        yield child, b""
