"""Workspaces and layouts of every shape that can be saved, from a seed: a thousand times quicker than hypothesis."""

from __future__ import annotations

from random import Random

from crs_desktop.viewmodels.layout import Layout, Rect
from crs_desktop.viewmodels.workspace import COUNTS, ChartSpec, Shown, TabSpec, WindowSpec, Workspace

SYMBOLS = ("BTC/USDT", "ETH/USDT", "SHIB/USDT")
FRAMES = ("1s", "1m", "4h", "1d")
NAMES = ("", "Scalp", "a & b", "日中", '"quoted" \\ <b>', "x" * 40, "🙂", "line\nbreak")


def json_of(dice: Random, depth: int = 2) -> object:
    """Return some value that JSON knows."""
    plain = (None, True, False, dice.randrange(-(2**53), 2**53), dice.uniform(-1e9, 1e9), 0.1, dice.choice(NAMES))
    if depth == 0 or dice.random() < 0.6:
        return dice.choice(plain)
    if dice.random() < 0.5:
        return [json_of(dice, depth - 1) for _ in range(dice.randrange(3))]
    return {f"{dice.choice(NAMES)}{number}": json_of(dice, depth - 1) for number in range(dice.randrange(3))}


def rect_of(dice: Random) -> Rect | None:
    """Return a place of a window, or none."""
    place = Rect(dice.randint(-5000, 5000), dice.randint(-5000, 5000), dice.randint(1, 6000), dice.randint(1, 6000))
    return dice.choice((None, place))


def chart_of(dice: Random) -> ChartSpec:
    extra = {name: json_of(dice) for name in dice.sample(("style", "scale", "indicators"), dice.randrange(3))}
    link = dice.choice(("A", "B", "C", ""))
    return ChartSpec(link, dice.choice(SYMBOLS), dice.choice(FRAMES), dice.random() < 0.3, extra)


def tab_of(dice: Random) -> TabSpec:
    split = dice.choice(list(COUNTS))
    charts = tuple(chart_of(dice) for _ in range(dice.randint(COUNTS[split], 4)))
    shares = dice.randint(100, 900), dice.randint(100, 900)
    return TabSpec(dice.choice(NAMES), split, charts, dice.randrange(COUNTS[split]), *shares)


def window_of(dice: Random) -> WindowSpec:
    tabs = tuple(tab_of(dice) for _ in range(dice.randint(1, 2)))
    return WindowSpec(rect_of(dice), dice.random() < 0.3, tabs, dice.randrange(len(tabs)))


def workspace_of(dice: Random) -> Workspace:
    tabs = tuple(tab_of(dice) for _ in range(dice.randint(1, 4)))
    shown = {name: Shown(dice.choice(SYMBOLS), dice.choice(FRAMES)) for name in ("B", "C")}
    windows = tuple(window_of(dice) for _ in range(dice.randrange(3)))
    return Workspace(
        dice.choice(NAMES), rect_of(dice), dice.random() < 0.3, dice.choice(("", "AAAA/wAB", "x" * 300)),
        dice.choice(SYMBOLS), dice.choice(FRAMES), shown, tabs, dice.randrange(len(tabs)), windows,
    )  # fmt: skip


def layout_of(dice: Random) -> Layout:
    workspaces = tuple(workspace_of(dice) for _ in range(dice.randint(1, 3)))
    return Layout(workspaces, dice.randrange(len(workspaces)), dice.random() < 0.5, dice.random() < 0.5)
