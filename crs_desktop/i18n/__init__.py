"""Words on the screen: `tr()` on every text a person reads, catalogues made by Qt Linguist."""

from __future__ import annotations

from importlib.resources import as_file, files

from PySide6.QtCore import QCoreApplication, QLocale, QTranslator

from crs_desktop.viewmodels.words import Sentence

CONTEXT = "crs"


def tr(text: str, /, **values: object) -> str:
    """Return the text in the user's language, with `{name}` filled in from `values`.

    A translation that lost a placeholder falls back to the English text instead of failing.
    """
    translated = QCoreApplication.translate(CONTEXT, text)
    if not values:
        return translated
    try:
        return translated.format(**values)
    except (KeyError, IndexError, ValueError):
        return text.format(**values)


def install(app: QCoreApplication, locale: QLocale | None = None) -> bool:
    """Load the catalogue of a locale (the system's if None), if the package has one."""
    wanted = locale if locale is not None else QLocale.system()
    translator = QTranslator(app)
    directory = files("resources") / "translations"
    if not directory.is_dir():
        return False
    with as_file(directory) as path:
        if not translator.load(wanted, CONTEXT, "_", str(path)):
            return False
    return app.installTranslator(translator)


def spoken(sentence: Sentence | None) -> str:
    """Return a view-model's sentence in the user's language, empty for none; its values are never markup."""
    return tr(sentence.source, **sentence.values) if sentence is not None and sentence.source else ""
