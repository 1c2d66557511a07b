"""What a process knows of the markets: books, prints, the last 24 hours, bars; kept from the core's events."""

from __future__ import annotations

from engine.server.market.view import MarketView

__all__ = ["MarketView"]
