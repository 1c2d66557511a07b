"""Looking at an instrument of the board: on the desk, or on another venue after an offer to go there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crs_desktop.viewmodels.markets.own import own_venue
from crs_desktop.viewmodels.words import say, verbatim
from engine.errors import InvalidInput

if TYPE_CHECKING:
    from crs_desktop.viewmodels.desk import Desk
    from crs_desktop.viewmodels.watch_lists import Item


def open_row(desk: Desk, item: Item) -> None:
    """Make an instrument the desk's pair; one of another venue is offered to whoever can go there."""
    venue, symbol = item.venue, item.symbol
    if venue == own_venue(desk).name:
        try:
            desk.select(symbol)
        except InvalidInput as error:
            desk.tell(say("{symbol} cannot be shown", symbol=symbol), verbatim(str(error)))
        return
    row = desk.connected.board.row(venue, symbol)
    if row is not None:
        desk.connected.go_to(row)
        return
    title = desk.connected.title(venue)
    if symbol in desk.markets:
        desk.tell(
            say("{symbol} is of {venue}", symbol=symbol, venue=title),
            say("{venue} is not connected. Watch it too, or add the pair of this market to the list.", venue=title),
        )
        return
    desk.tell(
        say("{symbol} cannot be shown", symbol=symbol),
        say("{venue} is not connected, or does not list it now.", venue=title),
    )
