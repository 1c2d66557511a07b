from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crs_desktop.viewmodels.chart_style import BarKind, ChartStyle, Scale

styles = st.builds(
    ChartStyle,
    kind=st.sampled_from(BarKind),
    scale=st.sampled_from(Scale),
    inverted=st.booleans(),
    volume=st.booleans(),
    quotes=st.booleans(),
    brick=st.integers(0, 10**15),
    shares=st.dictionaries(st.text(max_size=9), st.floats(0.02, 0.9), max_size=4),
    folded=st.frozensets(st.text(max_size=9), max_size=4),
)


@given(styles)
def test_a_style_comes_back_from_a_file_as_it_went(style: ChartStyle) -> None:
    assert ChartStyle.of_dict(json.loads(json.dumps(style.to_dict()))) == style


junk = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda each: st.lists(each) | st.dictionaries(st.text(max_size=5), each),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(list(ChartStyle().to_dict())), junk) | junk)
def test_foreign_data_never_raises_and_leaves_defaults(data: object) -> None:
    style = ChartStyle.of_dict(data)

    assert ChartStyle.of_dict(style.to_dict()) == style


@pytest.mark.parametrize("data", [{"kind": "cubes", "inverted": True}, {"brick": -3, "inverted": True}])
def test_one_bad_choice_does_not_cost_the_others(data: dict[str, object]) -> None:
    assert ChartStyle.of_dict(data) == ChartStyle(inverted=True)
