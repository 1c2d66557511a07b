"""The chains of the wallet: which is in use, how each is reached; and the form for their endpoints."""

from __future__ import annotations

from crs_desktop.viewmodels.columns import Cell, Column, Empty, Row
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.table import MISSING
from crs_desktop.viewmodels.wallet.door import WalletDoor
from crs_desktop.viewmodels.wallet.front import ChainState
from crs_desktop.viewmodels.wallet.table import WalletTable
from crs_desktop.viewmodels.words import say, verbatim

COLUMNS = (
    Column("", "used", "left"),
    Column("Chain", "chain", "left"),
    Column("Id", "id"),
    Column("State", "state", "left"),
    Column("Endpoints", "endpoints", "left", spare=1),
    Column("Exchanges", "dexes", "left", spare=2),
    Column("", "edit", "left", action=True),
)


class ChainsModel(WalletTable):
    """Enter uses a chain."""

    columns = COLUMNS
    poll = 2.0

    def __init__(self, desk: Desk, door: WalletDoor) -> None:
        super().__init__(desk, door, "wallet chains")

    async def read(self) -> None:
        """Nothing is to be read: chains are data."""

    def rows(self) -> list[Row]:
        """Return a row for each chain."""
        return [self._row(each) for each in self.front.chains]

    @property
    def nothing(self) -> Empty:
        """That there is none."""
        return Empty(say("No chain is known."))

    def open(self, key: str) -> None:
        """Use a chain, or first say where its endpoints are."""
        self.door.doing.go_to(key)

    def acted(self, key: str, field: str) -> None:
        """Change the endpoints of a chain."""
        if field == "edit":
            self.door.doing.edit_endpoints(key)

    def _row(self, each: ChainState) -> Row:
        spec, current = each.spec, self.front.chain
        is_used = current is not None and current.spec.name == spec.name
        if each.problem:
            state = Cell(verbatim(each.problem), "error")
        elif each.health:
            state = Cell(verbatim(each.health), "text" if each.is_up else "warn")
        else:
            state = Cell(say("not connected"), "faint")
        hosts = ", ".join(self.front.hosts(spec.name))
        local = Cell(say("on this computer"), "muted") if spec.is_practice else Cell(say("none yet"), "faint")
        cells = (
            Cell(say("● in use"), "accent") if is_used else Cell(""),
            Cell(spec.title),
            Cell(str(spec.chain_id), "muted") if spec.chain_id else MISSING,
            state,
            Cell(hosts, "muted") if hosts and not spec.is_practice else local,
            Cell(", ".join(each.title for each in spec.dexes), "muted"),
            Cell("") if spec.is_practice else Cell(say("Endpoints…"), "accent"),
        )
        return Row(spec.name, cells)


def lines_of(text: str) -> tuple[str, ...]:
    """Return the lines in which something stands, each once."""
    return tuple(dict.fromkeys(filter(None, map(str.strip, text.splitlines()))))
