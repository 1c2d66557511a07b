from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from crs_desktop.viewmodels import figures
from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.figures import Figures
from engine.market.catalogue import PAIRS

PAIR = PAIRS[0].pair


@given(st.integers(1, 9_999_999), st.integers(3, 9))
def test_a_short_quantity_is_the_same_number(lots: int, width: int) -> None:
    text = Figures(PAIR).short(lots, width)

    assert Decimal(text.replace(fmt.GROUP, "")) == PAIR.qty(lots)
    assert not text.endswith((".", "0")) or "." not in text


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=50))
def test_remembered_texts_are_those_of_the_format(numbers: list[int]) -> None:
    made = Figures(PAIR)

    for _ in range(2):
        assert made.prices(numbers) == [fmt.price(PAIR, each) for each in numbers]
        assert made.quantities(numbers, 7) == [fmt.short_quantity(PAIR, each, 7) for each in numbers]


def test_memory_of_texts_is_bounded() -> None:
    made = Figures(PAIR)
    made.prices(range(3 * figures.MOST))
    made.quantities(range(3 * figures.MOST))

    assert max(len(made._prices), len(made._quantities)) <= figures.MOST
