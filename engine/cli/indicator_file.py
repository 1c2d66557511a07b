"""`crs indicator FILE.py`: the user's own indicator, run here; what it prints goes to the standard error."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import CrsError, InvalidInput

if TYPE_CHECKING:
    from engine.indicators.spec import Columns, Floats, Indicator, Value


def own_file(name: str) -> Indicator:
    """Return the indicator that a file defines.

    Raises:
        InvalidInput: the file cannot be read or run; later, from its code, with the line.
    """
    from engine.indicators.host import load

    try:
        text = Path(name).read_text(encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"{name} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{name} is no text in UTF-8.") from error
    try:
        with redirect_stdout(sys.stderr):
            indicator = load(text, name, Path(name).stem)
    except (Exception, SystemExit) as error:
        raise _told(error, name) from error

    def batch(columns: Columns, **values: Value) -> tuple[Floats, ...]:
        try:
            with redirect_stdout(sys.stderr):
                return indicator.batch(columns, **values)
        except (Exception, SystemExit) as error:
            raise _told(error, name) from error

    return replace(indicator, batch=batch)


def _told(error: BaseException, name: str) -> CrsError:
    from engine.indicators.host import trouble_of

    trouble = trouble_of(error, name)
    where = f"{name}, line {trouble.line}" if trouble.line else name
    return InvalidInput(f"{where}: {trouble.message}")
