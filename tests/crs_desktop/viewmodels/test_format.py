from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crs_desktop.viewmodels import format as fmt
from engine.domain.asset import Asset
from engine.domain.pair import TradingPair
from engine.errors import InvalidInput
from engine.market.catalogue import PAIRS

pairs = st.sampled_from([spec.pair for spec in PAIRS])
grid = st.integers(min_value=0, max_value=10**15)
assets = st.builds(Asset, st.just("X"), st.integers(0, 18), st.integers(0, 18))


@given(pairs, grid)
def test_a_price_reads_back_as_itself_and_has_no_exponent(pair: TradingPair, ticks: int) -> None:
    text = fmt.price(pair, ticks)

    assert pair.ticks(fmt.parse(text)) == ticks
    assert "e" not in text.lower()
    assert len(text.partition(".")[2]) == pair.tick_decimals


@given(pairs, grid)
def test_a_quantity_reads_back_as_itself_with_its_trailing_zeros(pair: TradingPair, lots: int) -> None:
    text = fmt.quantity(pair, lots)

    assert pair.lots(fmt.parse(text)) == lots
    assert len(text.partition(".")[2]) == pair.lot_decimals


@given(assets, st.integers(-(10**24), 10**24))
def test_money_is_rounded_towards_zero_by_less_than_one_shown_unit(asset: Asset, units: int) -> None:
    shown = fmt.parse(fmt.money(asset, units))

    exact = asset.amount(units)
    places = min(asset.shown_decimals, asset.decimals)
    assert abs(shown) <= abs(exact) < abs(shown) + Decimal(10) ** -places


@given(st.decimals(allow_nan=False, allow_infinity=False, places=12, min_value=-(10**12), max_value=10**12))
def test_any_decimal_reads_back_after_grouping(value: Decimal) -> None:
    assert fmt.parse(fmt.grouped(fmt.decimal_text(value))) == value


@given(pairs, grid)
def test_a_narrow_price_widens_back(pair: TradingPair, ticks: int) -> None:
    text = pair.price_text(ticks)

    assert fmt.widened(fmt.narrow(text)) == text


def test_tiny_prices_keep_their_digits() -> None:
    shib = next(spec.pair for spec in PAIRS if spec.symbol == "SHIB/USDT")

    assert fmt.price(shib, 9210) == "0.000009210"
    assert fmt.narrow("0.00000921") == "0.0(5)921"
    assert fmt.narrow("0.0123") == "0.0123"


@given(pairs, grid, st.integers(6, 12))
def test_a_short_quantity_is_never_wider_nor_larger_than_the_exact_one(
    pair: TradingPair, lots: int, width: int
) -> None:
    text = fmt.short_quantity(pair, lots, max(width, 8))

    scale = {"T": 12, "B": 9, "M": 6, "K": 3}.get(text[-1], 0)
    value = fmt.parse(text.rstrip("TBMK")) * 10**scale
    assert len(text) <= max(width, 8) + 3
    assert value <= pair.qty(lots)


@pytest.mark.parametrize(("width", "text"), [(9, "399.311M"), (7, "399.31M"), (6, "399.3M"), (5, "399M"), (3, "399M")])
def test_a_short_quantity_gives_up_places_before_it_is_wider(width: int, text: str) -> None:
    pair = next(spec.pair for spec in PAIRS if spec.pair.base.code == "SHIB")

    assert fmt.short_quantity(pair, 399_311_750, width) == text


@pytest.mark.parametrize("text", ["", "abc", "1e5", "--1", "1.2.3", "NaN", ".", "Infinity"])
def test_what_is_no_number_is_refused_with_the_text(text: str) -> None:
    with pytest.raises(InvalidInput, match="is not a number"):
        fmt.parse(text)


@pytest.mark.parametrize(
    ("text", "value"), [(" 1,234.50 ", "1234.50"), ("+2", "2"), (".5", "0.5"), ("7.", "7"), ("\u22123", "-3")]
)
def test_numbers_are_read_as_people_write_them(text: str, value: str) -> None:
    assert fmt.parse(text) == Decimal(value)


def test_signs_percentages_and_spans_are_words_for_people() -> None:
    usdt = Asset("USDT", 6, 2)
    assert fmt.signed_money(usdt, 1_500_000, 2) == "+1.50"
    assert fmt.signed_money(usdt, -1_500_000, 2) == "\u22121.50"
    assert fmt.signed_money(usdt, 100, 2) == "0.00"
    assert (fmt.percent(123), fmt.percent(-5), fmt.percent(0), fmt.percent(None)) == (
        "+1.23%",
        "\u22120.05%",
        "0.00%",
        "\u2013",
    )
    assert (fmt.share(2500), fmt.share(1234)) == ("25%", "12.34%")
    assert fmt.rate(Decimal("0.00075")) == "0.075%"
    assert fmt.basis_points(1, 3) == "3,333.3"
    assert (fmt.basis_points(1, 10**6), fmt.basis_points(0, 10**6)) == ("<0.1", "0.0")
    assert fmt.basis_points(1, 0) == "\u2013"
    assert [fmt.age(n) for n in (400_000_000, 12 * 10**9, 180 * 10**9, 5 * 3600 * 10**9)] == [
        "0.4 s",
        "12 s",
        "3 min",
        "5 h",
    ]
    assert [fmt.compact(v) for v in (2.5, 950, 1234, 34_500_000, 5e9, 250e3)] == [
        "2.50",
        "950",
        "1.2K",
        "34.5M",
        "5.0B",
        "250K",
    ]
    at = 1_750_000_000_123_000_000
    assert (fmt.clock(at), fmt.clock(at, millis=True), fmt.date_clock(at)) == (
        "15:06:40",
        "15:06:40.123",
        "2025-06-15 15:06:40",
    )
