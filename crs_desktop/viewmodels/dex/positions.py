"""The account's liquidity: what it is now, its fees, how it does against holding, whether its range works."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.columns import Cell, Column, Empty, Row
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.dex.form import percent_text
from crs_desktop.viewmodels.dex.tokens import oriented
from crs_desktop.viewmodels.table import MISSING
from crs_desktop.viewmodels.wallet.door import WalletDoor
from crs_desktop.viewmodels.wallet.figures import brief, plain, symbol
from crs_desktop.viewmodels.wallet.table import WalletTable
from crs_desktop.viewmodels.words import Sentence, say
from engine.defi.chain import ChainSpec
from engine.errors import CrsError
from engine.services.wallet.events import TransactionChanged

if TYPE_CHECKING:
    from engine.defi.token import TokenAmount
    from engine.services.dex.positions import LpPosition

COLUMNS = (
    Column("Exchange", "exchange", "left"),
    Column("Pool", "pool", "left"),
    Column("Holds", "holds", "left"),
    Column("Range", "range", "left", spare=2),
    Column("State", "state", "left"),
    Column("Fees", "fees", "left"),
    Column("Impermanent loss", "loss", spare=1),
    Column("Against holding", "against"),
    Column("", "out", "left", action=True),
    Column("", "collect", "left", action=True, sparse=True),
    Column("Mind", "note", "left", spare=3),
)
DIGITS = 6


class PositionsModel(WalletTable):
    """Enter takes liquidity out of the position of a row."""

    columns = COLUMNS
    old_s = 20.0
    reading_words = say("Looking for your liquidity, and how it began…")

    def __init__(self, desk: Desk, door: WalletDoor) -> None:
        self.found: list[LpPosition] = []
        super().__init__(desk, door, "liquidity")
        self._keep(self.front.bus.subscribe(TransactionChanged, lambda _event: self.read_soon()))

    async def read(self) -> None:
        """Read the positions."""
        dex = self.front.dex
        self.found = await dex.positions() if dex is not None else []

    def forget(self) -> None:
        """Another account or chain is in use."""
        self.found = []

    def rows(self) -> list[Row]:
        """Return a row for each position."""
        return [self._row(each) for each in self.found]

    @property
    def nothing(self) -> Empty:
        """What liquidity is for."""
        text = say("This account has no liquidity in pools. Add some under Pools: it earns their fees.")
        return Empty(text, say("Pools"))

    def nothing_action(self) -> None:
        """Go where liquidity is added."""
        self.door.doing.dex.show("pools")

    @property
    def said(self) -> Sentence:
        """As of when it is."""
        return say("Block {block}", block=f"{self.found[0].block:,}") if self.found else say("")

    def open(self, key: str) -> None:
        """Take liquidity out."""
        position = self._of(key)
        if position is not None:
            self.door.doing.dex.take_out(position)

    def act(self, key: str, field: str) -> None:
        """Take liquidity out, or collect the fees of a range."""
        position = self._of(key)
        if field != "collect" or position is None or position.token_id is None:
            self.open(key)
        else:
            self.tasks.start(self._collect(position))

    async def _collect(self, position: LpPosition) -> None:
        dex = self.front.dex
        if dex is None:
            return
        try:
            plan = await dex.take_out(position, 0, slippage_bps=dex.slippage_bps)
        except CrsError as error:
            self.failed(error)
        else:
            self.door.doing.confirm(*plan.intents, then=lambda _sent: self.read_soon())

    def _of(self, key: str) -> LpPosition | None:
        return next((each for each in self.found if key_of(each) == key), None)

    def _row(self, each: LpPosition) -> Row:
        result, is_range = each.result, each.token_id is not None
        names = f"{plain(each.first.symbol, 12)}/{plain(each.second.symbol, 12)}"
        loss = MISSING if result is None else Cell(percent_text(result.loss, 3), "down" if result.loss < 0 else "muted")
        ahead = MISSING if result is None else Cell(
            percent_text(result.against_holding, 3), "up" if result.against_holding >= 0 else "down",
        )  # fmt: skip
        cells = (
            Cell(each.dex.title),
            Cell(f"{names} #{each.token_id}" if is_range else names, tip=each.pool),
            Cell(_both(each.amounts)),
            Cell(range_text(each, self.front.dex.spec if self.front.dex is not None else None), "muted"),
            _state(each),
            Cell(_both(each.fees), "up") if each.fees_known else MISSING,
            loss,
            ahead,
            Cell(say("Take out…"), "accent"),
            Cell(say("Collect…"), "accent") if is_range and any(one.units for one in each.fees) else Cell(""),
            Cell(plain(each.note, 200), "warn", tip=plain(each.note, 200)),
        )
        return Row(key_of(each), cells)


def key_of(position: LpPosition) -> str:
    """Return what a position is known by: its pool, and its number if it has one."""
    return f"{position.pool}/{position.token_id}"


def range_text(position: LpPosition, spec: ChainSpec | None) -> str:
    """Return the range in prices, the way round that reads well; empty for all prices."""
    base, quote = position.first, position.second
    if spec is not None:
        base, quote = oriented(spec, base, quote)
    prices = position.prices(base, quote)
    unit = plain(quote.symbol, 12)
    return "" if prices is None else f"{unit} {figure(prices[0])} \N{EN DASH} {figure(prices[1])}"


def figure(value: Decimal) -> str:
    """Return a price with six significant figures."""
    if not value:
        return "0"
    if value >= Decimal("1e15") or value < Decimal("1e-15"):
        return f"{value:.3e}"
    text = format(value.quantize(Decimal(1).scaleb(min(value.adjusted() - DIGITS + 1, 0))), "f")
    return fmt.grouped(text.rstrip("0").rstrip(".") if "." in text else text)


def _state(each: LpPosition) -> Cell:
    if each.staked:
        places = ", ".join(plain(place, 30) for place, _ in each.staked)
        return Cell(say("staked in {places}", places=places), "muted")
    if each.token_id is None:
        return Cell(say("all prices"), "muted")
    return Cell(say("in range"), "up") if each.in_range else Cell(say("out of range: earns nothing"), "warn")


def _both(amounts: tuple[TokenAmount, TokenAmount]) -> str:
    return " + ".join(f"{brief(each, DIGITS)} {symbol(each)}" for each in amounts)
