"""What one run of the desktop is to its parts: the actions and the smoke run know this much of the session."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from crs_desktop.options import Options
from crs_desktop.shell.arrangement import Arrangement
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.window import MainWindow
from engine.profile import Profile
from engine.settings import Settings


@dataclass(frozen=True, slots=True)
class Opening:
    """An engine that can be put behind the window: a server's, or the paper account's."""

    title: str
    """What is being opened, for whoever waits."""
    open: Callable[[], Awaitable[Any]]
    """Opens it, or raises a `CrsError`; may be cancelled."""


class Run(Protocol):
    """One window over one profile; engine and desk are None until they are open."""

    window: MainWindow
    arrangement: Arrangement
    profile: Profile
    options: Options
    settings: Settings
    engine: Any  # the engine's type is heavy to import
    desk: Desk | None

    def start(self, coroutine: Any, *, lasting: bool = False) -> asyncio.Task[Any]:  # noqa: ANN401 - any coroutine
        """Run something in the background, until the engine is changed or (`lasting`) the run ends at the latest."""
        ...

    async def go_to(self, opening: Opening) -> None:
        """Put another engine behind the window; what is there stays until the other one is open.

        Raises:
            CrsError: the other one does not open; nothing changed.
        """
        ...

    def paper(self) -> Opening:
        """Return how the paper account is opened."""
        ...

    def close(self) -> None:
        """Ask the run to end; safe to call twice."""
        ...
