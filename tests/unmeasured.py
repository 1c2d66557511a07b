"""Programs whose lines are not counted: what they run is counted elsewhere, or they are killed and could not tell."""

from __future__ import annotations

UNMEASURED = {"COVERAGE_PROCESS_CONFIG": ""}
"""What to put into the environment of such a program; counting makes it half as fast again."""
