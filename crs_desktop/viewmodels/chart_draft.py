"""What a new order on the chart shows of itself: its lines with money and R, and what is to be said about it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.chart_entry import ENTRY, LOSS, ChartTicket
from crs_desktop.viewmodels.chart_lines import Stake, result_text
from crs_desktop.viewmodels.words import Sentence, say
from engine.domain.number import Ticks, Units
from engine.domain.order import Side
from engine.portfolio.exits import Exit, exits, share_of_cost
from engine.portfolio.position import average_ticks


@dataclass(frozen=True, slots=True)
class DraftLine:
    """One line of a new order; `result` is money and R there, `tone` the token of its colour."""

    at: Ticks
    title: Sentence
    result: str
    tone: str


def draft_lines(draft: ChartTicket) -> dict[str, DraftLine]:
    """Return the lines by name, what it begins with first; money is after the fees of both ways."""
    levels = draft.levels()
    stake = stake_of_draft(draft, levels)
    found: dict[str, DraftLine] = {}
    for name, at in levels.items():
        if name == ENTRY:
            tone = "up_text" if draft.form.side is Side.BUY else "down_text"
            found[name] = DraftLine(at, say("Entry"), "", tone)
            continue
        way = exit_of(draft, name, stake)
        risk = stake.risk(draft.form.exit_side, at)
        result = result_text(draft.pair, way.profit if way is not None else None, risk)
        tone = "down_text" if name == LOSS else "up_text"
        found[name] = DraftLine(at, say("Stop") if name == LOSS else say("Target"), result, tone)
    return found


def stake_of_draft(draft: ChartTicket, levels: dict[str, Ticks]) -> Stake:
    """Return what its exits end: the entry it begins with, or the position."""
    stop = levels.get(LOSS)
    if not draft.for_position:
        entry = levels.get(ENTRY)
        basis = draft.seen.total if draft.seen is not None else None
        return Stake(Fraction(entry) if entry is not None else None, basis, stop)
    position = draft.desk.portfolio.position(draft.pair.symbol)
    if position is None:
        return Stake(stop=stop)
    basis = share_of_cost(position.cost, position.qty, draft.sized.lots)
    return Stake(average_ticks(position, draft.pair), basis, stop)


def exit_of(draft: ChartTicket, name: str, stake: Stake) -> Exit | None:
    """Return what one of its legs does, fees included; None while it has no quantity."""
    if draft.sized.lots <= 0 or draft.reading.problem is not None:
        return None
    orders = draft.draft().orders()
    legs = orders if draft.for_position else orders[1:]
    ways = exits(draft.pair, legs, draft.sized.lots, stake.basis, draft.maker, draft.taker)
    if name == LOSS:
        return ways.loss
    return ways.target


def draft_says(draft: ChartTicket) -> list[tuple[Sentence, str]]:
    """Return what to read before Enter, each with the token of its colour."""
    said: list[tuple[Sentence, str]] = []
    if draft.question is not None:
        said.append((draft.question.text, "warn"))
    if (wrong := draft.problem or draft.refusal) is not None:
        said.append((wrong, "error"))
    elif draft.warning is not None:
        said.append((draft.warning, "warn"))
    seen = draft.seen
    if seen is not None and draft.problem is None:
        if seen.taken.qty and not draft.at_market:
            said.append((say("It would trade at once, as taker."), "warn"))
        said.append((_money(draft, seen.total), "text_muted"))
    if draft.replaces:
        said.append((_replaced(draft), "text_muted"))
    return said


def _money(draft: ChartTicket, total: Units) -> Sentence:
    money = f"{fmt.money(draft.pair.quote, total, 2)} {draft.pair.quote.code}"
    if draft.form.side is Side.BUY:
        return say("Pays {money} with the fee", money=money)
    return say("Brings {money} after the fee", money=money)


def _replaced(draft: ChartTicket) -> Sentence:
    prices = [each.order.stop_price or each.order.price for each in draft.replaces]
    text = ", ".join(fmt.price(draft.pair, each) for each in prices if each is not None)
    return say("Takes the place of your order at {prices}", prices=text)
