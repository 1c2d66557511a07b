"""Actions on workspaces: switch, save as, rename, delete and bring back."""

from __future__ import annotations

from functools import partial

from crs_desktop.i18n import spoken, tr
from crs_desktop.viewmodels.layout import MOST_WORKSPACES, Layout
from crs_desktop.viewmodels.workspace import Workspace
from crs_desktop.wiring.console import Bindings, Console


class WorkspaceActions:
    """The group `workspace`."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._arrangement = console.run.arrangement
        self._gone: list[tuple[int, Workspace]] = []
        self._arrangement.on_change(self._show)

    def bindings(self) -> Bindings:
        """Return what each action does."""
        return {
            **{f"workspace.{number}": partial(self.switch, number - 1) for number in range(1, MOST_WORKSPACES + 1)},
            "workspace.save_as": self._ask_save_as,
            "workspace.rename": self._ask_rename,
            "workspace.delete": self._delete,
            "workspace.undo_delete": self._bring_back,
        }

    def attach(self) -> None:
        """Show which workspace is in use."""
        self._show(self._arrangement.layout)

    def switch(self, index: int) -> None:
        """Take up a workspace by its place."""
        layout = self._arrangement.layout
        if index < len(layout.workspaces):
            self._arrangement.switch(index)
            return
        title = tr("No workspace {number}", number=index + 1)
        self._console.toasts.say(title, tr("Save this one under another name to make one."))

    def _ask_save_as(self) -> None:
        layout = self._arrangement.layout
        first = tr("Workspace {number}", number=len(layout.workspaces) + 1)
        self._ask(tr("Save the workspace as"), tr("Save"), first, rename=False)

    def _ask_rename(self) -> None:
        self._ask(tr("Rename the workspace"), tr("Rename"), self._arrangement.layout.here.name, rename=True)

    def _ask(self, title: str, verb: str, first: str, *, rename: bool) -> None:
        from crs_desktop.shell.name_dialog import NameDialog

        arrangement = self._arrangement
        take = arrangement.rename if rename else arrangement.save_as

        NameDialog(
            self._console.window,
            title,
            verb,
            first,
            lambda name: arrangement.layout.problem_of(name, rename=rename),
            take,
        ).open()

    def _delete(self) -> None:
        arrangement, toasts = self._arrangement, self._console.toasts
        if len(arrangement.layout.workspaces) == 1:
            toasts.say(tr("The last workspace stays"), tr("Save another one first."))
            return
        self._gone.append(arrangement.delete())
        toasts.undoable(tr("Workspace deleted"), self._gone[-1][1].name, self._bring_back)

    def _bring_back(self) -> None:
        arrangement, toasts = self._arrangement, self._console.toasts
        if not self._gone:
            toasts.say(tr("No deleted workspace"), tr("There is no workspace to bring back."))
            return
        index, workspace = self._gone[-1]
        problem = arrangement.layout.problem_of(workspace.name)
        if problem.source:
            toasts.say(tr("Not brought back"), spoken(problem), "error")
            return
        self._gone.pop()
        arrangement.bring_back(index, workspace)

    def _show(self, layout: Layout) -> None:
        book = self._console.book
        for number in range(1, MOST_WORKSPACES + 1):
            there = number <= len(layout.workspaces)
            book.note(f"workspace.{number}", layout.names[number - 1] if there else "")
        self._console.window.workspace.show_layout(layout)
