"""What speaks against a transaction: every rule of the send pipeline, as a pure function of what is known.

`remarks` gives notes, warnings (each acknowledged by its code before a signature) and refusals (no signature). A rule
never talks to a chain: the pipeline gathers `Facts` first.
"""

from engine.defi.policy.facts import DEFAULT_LIMITS, Facts, Limits
from engine.defi.policy.rules import remarks

__all__ = ["DEFAULT_LIMITS", "Facts", "Limits", "remarks"]
