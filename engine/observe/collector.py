"""The collector of cycles, told what it need not look at.

What a program holds while it trades (open orders, ids, books) only grows the heap that is searched; hardly any of
it is cyclic.
"""

from __future__ import annotations

import gc


def settle() -> None:
    """Tell the collector that what is there now stays: modules, theme and panes are not searched again and again.

    Without it a fifteenth of the desktop's time at rest goes into looking at them.
    """
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
