"""The settings form: what is entered is in force or refused with what was expected; nothing in between."""

from __future__ import annotations

from decimal import Decimal

import pytest

from crs_desktop.actions import ActionBook
from crs_desktop.viewmodels.settings import SettingsForm, as_text, from_text
from engine.settings import Settings, changed, describe, value_of


def make() -> tuple[SettingsForm, list[Settings]]:
    applied: list[Settings] = []
    return SettingsForm(Settings(), applied.append, ActionBook()), applied


@pytest.mark.parametrize("info", [each for each in describe() if each.kind != "keys"], ids=lambda info: info.path)
def test_every_default_survives_being_shown_and_read(info: object) -> None:
    text = as_text(info, info.default)  # type: ignore[arg-type, attr-defined]

    settings = changed(Settings(), info.path, from_text(info, text))  # type: ignore[arg-type, attr-defined]

    assert value_of(settings, info.path) == info.default  # type: ignore[attr-defined]


def test_every_declared_setting_is_on_a_page_with_a_sentence() -> None:
    form, _ = make()

    shown = [field.info.path for name, _ in form.sections() for field in form.fields(name)]

    assert shown == [info.path for info in describe()]
    assert all(form.field(path).info.sentence for path in shown)


def test_a_good_value_is_applied_at_once() -> None:
    form, applied = make()

    problem = form.set("trading.confirm_over", "2,500")

    assert not problem.source
    assert applied[-1].trading.confirm_over == Decimal(2500)
    assert not form.field("trading.confirm_over").is_default


def test_a_bad_value_changes_nothing_and_says_what_was_expected() -> None:
    form, applied = make()

    problem = form.set("appearance.font_scale", "900")

    assert "80" in str(problem)
    assert "200" in str(problem)
    assert applied == []


@pytest.mark.parametrize("text", ["off", "Off", ""])
def test_an_optional_limit_can_be_switched_off(text: str) -> None:
    form, applied = make()

    form.set("risk.max_open_orders", text)

    assert applied[-1].risk.max_open_orders is None
    assert form.field("risk.max_open_orders").text == "off"


def test_balances_are_written_as_a_list() -> None:
    form, applied = make()

    form.set("account.starting_balances", "usdt 5,000".replace(",", "") + ", BTC 0.25")

    assert applied[-1].account.starting_balances == {"USDT": Decimal(5000), "BTC": Decimal("0.25")}


@pytest.mark.parametrize("text", ["USDT", "USDT lots", "a b c"])
def test_balances_that_cannot_be_read_are_refused(text: str) -> None:
    form, applied = make()

    assert form.set("account.starting_balances", text).source
    assert applied == []


def test_a_whole_number_is_not_a_fraction() -> None:
    form, _ = make()

    assert form.set("appearance.font_scale", "100.5").source


def test_reset_gives_the_default_back() -> None:
    form, applied = make()
    form.set("appearance.theme", "light")

    form.reset("appearance.theme")

    assert applied[-1].appearance.theme == "dark"
    assert form.field("appearance.theme").is_default


def test_a_key_in_use_is_refused_and_a_free_one_is_kept_as_a_difference() -> None:
    form, applied = make()

    taken = form.set_key("ticket.buy", "S")
    free = form.set_key("ticket.buy", "Ctrl+B")

    assert "Sell" in str(taken)
    assert not free.source
    assert applied[-1].hotkeys == {"ticket.buy": "Ctrl+B"}


def test_the_default_key_is_not_kept_as_a_difference() -> None:
    form, applied = make()
    form.set_key("ticket.buy", "Ctrl+B")

    form.set_key("ticket.buy", "B")

    assert applied[-1].hotkeys == {}
