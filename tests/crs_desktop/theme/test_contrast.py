"""Every text colour reads on every surface: WCAG 2 contrast of at least 4.5, in all six looks."""

from __future__ import annotations

import pytest

from crs_desktop.theme.tokens import DARK, THEMES, UNIT, UP_DOWN, ThemeName, UpDownName, contrast, tokens

SURFACES = ("window", "surface", "raised", "hover", "selected")
TEXTS = (
    "text", "text_muted", "text_faint", "accent", "good", "warn", "error", "up_text", "down_text",
    "paper", "live", "simulated", "replay", "link_a", "link_b", "link_c", "alert",
    *(f"series_{number}" for number in range(1, 9)),
)  # fmt: skip
FILLS = ("up_fill", "down_fill", "accent_fill", "error_fill")

LOOKS = [(theme, up_down) for theme in THEMES for up_down in UP_DOWN]


@pytest.mark.parametrize(("theme", "up_down"), LOOKS)
def test_text_reads_on_every_surface(theme: ThemeName, up_down: UpDownName) -> None:
    look = tokens(theme, up_down)

    poor = [
        (text, surface)
        for text in TEXTS
        for surface in SURFACES
        if contrast(getattr(look, text), getattr(look, surface)) < 4.5
    ]

    assert poor == []


@pytest.mark.parametrize(("theme", "up_down"), LOOKS)
def test_text_reads_on_filled_buttons(theme: ThemeName, up_down: UpDownName) -> None:
    look = tokens(theme, up_down)

    assert [each for each in FILLS if contrast(look.on_fill, getattr(look, each)) < 4.5] == []


def test_contrast_agrees_with_the_published_extremes() -> None:
    # WCAG 2.2: black on white is 21:1, a colour on itself 1:1; #767676 on white is the known 4.54:1 grey.
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#26a69a", "#26a69a") == pytest.approx(1.0)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


def test_directions_have_the_colours_of_the_blueprint() -> None:
    assert (DARK.up, DARK.down) == ("#26a69a", "#ef5350")
    assert (tokens("dark", "red-up").up, tokens("dark", "red-up").down) == ("#ef5350", "#26a69a")
    assert (tokens("light", "colour-blind").up, tokens("light", "colour-blind").down) == ("#2f7ed8", "#e69f00")


def test_lengths_lie_on_the_grid() -> None:
    assert [each % UNIT for each in (DARK.row, DARK.control, DARK.header)] == [0, 0, 0]


@pytest.mark.parametrize(("asked", "given"), [(0.1, 0.8), (1.5, 1.5), (9.0, 2.0)])
def test_the_font_scale_stays_between_80_and_200_percent(asked: float, given: float) -> None:
    assert tokens(font_scale=asked).font_scale == given
