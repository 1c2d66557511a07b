"""How the upstream markets of a process stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.wire.metrics import Upstream

if TYPE_CHECKING:
    from engine.server.observe.monitor import Monitor


def upstreams_of(monitor: Monitor) -> tuple[Upstream, ...]:
    """Return the figures of each, in the order of the settings."""
    return tuple(each.hall.figures() for each in monitor.services.halls.values() if each.hall is not None)
