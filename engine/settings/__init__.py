"""The declared settings of the program, and the file they live in.

`Settings` is an immutable value; `describe()` lists every setting as data (the settings pane and the
documentation are made from it); `load` and `save` keep them in a TOML file that people may edit.
Secrets are never here, and neither is the layout of the window.
"""

from engine.settings.declared import (
    Account,
    Appearance,
    Market,
    Risk,
    SettingInfo,
    Settings,
    Trading,
    changed,
    describe,
    value_of,
)
from engine.settings.file import load, save

__all__ = [
    "Account",
    "Appearance",
    "Market",
    "Risk",
    "SettingInfo",
    "Settings",
    "Trading",
    "changed",
    "describe",
    "load",
    "save",
    "value_of",
]
