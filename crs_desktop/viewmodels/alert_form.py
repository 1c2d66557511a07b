"""An alert as a form: what is typed, what is wrong with it, and what it will do.

Levels of prices are on the pair's grid; those of indicators are numbers as their charts show them.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

import msgspec

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.alert_expiry import expiry_text, parse_expiry
from crs_desktop.viewmodels.alert_hand import alerts_of
from crs_desktop.viewmodels.alert_study import StudyPart
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.drawings.kinds import BY_NAME
from crs_desktop.viewmodels.drawings.shape import Shape
from crs_desktop.viewmodels.drawn_alerts import line_rule
from crs_desktop.viewmodels.ticket_price import read_price
from crs_desktop.viewmodels.time_zone import chosen
from crs_desktop.viewmodels.words import NOTHING, Sentence, say
from engine.services.alerts import Alert, Cross, LineRule, PriceRule, PriceSource, Repeat, Rule, StudyRule
from engine.services.alerts.alert import MOST_NOTE

NO_LEVEL = say("Enter the price to wait for.")


class Kind(StrEnum):
    """What an alert watches."""

    PRICE = "price"
    STUDY = "indicator"
    LINE = "drawing"


class AlertForm:
    """One alert, new or to be changed."""

    def __init__(
        self,
        desk: Desk,
        shapes: Callable[[str], tuple[Shape, ...]],
        alert: Alert | None = None,
        *,
        symbol: str | None = None,
        rule: Rule | None = None,
    ) -> None:
        """`shapes` returns the drawings of a pair; a new alert begins with `symbol` and `rule`, if they are given."""
        self.desk, self.before, self._shapes = desk, alert, shapes
        self.symbol = alert.symbol if alert is not None else symbol or desk.symbol
        self.pair = desk.pairs[self.symbol]
        self.kind, self.cross, self.source = Kind.PRICE, Cross.EITHER, PriceSource.LAST
        self.level_text = self._first_level()
        self.drawing = ""
        self.study = StudyPart(desk.timeframe.value)
        self.note, self.repeat, self.sound = "", Repeat.ONCE, True
        self.expiry_text = ""
        if alert is not None:
            self.note, self.repeat, self.sound = alert.note, alert.repeat, alert.sound
            self.expiry_text = expiry_text(alert.expires_at, chosen())
        known = alert.rule if alert is not None else rule
        if known is not None:
            self._take(known)
        if not self.drawing and self.lines():
            self.drawing = self.lines()[-1][0]

    def lines(self) -> list[tuple[str, Sentence]]:
        """Return the drawn lines of the pair that can be watched, by id, with their names."""
        found = []
        for shape in self._shapes(self.symbol):
            if line_rule(self.pair, shape) is None:
                continue
            at = fmt.grouped(fmt.decimal_text(shape.anchors[0].price))
            found.append((shape.id, say("{kind} from {price}", kind=BY_NAME[shape.kind].title, price=at)))
        return found

    @property
    def rule(self) -> Rule | None:
        """What is to be watched, None while something is wrong with it."""
        if self.kind is Kind.STUDY:
            return self.study.rule(self.cross)
        if self.kind is Kind.LINE:
            shape = next((each for each in self._shapes(self.symbol) if each.id == self.drawing), None)
            return None if shape is None else line_rule(self.pair, shape, self.cross)
        level, _ = read_price(self.pair, self.level_text, NO_LEVEL)
        return None if level is None else PriceRule(level, self.cross, self.source)

    @property
    def problem(self) -> Sentence:
        """Why the alert cannot be kept as it is, NOTHING if it can."""
        if self.kind is Kind.STUDY:
            found = self.study.problem
        elif self.kind is Kind.LINE:
            found = NOTHING if self.lines() else say("No line is drawn on {pair}; draw one first.", pair=self.symbol)
        else:
            found = read_price(self.pair, self.level_text, NO_LEVEL)[1] or NOTHING
        return found if found.source else self._end_problem()

    @property
    def hint(self) -> Sentence:
        """What somebody may not expect: the price is beyond the level already."""
        rule, last = self.rule, self.desk.market_data.last_price(self.symbol)
        if not isinstance(rule, PriceRule) or last is None or rule.source is not PriceSource.LAST:
            return NOTHING
        if rule.cross is Cross.UP and last >= rule.level:
            return say("The price is above it now: it must fall below first, and rise to it again.")
        if rule.cross is Cross.DOWN and last <= rule.level:
            return say("The price is below it now: it must rise above first, and fall to it again.")
        return NOTHING

    def step_level(self, steps: int) -> None:
        """Move the price by some ticks; does nothing while it is none."""
        level, _ = read_price(self.pair, self.level_text, NO_LEVEL)
        if level is not None:
            self.level_text = self.pair.price_text(max(1, level + steps))

    def save(self) -> bool:
        """Keep the alert; False while something is wrong."""
        rule = self.rule
        if rule is None or self.problem.source:
            return False
        hand = alerts_of(self.desk)
        end, _ = parse_expiry(self.expiry_text, self.desk.feed.now, chosen())
        options = {"note": self.note.strip(), "repeat": self.repeat, "sound": self.sound, "expires_at": end}
        if self.before is None:
            hand.add(self.symbol, rule, **options)
            return True
        now = hand.find(self.before.id) or self.before
        hand.change(msgspec.structs.replace(now, rule=rule, active=True, **options))
        return True

    # -- inside -------------------------------------------------------------------------------------

    def _first_level(self) -> str:
        last = self.desk.market_data.last_price(self.symbol)
        return "" if last is None else self.pair.price_text(last)

    def _end_problem(self) -> Sentence:
        if len(self.note) > MOST_NOTE:
            return say("A note has at most {most} characters, this one has {count}.", most=MOST_NOTE,
                       count=len(self.note))  # fmt: skip
        return parse_expiry(self.expiry_text, self.desk.feed.now, chosen())[1]

    def _take(self, rule: Rule) -> None:
        """Begin with what a rule says."""
        self.cross = rule.cross
        if isinstance(rule, PriceRule):
            self.source, self.level_text = rule.source, self.pair.price_text(rule.level)
        elif isinstance(rule, LineRule):
            self.kind, self.drawing = Kind.LINE, rule.drawing
        elif isinstance(rule, StudyRule):
            self.kind = Kind.STUDY
            self.study.take(rule)
