"""How the connection to a server stands: what the bar across the window says, with a countdown to the next try."""

from __future__ import annotations

import time
from collections.abc import Callable

from crs_desktop.viewmodels.base import ViewModel
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.words import NOTHING, Sentence, say, verbatim
from engine.bus import Bus
from engine.ports.server import ConnectionChanged, ConnectionState
from engine.services.session import SessionChanged, SessionState


class LinkModel(ViewModel):
    """The state of one server's streams; `clock` is monotonic, in seconds."""

    pace = 0.1
    poll = 0.25
    retry_action, paper_action = "server.reconnect", "server.paper"

    def __init__(
        self, desk: Desk, name: str, session_bus: Bus, clock: Callable[[], float] = time.monotonic
    ) -> None:  # fmt: skip
        super().__init__(desk)
        self.name, self._clock = name, clock
        self._now: ConnectionChanged | None = None
        self._since = clock()
        self._signed_out = ""
        self._listen(ConnectionChanged, self._changed)
        self._keep(session_bus.subscribe(SessionChanged, self._session))

    @property
    def is_up(self) -> bool:
        """Whether all is well and nothing needs to be said."""
        return not self._signed_out and (self._now is None or self._now.state is ConnectionState.ONLINE)

    @property
    def needs_sign_in(self) -> bool:
        """Whether only signing in again helps."""
        return bool(self._signed_out)

    @property
    def text(self) -> Sentence:
        """What to say; NOTHING while all is well."""
        if self._signed_out:
            return say("{why} Orders stay on {name}; sign in to go on.", why=self._signed_out, name=self.name)
        if self._now is None or self.is_up:
            return NOTHING
        why, left = self._now.text, self.left_s
        if self._now.state is ConnectionState.CLOSED:
            return verbatim(why) if why else NOTHING
        if self._now.state is ConnectionState.WAITING and left is not None:
            return say("{why} Next try in {left} s. Orders that work there go on working.", why=why, left=left)
        return verbatim(why) if why else say("Connecting to {name}…", name=self.name)

    @property
    def left_s(self) -> int | None:
        """Whole seconds until the next try, None if none is waited for."""
        if self._now is None or self._now.retry_in_s is None:
            return None
        return max(0, round(self._since + self._now.retry_in_s - self._clock()))

    def _changed(self, event: ConnectionChanged) -> None:
        self._now, self._since = event, self._clock()
        self.hurry()

    def _session(self, event: SessionChanged) -> None:
        over = event.state in (SessionState.EXPIRED, SessionState.SIGNED_OUT)
        self._signed_out = (event.text or str(say("You are signed out."))) if over else ""
        self.hurry()
