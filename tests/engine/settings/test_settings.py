"""Claims about settings: declared once, checked by name, kept as people wrote them."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InvalidSetting, StorageUnavailable
from engine.settings import Settings, changed, describe, load, save, value_of
from engine.settings.file import _fresh, _parsed, _settings

integration = pytest.mark.integration


def test_every_setting_has_a_title_a_sentence_and_a_default_it_accepts() -> None:
    for info in describe():
        assert info.title
        assert info.sentence.endswith(".")
        assert info.read(info.default) == info.default
        assert value_of(Settings(), info.path) == info.default


def test_paths_are_unique() -> None:
    paths = [info.path for info in describe()]

    assert len(paths) == len(set(paths))


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("appearance.theme", "blue", "one of dark, light"),
        ("appearance.font_scale", 79, "from 80 to 200"),
        ("appearance.font_scale", 100.5, "a whole number"),
        ("appearance.font_scale", True, "a whole number"),
        ("market.speed", "fast", "a number from 1 to 1000"),
        ("trading.confirm_over", "-1", "of at least 0"),
        ("trading.confirm_over", "much", "a decimal number"),
        ("trading.confirm_over", [1], "a decimal number"),
        ("trading.confirm_over", "NaN", "a decimal number"),
        ("account.selected", 7, "a text"),
        ("account.starting_balances", "10", "amounts by asset"),
        ("account.starting_balances", {"USDT": "-1"}, "from 0"),
        ("hotkeys", ["B"], "keys by action"),
        ("risk.max_order_value", "none", 'or "off"'),
    ],
)
def test_a_bad_value_is_named_with_what_was_expected(path: str, value: object, expected: str) -> None:
    with pytest.raises(InvalidSetting) as caught:
        changed(Settings(), path, value)

    assert str(caught.value).startswith(f"{path} is {value!r}")
    assert expected in str(caught.value)


def test_an_unknown_setting_cannot_be_changed() -> None:
    with pytest.raises(InvalidSetting, match=r"no setting a\.b"):
        changed(Settings(), "a.b", 1)


def test_a_limit_is_switched_off_by_the_word_or_by_none() -> None:
    on = changed(Settings(), "risk.max_order_value", 500)

    assert on.risk.max_order_value == Decimal(500)
    assert changed(on, "risk.max_order_value", "off").risk.max_order_value is None
    assert changed(on, "risk.max_order_value", None).risk.max_order_value is None


@given(
    st.dictionaries(st.text(min_size=1, max_size=8), st.decimals(0, 10**9, places=4), max_size=4),
    st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=4),
    st.integers(80, 200),
)
def test_whatever_is_written_is_read_back(balances: dict[str, Decimal], keys: dict[str, str], scale: int) -> None:
    settings = changed(Settings(), "account.starting_balances", balances)
    settings = changed(changed(settings, "hotkeys", keys), "appearance.font_scale", scale)

    assert _settings(_parsed(_fresh(settings), Path("x")), Path("x")) == settings


@integration
def test_a_missing_file_means_the_defaults(tmp_path: Path) -> None:
    assert load(tmp_path / "settings.toml") == Settings()


@integration
def test_saving_keeps_comments_order_and_keys_of_other_versions(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(
        '# mine\n[later]\nknob = 1.50\n\n[appearance]\nglow = true\ntheme = "dark" # as I like it\n\n'
        '[hotkeys]\nbuy = "B"\n'
    )
    settings = changed(load(path), "appearance.theme", "light")
    settings = changed(changed(settings, "hotkeys", {"sell": "S"}), "risk.max_order_value", "250")
    save(settings, path)
    text = path.read_text()

    assert load(path) == settings
    assert text.startswith("# mine\n[later]\nknob = 1.50\n")
    assert "glow = true" in text
    assert "buy" not in text
    assert '[risk]\nmax_order_value = "250"' in text
    assert settings.unknown == {"later": {"knob": Decimal("1.50")}, "appearance": {"glow": True}}


@integration
def test_a_layout_that_cannot_be_edited_line_by_line_is_written_anew_and_means_the_same(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(
        'note = "x"\nappearance = { theme = "light" }\n[other]\nlist = [1, 2]\nday = 2024-01-01\ninner = { a = 1 }\n'
    )
    settings = changed(load(path), "appearance.theme", "dark")
    settings = changed(settings, "appearance.font_scale", 90)
    save(settings, path)

    assert load(path) == settings


@integration
def test_a_bad_value_in_the_file_is_named_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("[appearance]\nfont_scale = 900\n")

    with pytest.raises(InvalidSetting, match=r"settings\.toml: appearance\.font_scale is 900; expected"):
        load(path)
    with pytest.raises(InvalidSetting):
        save(Settings(), path)
    assert path.read_text() == "[appearance]\nfont_scale = 900\n"


@integration
@pytest.mark.parametrize(
    ("data", "words"),
    [(b"[appearance\n", "not valid TOML"), (b"\xff\xfe", "not UTF-8"), (b"appearance = 1\n", "expected a section")],
)
def test_a_file_that_is_no_settings_file_is_refused(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(data)

    with pytest.raises(InvalidSetting, match=words):
        load(path)


@integration
def test_a_place_that_cannot_be_read_or_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").mkdir()
    with pytest.raises(StorageUnavailable, match="cannot be read"):
        load(tmp_path / "settings.toml")
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageUnavailable):
        save(Settings(), tmp_path / "file" / "settings.toml")


@integration
def test_saving_is_atomic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "settings.toml"
    save(Settings(), path)
    before = path.read_bytes()

    def refuse(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(StorageUnavailable, match="No space"):
        save(changed(Settings(), "appearance.theme", "light"), path)
    assert path.read_bytes() == before
