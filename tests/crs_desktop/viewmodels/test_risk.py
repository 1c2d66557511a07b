"""The risk strip's figures, on a real exchange."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from types import SimpleNamespace

import pytest
from pytestqt.qtbot import QtBot

from crs_desktop.i18n import spoken
from crs_desktop.panes.risk import RiskPane
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.risk import RiskModel
from crs_desktop.viewmodels.ticket import Ticket
from crs_desktop.viewmodels.ticket_form import Lead
from crs_desktop.viewmodels.ticket_kind import Kind
from crs_desktop.viewmodels.ticket_price import Level
from engine.domain.command import SubmitOrder
from engine.domain.course import StateCause, TradingState, TradingStateChanged
from engine.domain.event import OrderRejected
from engine.domain.number import Lots, Nanos
from engine.domain.order import OrderId, OrderType, Reason, Side
from engine.risk.gate import RiskGate
from engine.risk.rules import Standing
from engine.services.limits import limits_of
from engine.settings import Settings, changed
from tests.crs_desktop.trading_floor import ME, START, Floor


@dataclass
class Engine:
    """The floor's services, with a gate and its switches."""

    floor: Floor
    gate: RiskGate = field(default_factory=RiskGate)
    kill_switch: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(last=None))
    emergency: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(waits=False))
    dead_man: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(left_s=None, fired=False, warns=False))

    def __getattr__(self, name: str) -> object:
        return getattr(self.floor, name)


def engine_with(**limits: object) -> Engine:
    settings = Settings()
    for name, value in limits.items():
        settings = changed(settings, f"risk.{name}", value)
    engine = Engine(Floor())
    engine.gate.limits = limits_of(settings)
    engine.floor.stock("BTC/USDT")
    return engine


def figures(model: RiskModel) -> dict[str, tuple[str, float | None, str]]:
    return {spoken(row.title): (spoken(row.figures), row.share, row.tone) for row in model.rows()}


async def test_each_rule_says_how_much_of_it_is_used() -> None:
    engine = engine_with(
        max_order_value="2000", max_daily_loss="500", max_open_orders=2, special={"max_order_qty BTC/USDT": "0.5"}
    )
    engine.gate.standing[ME] = Standing()
    model = RiskModel(Desk(engine))  # type: ignore[arg-type] # as much of an engine as the strip asks for
    found = figures(model)

    assert found["Largest quantity"] == ("up to 0.50000000 BTC per order", None, "muted")
    assert found["Largest order"] == ("up to 2,000.00 USDT per order", None, "muted")
    assert found["Largest position"] == ("0.00 USDT, no limit", None, "muted")
    assert found["Open orders"] == ("0 of 2", 0.0, "good")
    assert found["Daily loss"] == ("0.00 USDT of 500.00 USDT", 0.0, "good")
    assert found["Drawdown"] == ("no limit", None, "muted")
    tips = {spoken(row.title): spoken(row.tip) for row in model.rows()}
    assert tips["Largest quantity"].endswith("This limit is for BTC/USDT.")
    model.close()


async def test_what_is_held_and_being_bought_counts_as_exposure_and_bars_warn_near_their_limit() -> None:
    engine = engine_with(max_exposure="1000", max_position_value="400", max_open_orders=1)
    floor = engine.floor
    pair = floor.pairs[0]
    ask = floor.market_data.book(pair.symbol).best_ask
    assert ask is not None
    lots = int(pair.quote.units(Decimal(450)) // pair.notional(ask, 1))
    order = SubmitOrder(account=ME, order_id=OrderId("x"), symbol=pair.symbol, side=Side.BUY,
                        order_type=OrderType.MARKET, qty=Lots(lots))  # fmt: skip
    await floor.orders.submit(order)
    model = RiskModel(Desk(engine))  # type: ignore[arg-type]
    found = figures(model)

    assert found["Exposure"][2] == "good"
    assert 0.4 < (found["Exposure"][1] or 0) < 0.5
    assert found["Largest position"][2] == "error"
    assert found["Orders per minute"][0] == "1, no limit"
    engine.gate.standing[ME] = Standing(drawdown=pair.quote.units(Decimal(90)))
    engine.gate.limits = limits_of(changed(Settings(), "risk.max_drawdown", "100"))
    assert figures(model)["Drawdown"] == ("90.00 USDT of 100.00 USDT", 0.9, "warn")
    model.close()


@pytest.mark.gui
@pytest.mark.parametrize("state", TradingState)
async def test_the_pane_shows_state_reason_refusal_and_switch_in_words(qtbot: QtBot, state: TradingState) -> None:
    engine = engine_with()
    engine.gate.state = state
    model = RiskModel(Desk(engine))  # type: ignore[arg-type]
    pane = RiskPane(model)
    qtbot.addWidget(pane)
    pane.resize(700, 220)
    pane.show()
    assert pane.state.text().endswith(state.name)
    assert pane.silence.text() == "Dead-man's switch: off"

    engine.kill_switch.last = TradingStateChanged(state, "500 USDT lost", Nanos(START), StateCause.BREACH)
    engine.emergency.waits = True
    engine.dead_man.left_s, engine.dead_man.warns = 4.2, True
    refusal = OrderRejected(ME, OrderId("x"), Reason.LIMIT_EXCEEDED, "Not sent: too much.", Nanos(START))
    engine.floor.bus.publish(refusal)
    engine.floor.bus.publish(OrderRejected(ME, OrderId("y"), Reason.OFF_TICK, "Not this.", Nanos(START)))
    pane.refresh()

    assert "Not sent: too much." in pane.notes.text()
    assert "Not this." not in pane.notes.text()
    assert ("by a breach of a limit: 500 USDT lost" in pane.notes.text()) is (state is not TradingState.ACTIVE)
    assert "as soon as it can" in pane.notes.text()
    assert pane.silence.text() == "Dead-man's switch: 4 s"
    engine.dead_man.fired, engine.dead_man.left_s = True, None
    pane.refresh()
    assert pane.silence.text() == "Dead-man's switch: fired; orders were cancelled"
    assert not pane.grab().isNull()


async def test_legs_that_have_not_started_keep_nobody_from_selling_what_is_held() -> None:
    engine = engine_with()
    engine.floor.give("BTC", "0.02")
    ticket = Ticket(Desk(engine))  # type: ignore[arg-type]
    ticket.set_kind(Kind.BRACKET)
    ticket.set_entry(Kind.LIMIT)
    ticket.set_price("64000")
    ticket.form.target, ticket.form.loss = Level("66000"), Level("63000")
    ticket.set_size(Lead.BASE, "0.01")
    assert await ticket.submit() is not None, ticket.problem

    engine.gate.state = TradingState.REDUCING
    ticket.set_kind(Kind.MARKET)
    ticket.set_side(Side.SELL)
    ticket.set_size(Lead.BASE, "0.02")

    assert ticket.problem is None
    ticket.close()
