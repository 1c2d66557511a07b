"""Accounts are opened with what the market at hand lists; a setting made for another market stops nothing."""

from decimal import Decimal

import pytest

from engine.bootstrap import opening
from engine.domain.command import Deposit
from engine.domain.order import AccountId
from engine.domain.pair import TradingPair
from engine.errors import InvalidSetting
from engine.market.catalogue import PAIRS
from engine.settings import Settings, changed

ALL = [spec.pair for spec in PAIRS]
REPLAY = ALL[:1]
ME = AccountId("PAPER-1")


def deposited(pairs: list[TradingPair], balances: dict[str, str]) -> dict[str, Decimal]:
    settings = changed(Settings(), "account.starting_balances", balances)
    assets = {asset.code: asset for pair in pairs for asset in (pair.quote, pair.base)}
    commands = opening(ME, pairs, settings)
    return {each.asset: assets[each.asset].amount(each.units) for each in commands if isinstance(each, Deposit)}


def test_what_only_another_market_lists_is_left_out() -> None:
    balances = {"USDT": "500", "ETH": "2", "BTC": "0.5"}

    assert deposited(ALL, balances) == {"USDT": 500, "ETH": 2, "BTC": Decimal("0.5")}
    assert deposited(REPLAY, balances) == {"USDT": 500, "BTC": Decimal("0.5")}


def test_when_nothing_of_it_is_listed_the_default_balances_stand_in() -> None:
    assert deposited(REPLAY, {"SHIB": "1000"}) == Settings().account.starting_balances


def test_an_asset_that_no_market_has_is_refused_by_name() -> None:
    with pytest.raises(InvalidSetting, match=r"'GOLD'.*SHIB"):
        deposited(REPLAY, {"USDT": "5", "GOLD": "1"})
