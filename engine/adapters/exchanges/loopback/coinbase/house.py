"""Both of Coinbase's interfaces over a market; their sockets are at the root."""

from __future__ import annotations

from collections.abc import Mapping

from engine.adapters.exchanges.loopback.coinbase.advanced import AdvancedSession
from engine.adapters.exchanges.loopback.coinbase.exchange import ExchangeSession
from engine.adapters.exchanges.loopback.coinbase.rest_advanced import AdvancedRest
from engine.adapters.exchanges.loopback.coinbase.rest_exchange import ExchangeRest
from engine.adapters.exchanges.loopback.venue import Session, View


class ExchangeHouse:
    """Coinbase Exchange; `recorded` if the source's texts are of its feed."""

    messages_per_s = 100

    def __init__(self, view: View, *, recorded: bool) -> None:
        self._view, self._recorded = view, recorded
        self.rest = ExchangeRest(view)

    def session(self, path: str, query: Mapping[str, str]) -> Session | None:
        """Return the session of the root."""
        return ExchangeSession(self._view, recorded=self._recorded) if path in ("", "/") else None


class AdvancedHouse:
    """Coinbase Advanced Trade."""

    messages_per_s = 8

    def __init__(self, view: View) -> None:
        self._view = view
        self.rest = AdvancedRest(view)

    def session(self, path: str, query: Mapping[str, str]) -> Session | None:
        """Return the session of the root."""
        return AdvancedSession(self._view) if path in ("", "/") else None
