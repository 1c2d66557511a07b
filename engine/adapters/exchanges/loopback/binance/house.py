"""Binance over a market: which paths have a socket, and which streams they begin with."""

from __future__ import annotations

from collections.abc import Mapping

from engine.adapters.exchanges.loopback.binance.rest import BinanceRest
from engine.adapters.exchanges.loopback.binance.streams import BinanceSession
from engine.adapters.exchanges.loopback.binance.words import name_of
from engine.adapters.exchanges.loopback.venue import Session, View


class BinanceHouse:
    """Spot, or perpetuals; `recorded` if the source's texts are of this very venue."""

    messages_per_s = 5

    def __init__(self, view: View, *, recorded: bool, is_perpetual: bool = False) -> None:
        self._view, self._recorded, self._is_perpetual = view, recorded, is_perpetual
        self._symbols = {name_of(symbol).lower(): symbol for symbol in view.market.pairs}
        self.rest = BinanceRest(view, is_perpetual=is_perpetual)

    def session(self, path: str, query: Mapping[str, str]) -> Session | None:
        """Return the session of `/ws…` or `/stream`, wherever in a path they stand."""
        root, _, streams = path.rpartition("/ws/")
        if root or path.startswith("/ws/"):
            return self._session(streams.split("/"), is_combined=False)
        if path.rstrip("/").endswith("/ws"):
            return self._session([], is_combined=False)
        if path.rstrip("/").endswith("/stream"):
            return self._session([each for each in query.get("streams", "").split("/") if each], is_combined=True)
        return None

    def _session(self, first: list[str], *, is_combined: bool) -> Session:
        return BinanceSession(
            self._view, self._symbols, first, is_combined=is_combined, recorded=self._recorded,
            is_perpetual=self._is_perpetual,
        )  # fmt: skip
