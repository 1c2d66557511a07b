from decimal import Decimal

import pytest

from engine.domain.order import AccountId
from engine.domain.pair import TradingPair
from engine.errors import InvalidSetting
from engine.market.catalogue import PAIRS
from engine.risk.limits import NO_LIMITS, Limit, LimitBook
from engine.services.limits import limits_of
from engine.settings import Settings, changed

BTC = PAIRS[0].pair


def with_changes(**values: object) -> Settings:
    settings = Settings()
    for name, value in values.items():
        settings = changed(settings, f"risk.{name}", value)
    return settings


def test_limits_come_out_in_the_units_of_their_assets() -> None:
    settings = with_changes(
        max_order_qty={"BTC": "0.5"}, max_order_value="12000.5", max_position_value="7", max_daily_loss="3"
    )

    limits = limits_of(settings).default

    assert limits.max_order_qty == {"BTC": BTC.base.units(Decimal("0.5"))}
    assert limits.max_order_value == BTC.quote.units(Decimal("12000.5"))
    assert limits.max_position_value == BTC.quote.units(Decimal(7))
    assert limits.max_daily_loss == BTC.quote.units(Decimal(3))


def test_a_limit_that_is_off_refuses_nothing() -> None:
    settings = with_changes(max_open_orders=None, max_price_deviation_bps=None)

    assert limits_of(settings) == LimitBook(NO_LIMITS)


def test_a_limit_on_an_asset_that_is_not_traded_is_refused_by_name() -> None:
    with pytest.raises(InvalidSetting, match=r"'GOLD'.*BTC"):
        limits_of(with_changes(max_order_qty={"GOLD": "1"}))


def test_the_narrowest_limit_that_is_set_counts_and_says_for_whom_it_is() -> None:
    book = limits_of(
        with_changes(
            max_order_value="1000",
            special={
                "max_order_value PAPER-2": "500",
                "max_order_value BTC/USDT": "300",
                "max_order_value PAPER-2 BTC/USDT": "200",
                "max_order_qty ETH/USDT": "1.5",
                "max_open_orders PAPER-2": "3",
            },
        )
    )
    one, two = AccountId("PAPER-1"), AccountId("PAPER-2")
    eth = next(spec.pair for spec in PAIRS if spec.symbol == "ETH/USDT")

    def value(account: AccountId, pair: TradingPair) -> tuple[str, str]:
        limit = book.effective("max_order_value", account, pair)
        assert limit is not None
        return str(pair.quote.amount(limit.value).normalize()), limit.scope

    assert value(one, eth) == ("1E+3", "")
    assert value(two, eth) == ("5E+2", "account PAPER-2")
    assert value(one, BTC) == ("3E+2", "BTC/USDT")
    assert value(two, BTC) == ("2E+2", "BTC/USDT in account PAPER-2")
    assert book.effective("max_order_qty", one, eth) == Limit(eth.base.units(Decimal("1.5")), "ETH/USDT")
    assert book.effective("max_order_qty", one, BTC) is None
    assert book.effective("max_open_orders", two, BTC) == Limit(3, "account PAPER-2")


@pytest.mark.parametrize(
    ("name", "amount", "says"),
    [
        ("max_order_value", "1", "RULE PAIR"),
        ("nothing BTC/USDT", "1", "max_order_value"),
        ("max_order_value BTC/GOLD", "1", "ETH/USDT"),
        ("max_order_value A B", "1", "RULE ACCOUNT PAIR"),
        ("max_order_value BTC/USDT ETH/USDT", "1", "RULE ACCOUNT PAIR"),
        ("max_order_value A BTC/USDT x", "1", "RULE ACCOUNT PAIR"),
        ("max_open_orders BTC/USDT", "1", "over all pairs"),
        ("max_order_qty PAPER-1", "1", "needs a pair"),
        ("max_open_orders PAPER-1", "1.5", "whole number"),
        ("max_order_qty BTC/USDT", "0.0000000000000000001", "finer"),
    ],
)
def test_a_special_limit_that_makes_no_sense_is_refused_by_its_name(name: str, amount: str, says: str) -> None:
    with pytest.raises(InvalidSetting, match=says):
        limits_of(with_changes(special={name: amount}))
