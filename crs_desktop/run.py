"""What one run of the desktop is to its parts: the actions and the smoke run know this much of the session."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

from crs_desktop.options import Options
from crs_desktop.shell.arrangement import Arrangement
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.window import MainWindow
from engine.profile import Profile
from engine.settings import Settings


class Run(Protocol):
    """One window over one profile; engine and desk are None until they are open."""

    window: MainWindow
    arrangement: Arrangement
    profile: Profile
    options: Options
    settings: Settings
    engine: Any  # the engine's type is heavy to import
    desk: Desk | None

    def start(self, coroutine: Any) -> asyncio.Task[Any]:  # noqa: ANN401 - any coroutine
        """Run something in the background, until the run ends at the latest."""
        ...

    def close(self) -> None:
        """Ask the run to end; safe to call twice."""
        ...
