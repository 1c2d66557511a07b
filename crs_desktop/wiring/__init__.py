"""What every declared action does: where keys, menus and palette meet window and engine.

wiring    binds all actions, takes an engine and gives it back
console   what the actions have in their hands: window, toasts, and the engine while there is one
trading  risk  market  account  settings  view  program      one group of actions each
"""

from crs_desktop.wiring.wiring import Wiring

__all__ = ["Wiring"]
