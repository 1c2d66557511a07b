"""What reading a frame or an answer of a venue may raise when it is cut off or altered: all of it is `Garbled`."""

from __future__ import annotations

import msgspec

UNREADABLE = (msgspec.DecodeError, ValueError, IndexError, ArithmeticError, RecursionError)
"""No JSON or of another shape; no UTF-8, or a number of thousands of digits; too short; no decimal; nested too deep."""
