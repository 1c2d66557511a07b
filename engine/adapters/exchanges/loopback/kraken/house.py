"""Kraken over a market."""

from __future__ import annotations

from collections.abc import Mapping

from engine.adapters.exchanges.loopback.kraken.rest import KrakenRest
from engine.adapters.exchanges.loopback.kraken.session import KrakenSession
from engine.adapters.exchanges.loopback.venue import Session, View


class KrakenHouse:
    """Its sockets are at `/v2`; `recorded` if the source's texts are of interface 2."""

    messages_per_s = 50

    def __init__(self, view: View, *, recorded: bool) -> None:
        self._view, self._recorded = view, recorded
        self.rest = KrakenRest(view)

    def session(self, path: str, query: Mapping[str, str]) -> Session | None:
        """Return the session of `/v2`."""
        return KrakenSession(self._view, recorded=self._recorded) if path.rstrip("/").endswith("/v2") else None
