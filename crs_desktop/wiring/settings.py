"""Actions on the settings: the dialog, the other theme, and how a change is taken over."""

from __future__ import annotations

import msgspec
from PySide6.QtWidgets import QApplication

from crs_desktop import theme
from crs_desktop.i18n import tr
from crs_desktop.viewmodels import time_zone
from crs_desktop.viewmodels.hook import Hook
from crs_desktop.wiring.account import AccountActions
from crs_desktop.wiring.console import Bindings, Console
from engine.errors import CrsError
from engine.settings import Settings, save


class SettingsActions:
    """Shows and applies settings."""

    def __init__(self, console: Console, account: AccountActions) -> None:
        self._console, self._account = console, account
        self.changed: Hook[Settings] = Hook()
        """Hears settings after they were changed."""

    def bindings(self) -> Bindings:
        """Return what each action does."""
        return {"view.settings": lambda: self.show(""), "view.theme": self._switch_theme}

    def show(self, path: str) -> None:
        """Open the settings, at one of them if a path is given."""
        from crs_desktop.panes.settings import SettingsDialog
        from crs_desktop.viewmodels.settings import SettingsForm

        console = self._console
        form = SettingsForm(console.run.settings, self._apply, console.book)
        ask_reset = self._account.ask_reset if console.book.is_enabled("account.reset") else None
        SettingsDialog(console.window, form, ask_reset).open_at(path)

    def take_keys(self, settings: Settings) -> None:
        """Put the hotkeys of the settings in force and say what cannot be."""
        for problem in self._console.book.rebind(settings.hotkeys):
            self._console.window.notice.say(problem)

    def _apply(self, settings: Settings) -> None:
        """Take changed settings: look and keys at once, the engine's part with its own durability."""
        console, run = self._console, self._console.run
        resized = settings.appearance.font_scale != run.settings.appearance.font_scale
        run.settings = settings
        look = settings.appearance
        theme.set_flashes(look.flash == "on")
        time_zone.choose(look.time_zone)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            theme.apply(app, look.theme, look.up_down, look.font_scale / 100)
        if resized:
            console.window.docks.size_docks()
        self.take_keys(settings)
        self.changed.fire(settings)
        if console.engine is not None:
            console.do(console.engine.apply(settings))
        else:
            try:
                run.profile.create()
                save(settings, run.profile.settings_file)
            except CrsError as error:
                console.toasts.say(tr("Not saved"), str(error), "error")

    def _switch_theme(self) -> None:
        settings = self._console.run.settings
        other = "light" if settings.appearance.theme == "dark" else "dark"
        look = msgspec.structs.replace(settings.appearance, theme=other)
        self._apply(msgspec.structs.replace(settings, appearance=look))
