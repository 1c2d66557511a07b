"""Actions on the account's numbers: say where they come from, choose the lot method, write statements."""

from __future__ import annotations

from functools import partial

from crs_desktop.i18n import spoken, tr
from crs_desktop.viewmodels.explain import METHODS, ExplainModel
from crs_desktop.viewmodels.statements import StatementsModel
from crs_desktop.wiring.console import Bindings, Console
from engine.domain.order import LotMethod
from engine.services.explain import Number, Question


class ExplainActions:
    """The part of the group `account` that is about numbers."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def bindings(self) -> Bindings:
        """Return what each action does."""
        return {
            "account.explain_realised": lambda: self.show(Question(Number.REALISED)),
            "account.explain_unrealised": lambda: self.show(self._of_pair(Number.UNREALISED)),
            "account.explain_average": lambda: self.show(self._of_pair(Number.AVERAGE)),
            "account.explain_equity": lambda: self.show(Question(Number.EQUITY)),
            "account.explain_day": lambda: self.show(Question(Number.DAY)),
            "account.statements": lambda: self.show(Question(Number.REALISED), statements=True),
            **{f"account.lots_{method}": partial(self._choose, method) for method in LotMethod},
        }

    def show(self, question: Question, *, statements: bool = False) -> None:
        """Open the dialog on a number; with the keyboard on the statements if they are what is wanted."""
        from crs_desktop.panes.explain import ExplainDialog

        console = self._console
        models = ExplainModel(console.desk, question), StatementsModel(console.desk)
        dialog = ExplainDialog(console.window, *models, console.window.pulse)
        dialog.open()
        if statements:
            dialog.bar.report.setFocus()

    def _of_pair(self, number: Number) -> Question:
        return Question(number, self._console.desk.symbol)

    def _choose(self, method: LotMethod) -> None:
        self._console.do(self._chosen(method))

    async def _chosen(self, method: LotMethod) -> None:
        console = self._console
        await console.desk.lots.choose(method)
        said = tr("Cost and profit of {account} follow from it, in the past too.", account=console.desk.venue.account)
        console.toasts.say(spoken(METHODS[method]), said, "good")
