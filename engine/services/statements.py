"""Statements of an account's year as files: made from its history, written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from pathlib import Path

from engine.domain.history import AccountHistory
from engine.domain.order import LotMethod
from engine.errors import StorageUnavailable
from engine.portfolio.lots import LotBook
from engine.portfolio.sheet import AT_ONCE, Format, Sheet
from engine.portfolio.statement import AccountYear, TaxReport
from engine.portfolio.taxlots import Year

Progress = Callable[[float], bool]
"""Told how much is done, from 0 to 1; answers whether to go on."""


class Report(StrEnum):
    """The statements there are."""

    TAX_LOTS = "tax-lots"
    ACCOUNT = "account"


def statement(history: AccountHistory, report: Report, year: Year, method: LotMethod | None = None) -> Sheet:
    """Return a statement of a year; the tax-lot report by a method, the account's own if None."""
    if report is Report.ACCOUNT:
        return AccountYear(history, year)
    book = LotBook(history.pairs, method or history.method, history.fills)
    return TaxReport(history.account, book, year)


def write_sheet(sheet: Sheet, form: Format, path: Path, progress: Progress | None = None) -> bool:
    """Write a sheet to a file, which appears when it is whole; return False if `progress` called it off.

    Raises:
        StorageUnavailable: the file cannot be written; nothing was left behind.
    """
    partial, size = path.with_name(path.name + ".partial"), max(1, sheet.size)
    try:
        with partial.open("w", encoding="utf-8", newline="") as file:
            for count, piece in enumerate(sheet.text(form)):
                file.write(piece)
                if progress is not None and not progress(min(1.0, count * AT_ONCE / size)):
                    break
            else:
                file.flush()
                os.fsync(file.fileno())
                os.replace(partial, path)
                return True
    except OSError as error:
        _forget(partial)
        raise StorageUnavailable(f"{path} could not be written: {error.strerror or error}.") from error
    _forget(partial)
    return False


def _forget(path: Path) -> None:
    with suppress(OSError):
        path.unlink(missing_ok=True)
