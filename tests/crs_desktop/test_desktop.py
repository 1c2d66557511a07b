"""The whole desktop, driven by keys: real window, real engine, a directory of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QScrollArea

from crs_desktop import theme
from crs_desktop.panes.diagnostics import Diagnostics
from crs_desktop.panes.help import HelpSheet
from crs_desktop.panes.settings import KeyButton, SettingsDialog
from crs_desktop.shell.dialogs import ConfirmDialog, CrashDialog, JumpDialog, crash_dialog
from crs_desktop.shell.risk_dialogs import KillDialog, ResumeDialog
from crs_desktop.widgets.toast import OrderToast
from engine.domain.course import StateCause, TradingState
from engine.domain.market import Timeframe
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.domain.order import OrderType, Side
from engine.ports.journal import StorageStateChanged
from engine.services.emergency import Kill
from engine.settings import load
from tests.crs_desktop.running import labels, running

pytestmark = [pytest.mark.gui, pytest.mark.integration]

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


async def test_b_and_enter_buy_at_the_market(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        await desk.press(Qt.Key.Key_B)
        await desk.press(Qt.Key.Key_Return)
        await desk.until(lambda: desk.engine.orders.fill_count)

        fill = desk.engine.orders.fills()[0]
        assert (fill.side, fill.symbol) == (Side.BUY, "BTC/USDT")
        toast = desk.wiring.console.toasts.shown[-1]
        assert isinstance(toast, OrderToast)
        await desk.until(lambda: "Filled" in toast.text.text())


async def test_x_cancels_the_last_order_and_undo_says_when_there_is_nothing_left(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        await desk.press(Qt.Key.Key_L)
        ticket = desk.wiring.console.ticket
        assert ticket.form.order_type is OrderType.LIMIT
        ticket.set_price(ticket.pair.price_text(int(ticket.price * 0.9)))
        ticket.enter()
        await desk.until(lambda: desk.engine.orders.records())

        await desk.press(Qt.Key.Key_X)
        await desk.until(lambda: not desk.engine.orders.records())
        await desk.press(Qt.Key.Key_X)
        await desk.turn(0.1)
        desk.do("orders.undo")

        said = [each.title.text() for each in desk.wiring.console.toasts.shown]
        assert "No open order" in said
        assert "Nothing to undo" in said


async def test_the_palette_finds_a_pair_and_goes_there(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        await desk.press(Qt.Key.Key_K, CTRL)
        await desk.write("doge")
        assert desk.wiring.view.palette.titles[0] == "DOGE/USDT"
        await desk.press(Qt.Key.Key_Down)
        await desk.press(Qt.Key.Key_Up)
        await desk.press(Qt.Key.Key_Return)

        assert desk.session.desk is not None
        assert desk.session.desk.symbol == "DOGE/USDT"
        assert not desk.wiring.view.palette.isVisible()
        await desk.until(lambda: "DOGE/USDT" in desk.window.windowTitle())


async def test_the_palette_says_so_when_nothing_is_found(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        desk.do("view.palette")
        palette = desk.wiring.view.palette
        assert palette.list.isVisible()
        assert not palette.nothing.isVisible()

        palette.field.setText("zzqx")

        assert palette.titles == []
        assert palette.nothing.isVisible()
        assert not palette.list.isVisible()
        palette.dismiss()


async def test_escape_leaves_the_palette_and_nothing_happens(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        await desk.press(Qt.Key.Key_K, CTRL)
        await desk.write("buy")
        await desk.press(Qt.Key.Key_Escape)

        assert not desk.wiring.view.palette.isVisible()
        assert desk.engine.orders.submitted == 0


async def test_number_keys_choose_the_timeframe_but_not_while_typing(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        desk.window.setFocus()
        await desk.press(Qt.Key.Key_3)
        assert desk.session.desk is not None
        assert desk.session.desk.timeframe is Timeframe.M5

        field = QLineEdit(desk.window)
        field.show()
        field.setFocus()
        await desk.press(Qt.Key.Key_5)
        await desk.press(Qt.Key.Key_B)

        assert desk.session.desk.timeframe is Timeframe.M5
        assert field.text().lower() == "5b"
        field.deleteLater()


async def test_space_pauses_a_step_steps_and_brackets_change_the_speed(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        desk.window.setFocus()
        runner = desk.engine.runner
        await desk.press(Qt.Key.Key_Space)
        assert runner.paused
        before = runner.now
        await desk.press(Qt.Key.Key_Period)
        await desk.until(lambda: runner.now > before)
        await desk.press(Qt.Key.Key_BracketRight)
        assert runner.speed == 2.0
        await desk.press(Qt.Key.Key_BracketLeft)
        assert runner.speed == 1.0
        await desk.press(Qt.Key.Key_Space)
        assert not runner.paused


async def test_the_kill_switch_halts_cancels_and_can_be_taken_back(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        await desk.press(Qt.Key.Key_K, CTRL | SHIFT)
        assert desk.engine.gate.state == TradingState.HALTED
        await desk.until(lambda: "halted" in desk.window.notice.text)
        desk.wiring.console.ticket.enter()
        await desk.turn(0.3)
        assert desk.engine.orders.fill_count == 0

        desk.do("risk.kill")
        dialog = desk.dialog(ResumeDialog)
        dialog.reason.setText("I looked at it")
        dialog.accept()
        await desk.until(lambda: desk.engine.gate.state == TradingState.ACTIVE)
        await desk.turn()

        assert not desk.window.notice.isVisible()


async def test_the_kill_switch_with_a_choice_sells_everything_and_says_why_it_stopped(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        desk.wiring.console.ticket.enter()
        await desk.until(lambda: desk.engine.orders.fill_count)
        desk.do("risk.choose")
        dialog = desk.dialog(KillDialog)
        assert dialog.kill is Kill.CANCEL
        dialog._group.button(2).setChecked(True)
        dialog.reason.setText("enough for today")
        dialog.accept()
        await desk.until(lambda: desk.engine.gate.state == TradingState.HALTED)
        await desk.until(lambda: desk.engine.venue.fold.balances(desk.engine.venue.account)["BTC"].total == 0)
        await desk.until(lambda: "enough for today" in desk.window.notice.text)
        assert any(toast.title.text().startswith("Sold") for toast in desk.wiring.console.toasts.shown)
        await desk.until(lambda: desk.window.top.state.text() == "HALTED")


async def test_after_a_breach_resuming_needs_a_reason_and_life_signs_reach_the_dead_mans_switch(
    tmp_path: Path,
) -> None:
    async with running(tmp_path) as desk:
        await desk.engine.kill_switch.set(TradingState.HALTED, "a loss", StateCause.BREACH)
        await desk.until(lambda: "a loss" in desk.window.notice.text)
        desk.wiring.risk.resume()
        dialog = desk.dialog(ResumeDialog)
        assert not dialog._yes.isEnabled()
        dialog.reason.setText("I know why")
        assert dialog._yes.isEnabled()
        dialog.accept()
        await desk.until(lambda: desk.engine.gate.state == TradingState.ACTIVE)

        desk.engine.dead_man.arm(60)
        desk.engine.dead_man._seen -= 55 * NANOS_PER_SECOND
        await desk.engine.dead_man.look()
        assert desk.wiring.console.toasts.shown[-1].title.text() == "Are you there?"
        await desk.press(Qt.Key.Key_Space)
        assert desk.engine.dead_man.left_s > 55
        desk.engine.dead_man._seen -= 61 * NANOS_PER_SECOND
        await desk.engine.dead_man.look()
        assert desk.wiring.console.toasts.shown[-1].title.text() == "Dead-man's switch"


async def test_reducing_lets_sales_pass_and_can_be_tightened_and_taken_back(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        desk.do("risk.reduce")
        await desk.until(lambda: "reduce what you hold" in desk.window.notice.text)
        ticket = desk.wiring.console.ticket
        ticket.set_side(Side.BUY)
        ticket.enter()
        await desk.turn(0.3)
        assert desk.engine.orders.fill_count == 0

        await desk.press(Qt.Key.Key_K, CTRL | SHIFT)
        await desk.until(lambda: "halted" in desk.window.notice.text)
        assert desk.engine.gate.state == TradingState.HALTED
        desk.wiring.risk.resume()
        await desk.until(lambda: desk.engine.gate.state == TradingState.ACTIVE)
        await desk.turn()
        assert not desk.window.notice.isVisible()


async def test_a_halted_window_opens_halted_and_a_storage_message_does_not_hide_it(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        await desk.press(Qt.Key.Key_K, CTRL | SHIFT)
        await desk.until(lambda: "halted" in desk.window.notice.text)
    async with running(tmp_path) as desk:
        assert desk.engine.gate.state == TradingState.HALTED
        assert desk.window.top.kill.text() == "RESUME"
        assert "halted" in desk.window.notice.text

        desk.engine.bus.publish(StorageStateChanged(False, "The disk is full.", Nanos(1)))
        desk.engine.bus.publish(StorageStateChanged(True, "The disk takes orders again.", Nanos(2)))

        assert "halted" in desk.window.notice.text
        assert desk.window.notice.isVisible()


async def test_flatten_asks_with_its_consequence_and_then_sells(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        desk.do("orders.flatten")
        assert desk.wiring.console.toasts.shown[-1].title.text() == "No position in BTC/USDT"
        desk.wiring.console.ticket.enter()
        await desk.until(lambda: desk.engine.orders.fill_count)

        desk.do("orders.flatten")
        dialog = desk.dialog(ConfirmDialog)
        assert any("at the market" in text for text in labels(dialog))
        dialog.accept()

        await desk.until(lambda: desk.engine.portfolio.position("BTC/USDT").qty == 0)


async def test_f1_shows_the_keys_in_force_and_f1_closes_it(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        await desk.press(Qt.Key.Key_F1)
        sheet = desk.dialog(HelpSheet)
        assert {"B", "Ctrl+K", "Cancel all orders"} <= set(labels(sheet))
        area = sheet.findChild(QScrollArea)
        assert isinstance(area, QScrollArea)
        holder = area.widget()
        assert holder is not None
        assert holder.width() <= area.viewport().width(), "no key is cut off at the right of a small screen"
        sheet.setFocus()
        await desk.press(Qt.Key.Key_F1)
        assert desk.dialog(HelpSheet) is None


@pytest.mark.no_cover
async def test_the_theme_changes_at_once_and_is_kept(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        desk.do("view.theme")
        await desk.turn(0.2)
        try:
            assert theme.current().name == "light"
            assert desk.engine.settings.appearance.theme == "light"
            assert 'theme = "light"' in (tmp_path / "settings.toml").read_text()
        finally:
            desk.do("view.theme")
            await desk.turn(0.1)


async def test_a_setting_is_changed_in_the_dialog_and_a_bad_value_is_refused_there(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        await desk.press(Qt.Key.Key_Comma, CTRL)
        dialog = desk.dialog(SettingsDialog)
        assert {path.split(".")[0] for path in dialog.rows} == {"appearance"}
        dialog.open_at("risk.max_order_value")
        row = dialog.rows["risk.max_order_value"]
        row.take("-5")
        assert row.problem.text()
        row.take("2500")
        await desk.turn(0.2)
        assert not row.problem.text()
        assert str(desk.engine.settings.risk.max_order_value) == "2500"
        assert desk.engine.gate.limits.default.max_order_value is not None

        dialog.open_at("trading.confirm")
        row = dialog.rows["trading.confirm"]
        row.editor.setCurrentText("always")
        row._undo.click()
        await desk.turn(0.1)
        assert desk.engine.settings.trading.confirm == "over"


async def test_a_hotkey_is_rebound_by_pressing_it(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        desk.wiring.settings.show("hotkeys")
        dialog = desk.dialog(SettingsDialog)
        button = next(each for each in dialog.findChildren(KeyButton) if each._action == "ticket.buy")
        button.setFocus()
        button.click()
        await desk.press(Qt.Key.Key_G, at=button)
        assert button.text() == "G"
        button.click()
        await desk.press(Qt.Key.Key_S, at=button)
        assert button.text() == "G"
        told = [each for each in dialog.findChildren(QLabel) if each.text().startswith("S already means")]
        assert [each.isVisible() for each in told] == [True]
        assert 0 < told[0].y() - button.y() < 3 * button.height(), "it stands under the row that it is about"
        button.click()
        await desk.press(Qt.Key.Key_Escape, at=button)
        dialog.close()
        await desk.turn(0.1)

        desk.window.setFocus()
        await desk.press(Qt.Key.Key_S)
        await desk.press(Qt.Key.Key_G)
        assert desk.wiring.console.ticket.form.side is Side.BUY


@pytest.mark.no_cover
async def test_a_new_account_is_opened_and_the_old_one_kept(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        before = desk.engine.venue.account
        desk.do("account.reset")
        desk.dialog(ConfirmDialog).accept()
        await desk.until(lambda: desk.engine.venue.account != before)

        assert before in desk.engine.accounts
        offers = dict(desk.wiring.account.offers())
        offers[f"○ {before}"]()
        await desk.until(lambda: desk.engine.venue.account == before)
        desk.window.top.account._fill()
        await desk.until(lambda: desk.engine.venue.account in desk.window.top.account.text())
        desk.do("view.theme")
        await desk.turn(0.1)
        assert load(desk.engine.profile.settings_file).account.selected == before, "another setting undid the choice"


@pytest.mark.no_cover
async def test_every_pane_follows_the_account_at_once(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        window, engine, first = desk.window, desk.engine, desk.engine.venue.account
        engine.runner.pause()
        names = ("chart", "book", "ticket", "positions", "orders", "fills", "history", "balances", "equity")
        for name in names:
            window.docks.show(name)
            await desk.turn(0.1)
        models: dict[str, Any] = {name: getattr(window.pane(name), "model", None) for name in names}
        ticket = models["ticket"]
        ticket.enter()
        await desk.until(lambda: engine.orders.fill_count)
        ticket.limit_at_best()
        ticket.set_price(ticket.pair.price_text(int(ticket.price * 0.9)))
        ticket.enter()
        await desk.until(lambda: engine.orders.records())
        engine.portfolio.mark()
        worth = engine.portfolio.day_pnl()
        assert worth < 0, "the fee and the spread are lost"

        def shown() -> dict[str, Any]:
            if models["chart"]._marks_stale:
                models["chart"]._read_marks()
            models["equity"].fold()
            ticket.recompute()
            return {
                "orders": len(models["orders"].rows()),
                "fills": len(models["fills"].rows()),
                "history": len(models["history"].rows()),
                "positions": len(models["positions"].rows()),
                "chart": (len(models["chart"].orders), len(models["chart"].fills), models["chart"].average_cost),
                "book": models["book"].mine(Side.BUY),
                "funds": (ticket.base.total, ticket.quote.locked),
                "day": getattr(window.top.model, "day_result", None),
                "curve": list(models["equity"].values)[-1],
            }

        before = shown()
        await engine.reset_account()
        after = shown()
        assert after["orders"] == after["fills"] == after["history"] == after["positions"] == 0
        assert after["chart"] == (0, 0, None)
        assert after["book"] == {}
        assert after["funds"] == (0, 0)
        assert after["curve"] == 10_000.0
        assert after["day"] != before["day"]
        assert all(model.dirty for name, model in models.items())

        await engine.select_account(first)
        again = shown()
        assert again["fills"] == before["fills"] > 0
        assert again["history"] == before["history"] + 1, "the reset cancelled the order that worked"
        assert again["positions"] == before["positions"] == 1
        assert again["chart"] == (0, *before["chart"][1:])
        assert (again["day"], again["curve"]) == (before["day"], before["curve"])


async def test_jumping_asks_for_a_date_and_says_what_is_wrong_with_it(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        desk.do("market.jump")
        dialog = desk.dialog(JumpDialog)
        dialog.field.setText("tomorrow")
        assert "no date" in dialog.problem.text()
        dialog.field.setText("2026-01-20 10:00")
        dialog._go()
        await desk.until(lambda: desk.engine.runner.now > 1_768_900_000 * 10**9)


@pytest.mark.no_cover
async def test_the_market_source_changes_after_a_question(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        desk.do("market.simulated")
        assert desk.wiring.console.toasts.shown[-1].title.text() == "This market is open already"
        desk.do("market.replay")
        desk.dialog(ConfirmDialog).accept()
        await desk.until(lambda: desk.engine.runner.kind == "replay")
        await desk.turn(0.3)

        assert desk.window.band.data == "replay"
        assert desk.session.desk is not None
        assert desk.session.desk.timeframe is Timeframe.S1


async def test_f6_goes_round_the_panes(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        names = set()
        for _ in range(7):
            name = desk.window.docks.step(1)
            names.add(name)
            await desk.turn(0.02)

        assert {"watchlist", "chart", "book", "ticket"} <= names
        desk.do("view.previous_pane")
        desk.do("view.next_symbol")
        desk.do("view.previous_symbol")


async def test_every_pane_opens_and_is_refreshed(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        for name in desk.window.docks.names:
            host = desk.window.docks.show(name)
            await desk.turn(0.05)
            assert host.pane is not None, name
        assert desk.pulse.failed == set()


async def test_labels_show_remote_text_as_it_is(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        for name in desk.window.docks.names:
            desk.window.docks.show(name)
        desk.wiring.console.toasts.say("<b>title</b>", "<script>")
        await desk.turn(0.1)

        rich = [
            each.text()
            for each in desk.window.findChildren(QLabel)
            if each.textFormat() is Qt.TextFormat.RichText
            or (each.textFormat() is Qt.TextFormat.AutoText and "<" in each.text())
        ]
        assert rich == []


async def test_the_disk_refusing_is_said_and_taken_back(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        desk.engine.bus.publish(StorageStateChanged(False, "The disk is full.", Nanos(0)))
        assert desk.window.notice.text == "The disk is full."
        await desk.until(lambda: "disk is full" in desk.window.status._storage.text())
        desk.engine.bus.publish(StorageStateChanged(True, "The disk takes orders again.", Nanos(0)))
        assert not desk.window.notice.isVisible()


async def test_an_unexpected_error_is_shown_with_details(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        crash_dialog(desk.window, desk.session.profile, RuntimeError("torn"), desk.wiring.console.toasts)
        crash_dialog(desk.window, desk.session.profile, RuntimeError("again"), desk.wiring.console.toasts)
        dialogs = desk.window.findChildren(CrashDialog)
        assert len(dialogs) == 1
        dialogs[0].accept()


async def test_diagnostics_name_profile_market_and_versions(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        desk.window.status.clicked.emit()
        text = desk.dialog(Diagnostics).text
        assert "seed 7" in text
        assert "Python" in text


async def test_the_introduction_takes_no_keys_moves_on_by_doing_and_never_returns(tmp_path: Path) -> None:
    async with running(tmp_path, introduced=False) as desk:
        card = desk.wiring.view.introduction
        assert card.model.at == 0
        await desk.press(Qt.Key.Key_B)
        await desk.press(Qt.Key.Key_Return)
        await desk.until(lambda: card.model.at == 1)
        card._next.click()
        card._next.click()
        assert card._next.text() == "Done"
        card._next.click()
        await desk.turn(0.1)
        assert desk.wiring.view.introduction is None

    assert json.loads((tmp_path / "layout.json").read_text())["introduced"] is True
    async with running(tmp_path, introduced=False) as desk:
        assert desk.wiring.view.introduction is None


@pytest.mark.no_cover
async def test_pair_timeframe_and_docks_come_back(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        assert desk.session.desk is not None
        desk.session.desk.select("SOL/USDT")
        desk.session.desk.set_timeframe(Timeframe.H1)
        desk.window.docks.dock("tape").hide()
        await desk.turn(0.1)

    async with running(tmp_path) as desk:
        assert desk.session.desk is not None
        assert (desk.session.desk.symbol, desk.session.desk.timeframe) == ("SOL/USDT", Timeframe.H1)
        assert desk.window.docks.dock("tape").isHidden()
        desk.do("view.reset_layout")
        await desk.turn(0.1)
        assert not desk.window.docks.dock("tape").isHidden()


async def test_a_damaged_layout_is_said_and_the_window_opens_as_at_first(tmp_path: Path) -> None:
    (tmp_path / "layout.json").write_text('{"docks": "not a layout"}', encoding="utf-8")

    async with running(tmp_path) as desk:
        assert "panes stand as at first" in desk.window.notice.text


async def test_a_damaged_database_is_said_with_what_can_be_done(tmp_path: Path) -> None:
    (tmp_path / "crs.sqlite").write_text("no database", encoding="utf-8")

    async with running(tmp_path, wait=False) as desk:
        await desk.until(lambda: "damaged" in desk.window.notice.text)
        assert desk.session.desk is None
        assert (tmp_path / "crs.sqlite").read_text(encoding="utf-8") == "no database"
        (tmp_path / "crs.sqlite").unlink()
        next(each for each in desk.window.notice._buttons if each.text() == "Try again").click()
        await desk.until(lambda: desk.session.desk is not None)
        assert desk.window.notice.isHidden()


async def test_closing_leaves_no_subscription_and_no_link(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        for name in desk.window.docks.names:
            desk.window.docks.show(name)
        await desk.turn(0.1)
        bus, selection = desk.engine.bus, desk.session.desk

    assert bus.subscriber_count == 0
    assert selection is not None
    assert selection.link_count == 0


async def test_tab_goes_all_round_the_window_past_empty_panes(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        await desk.press(Qt.Key.Key_B)
        first = desk.window.focusWidget()
        seen = [first]
        for _ in range(80):
            QTest.keyClick(seen[-1], Qt.Key.Key_Tab)
            if (now := desk.window.focusWidget()) is first:
                break
            assert now not in seen, f"Tab stays at {now}"
            seen.append(now)
        assert now is first
