"""Which tokens are in force; one program has one look."""

from __future__ import annotations

from crs_desktop.theme.tokens import DARK, Tokens


class _State:
    current: Tokens = DARK
    flashes: bool = True


state = _State()
