"""Actions on the account: choose one, open a new one, or trade somewhere else."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from crs_desktop.i18n import tr
from crs_desktop.wiring.console import Bindings, Console
from engine.domain.order import AccountId


class AccountActions:
    """The group `account`, and what the account menu offers."""

    def __init__(self, console: Console, venues: Callable[[], list[tuple[str, Callable[[], object]]]]) -> None:
        """`venues` are the other places to trade, for the end of the menu."""
        self._console, self._venues = console, venues

    def bindings(self) -> Bindings:
        """Return what each action does."""
        return {"account.reset": self.ask_reset}

    def offers(self) -> list[tuple[str, Callable[[], object]]]:
        """Return what the account menu offers."""
        engine = self._console.engine
        if engine is None:
            return []
        if engine.server is not None:
            return self._venues()
        found: list[tuple[str, Callable[[], object]]] = []
        for account in engine.accounts:
            mark = "●" if account == engine.venue.account else "○"
            found.append((f"{mark} {account}", partial(self._use, account)))
        return [*found, (tr("New paper account…"), self.ask_reset), ("", _nothing), *self._venues()]

    def ask_reset(self) -> None:
        """Ask whether to start a new account; the old one is kept."""
        if self._console.engine is None:
            return
        self._console.confirm(
            tr("Start a new paper account?"),
            tr(
                "Working orders are cancelled. The new account starts with the balances of the settings; "
                "the old one is kept."
            ),
            tr("New account"),
            lambda: self._console.do(self._reset()),
        )

    def _use(self, account: AccountId) -> None:
        self._console.do(self._select(account))

    async def _select(self, account: AccountId) -> None:
        engine = self._console.engine
        try:
            await engine.select_account(account)
        finally:  # which account is in use is a setting too, even if that could not be kept
            self._console.run.settings = engine.settings

    async def _reset(self) -> None:
        engine = self._console.engine
        account = await engine.reset_account()
        self._console.run.settings = engine.settings
        self._console.toasts.say(tr("New account"), str(account), "good")


def _nothing() -> None:
    """A line between entries."""
