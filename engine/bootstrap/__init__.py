"""The composition root: a profile becomes a running engine.

The only place where the parts meet. Everything a front needs hangs on `Engine`; whoever opened it
closes it, which writes what waits, keeps the state of the market and gives the profile free.
"""

from __future__ import annotations

from engine.bootstrap.account import opening
from engine.bootstrap.assembly import open_engine
from engine.bootstrap.engine import Engine

__all__ = ["Engine", "open_engine", "opening"]
