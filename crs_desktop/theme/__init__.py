"""The look: tokens, and what Qt makes of them.

    theme.current()          the tokens in force
    theme.color("up_text")   a shared QColor of a token (do not change it)
    theme.font("number")     a font of the type scale; all of them have tabular figures
    theme.set_font(w, role)  gives a widget a role; it follows later changes of the font scale
    theme.set_tone(w, tone)  colours a label by meaning: text muted faint up down warn error accent …
    theme.icon("search")     an icon of the set in a token's colour
    theme.letter_column(…)   writes a column of figures in one call, for what is repainted often
    theme.paint_banner(…)    paints a sentence across something that cannot be trusted
    theme.apply(app, …)      changes the theme of the running program

Custom painters read `current()` inside `paintEvent`; a change of theme repaints every widget.
"""

from crs_desktop.theme.banner import paint_banner
from crs_desktop.theme.font import FONT_ROLES, digit_width, font, load_fonts, set_font
from crs_desktop.theme.icon import icon, pixmap
from crs_desktop.theme.lettering import letter_column
from crs_desktop.theme.look import apply, color, current, data_tone, flashes, palette, qss, set_flashes, set_tone
from crs_desktop.theme.tokens import THEMES, UNIT, UP_DOWN, ThemeName, Tokens, UpDownName, contrast, tokens

__all__ = [
    "FONT_ROLES",
    "THEMES",
    "UNIT",
    "UP_DOWN",
    "ThemeName",
    "Tokens",
    "UpDownName",
    "apply",
    "color",
    "contrast",
    "current",
    "data_tone",
    "digit_width",
    "flashes",
    "font",
    "icon",
    "letter_column",
    "load_fonts",
    "paint_banner",
    "palette",
    "pixmap",
    "qss",
    "set_flashes",
    "set_font",
    "set_tone",
    "tokens",
]
