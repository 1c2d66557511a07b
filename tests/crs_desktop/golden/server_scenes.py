"""Servers: signing in and up, the band of a live account, security, recovery codes, how a server is doing."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from crs_desktop.actions import ActionBook
from crs_desktop.panes.server.metrics import MetricsPane
from crs_desktop.shell.band import Band
from crs_desktop.shell.server.link_bar import LinkBar
from crs_desktop.shell.server.security import SecurityDialog
from crs_desktop.shell.server.sign_in import SignInDialog
from crs_desktop.viewmodels.server.link import LinkModel
from crs_desktop.viewmodels.server.metrics import MetricsModel
from crs_desktop.viewmodels.server.security import SecurityModel
from crs_desktop.viewmodels.server.sign_in import SignIn, Step
from crs_desktop.viewmodels.server.venue import ShownVenue
from engine.bus import Bus
from engine.ports.server import ConnectionChanged, ConnectionState
from tests.crs_desktop.golden.studio import Stage, scene
from tests.crs_desktop.server_figures import busy
from tests.crs_desktop.server_floor import CODE, MemoryAccess

URL = "https://demo.example.org"


def _sign_in(step: Step) -> SignIn:
    model = SignIn(_nowhere, url=URL, email="ann@example.org", access=MemoryAccess())
    model.go(step)
    return model


async def _nowhere(_url: str) -> MemoryAccess:
    return MemoryAccess()


async def _dialog(stage: Stage, model: SignIn) -> SignInDialog:
    parent = QWidget()
    stage.closing.append(parent.close)
    dialog = SignInDialog(parent, model, lambda _model: None)
    stage.closing.append(dialog.reject)
    await stage.show(dialog)
    return dialog


@scene("sign-in", 420, 330)
async def sign_in(stage: Stage) -> QWidget:
    model = _sign_in(Step.SIGN_IN)
    model.set("password", "wrong horse")
    dialog = await _dialog(stage, model)
    await model.submit()
    dialog.go_on.setFocus()  # where a caret stands is not what is looked at
    return dialog


@scene("sign-up", 420, 380)
async def sign_up(stage: Stage) -> QWidget:
    model = _sign_in(Step.REGISTER)
    model.set("username", "a!")
    model.set("new_password", "horsehorse")
    await model.judge()
    dialog = await _dialog(stage, model)
    await model.submit()
    dialog.go_on.setFocus()  # where a caret stands is not what is looked at
    return dialog


@scene("live-band", 640, 60)
async def band(stage: Stage) -> QWidget:
    desk = await stage.desk()
    holder, band, bar = QWidget(), Band(), LinkBar(ActionBook())
    box = QVBoxLayout(holder)
    box.setContentsMargins(0, 0, 0, 0)
    box.setSpacing(0)
    box.addWidget(band)
    box.addWidget(bar)
    band.show_origin("LIVE", "SERVER", ShownVenue("U-1", "demo.example.org", "demo"))
    bar.show_model(LinkModel(desk, "demo.example.org", Bus(), lambda: 0.0))
    stage.closing.append(lambda: bar.show_model(None))
    text = "demo.example.org cannot be reached."
    desk.bus.publish(ConnectionChanged(ConnectionState.WAITING, text, 3, 8.0))
    bar.refresh()
    await stage.show(holder)
    return holder


@scene("security-keys", 720, 420)
async def keys(stage: Stage) -> QWidget:
    access = MemoryAccess(signed_in=True)
    access.security.proofs = 1
    await access.security.add_key("Bot at home", ("read", "trade"), ("203.0.113.0/24",))
    await access.security.add_key("<img src=x>", ("read",))
    return await _security(stage, access, 3)


@scene("security-codes", 720, 420)
async def codes(stage: Stage) -> QWidget:
    access = MemoryAccess(signed_in=True)
    dialog = await _security(stage, access, 1)
    await dialog.model.confirm(CODE)
    return dialog


async def _security(stage: Stage, access: MemoryAccess, subject: int) -> SecurityDialog:
    parent = QWidget()
    parent.resize(1200, 800)
    stage.closing.append(parent.close)
    model = SecurityModel(access)
    dialog = SecurityDialog(parent, model, "ann@example.org on demo.example.org", lambda: None)
    stage.closing.append(dialog.reject)
    dialog.show_subject(subject)
    await model.read()
    await stage.show(dialog)
    return dialog


@scene("server-metrics", 720, 520)
async def metrics(stage: Stage) -> QWidget:
    model = MetricsModel(busy, "demo.example.org", lambda: 0.0)
    await model.read()
    pane = MetricsPane(model)
    await stage.show(pane)
    return pane
