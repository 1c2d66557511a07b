import json

from hypothesis import given, settings
from hypothesis import strategies as st

from crs_desktop.viewmodels.flow.style import DeltaKind, FlowStyle, ProfileSpan

styles = st.builds(
    FlowStyle,
    profile=st.sampled_from(ProfileSpan),
    rows=st.integers(0, 1_000),
    group=st.integers(0, 10**9),
    left=st.booleans(),
    since=st.integers(0, 2**60),
    until=st.integers(0, 2**60),
    footprint=st.booleans(),
    cells=st.integers(0, 10**9),
    delta=st.sampled_from(DeltaKind),
    daily=st.booleans(),
)
junk = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.lists(st.none()))


@given(styles)
def test_a_style_comes_back_from_a_file(style: FlowStyle) -> None:
    assert FlowStyle.of_dict(json.loads(json.dumps(style.to_dict()))) == style


@settings(max_examples=40)
@given(styles, st.dictionaries(st.sampled_from(list(FlowStyle().to_dict())), junk, max_size=4))
def test_damaged_choices_get_their_defaults_and_the_others_stay(style: FlowStyle, damage: dict[str, object]) -> None:
    read = FlowStyle.of_dict({**style.to_dict(), **damage})

    for name in FlowStyle().to_dict():
        if name not in damage:
            assert getattr(read, name) == getattr(style, name)
        else:
            assert getattr(read, name) in (getattr(FlowStyle(), name), damage[name])


@given(junk)
def test_what_is_no_style_at_all_is_the_default(data: object) -> None:
    assert FlowStyle.of_dict(data) == FlowStyle()
