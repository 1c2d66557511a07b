"""The condition of a public exchange's feed: figures of the connection, and a row for each pair that is followed."""

from __future__ import annotations

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.columns import Cell, Column, Row
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.exchange.trust import TRUSTED, WORDS
from crs_desktop.viewmodels.table import MISSING, TableModel
from crs_desktop.viewmodels.words import Sentence, say
from engine.domain.market import FeedState
from engine.domain.number import NANOS_PER_SECOND
from engine.ports.exchange import ExchangeFeed, FeedHealth, PairsFollowed

COLUMNS = (
    Column("Pair", "pair", "left"),
    Column("State", "state", "left"),
    Column("For", "age", spare=2),
    Column("Last number", "seq", spare=1),
    Column("Why", "why", "left"),
)
TONES = {FeedState.SYNCED: "text", FeedState.STALE: "error", FeedState.GAP: "error"}


def facts(feed: ExchangeFeed) -> list[tuple[Sentence, str]]:
    """Return the figures of a feed's connection, by name."""
    health = feed.health()
    return [
        (say("Exchange"), f"{feed.title} ({feed.venue})"),
        (say("State"), str(WORDS[health.state])),
        (say("Age of the last frame"), _ms(health.age_ms)),
        (say("Its clock against this computer's"), _ms(health.skew_ms, signed=True)),
        (say("Frames"), f"{health.frames:,}"),
        (say("Reconnects"), f"{health.reconnects:,}"),
        (say("Gaps: updates found missing"), f"{health.gaps:,}"),
        (say("Resyncs: books taken anew"), f"{health.resyncs:,}"),
        (say("Left out: levels and prints off the pair's grid"), f"{health.left_out:,}"),
        (say("Quarantined: prints and books far from the market"), f"{health.quarantined:,}"),
    ]


def _ms(value: float | None, *, signed: bool = False) -> str:
    if value is None:
        return fmt.DASH
    text = f"{value:+,.0f} ms" if signed else f"{value:,.0f} ms"
    return text.replace("-", "\N{MINUS SIGN}")


class HealthModel(TableModel):
    """The pairs that are followed, in the order in which that began."""

    pace = 0.25
    poll = 0.5
    columns = COLUMNS

    def __init__(self, desk: Desk, feed: ExchangeFeed) -> None:
        super().__init__(desk, "feed health")
        self.feed = feed
        self._listen(PairsFollowed, self.touch)

    def facts(self) -> list[tuple[Sentence, str]]:
        """Return the figures of the connection."""
        return facts(self.feed)

    def rows(self) -> list[Row]:
        """Return a row for each pair."""
        return [self._row(pair.symbol, self.feed.health(pair.symbol)) for pair in self.feed.pairs()]

    @property
    def text(self) -> str:
        """All of it as plain text."""
        lines = [f"{name}: {value}" for name, value in self.facts()]
        lines += [" · ".join(str(cell.text) for cell in row.cells if str(cell.text)) for row in self.rows()]
        return "\n".join(lines)

    def _row(self, symbol: str, health: FeedHealth) -> Row:
        trust, state = self.desk.trust, health.state
        age = trust.age_s(symbol)
        why = trust.why(symbol)
        cells = (
            Cell(symbol),
            Cell(WORDS[state], TONES.get(state, "warn")),
            Cell(fmt.DASH if age is None else fmt.age(int(age * NANOS_PER_SECOND)), "muted"),
            MISSING if health.last_seq is None else Cell(f"{health.last_seq:,}", raw=str(health.last_seq)),
            Cell(why, "muted" if state in TRUSTED else "warn"),
        )
        return Row(symbol, cells)
