"""All scenes, by name: importing this module gathers them."""

from __future__ import annotations

from tests.crs_desktop.golden import (
    alert_scenes,
    chart_scenes,
    drawing_scenes,
    flow_scenes,
    profile_scenes,
    server_scenes,
    study_scenes,
    trading_scenes,
    wallet_scenes,
)
from tests.crs_desktop.golden.studio import SCENES, Scene, Stage

GATHERED = (
    alert_scenes,
    chart_scenes,
    drawing_scenes,
    flow_scenes,
    profile_scenes,
    server_scenes,
    study_scenes,
    trading_scenes,
    wallet_scenes,
)

__all__ = ["GATHERED", "SCENES", "Scene", "Stage"]
