"""`crs account statement`: the tax-lot report or the account statement of a year, as CSV or JSON."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from engine.adapters.sql.history import read_history
from engine.adapters.sql.reader import Reader
from engine.adapters.sql.statement import chosen_account
from engine.domain.order import AccountId, LotMethod
from engine.errors import InvalidInput
from engine.portfolio.sheet import Format
from engine.portfolio.taxlots import Year
from engine.portfolio.turnover import years
from engine.services.statements import Report, statement, write_sheet


def add_statement(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `crs account statement`."""
    reports, formats = (tuple(str(each) for each in kind) for kind in (Report, Format))
    methods = tuple(str(each) for each in LotMethod)
    parser.add_argument("--year", metavar="Y", help="the calendar year, UTC (default: the last one with a trade)")
    parser.add_argument(
        "--report", choices=reports, default=reports[0], help="every lot sold, or every movement (default: tax-lots)"
    )
    parser.add_argument("--format", choices=formats, default=formats[0], help="default: csv")
    parser.add_argument("--method", choices=methods, help="by this lot method (default: the account's own)")
    parser.add_argument("--out", metavar="FILE", type=Path, help="where to (default: standard output)")


def run_statement(reader: Reader, args: argparse.Namespace, selected: str | None) -> int:
    """Print or write a statement."""
    history = read_history(reader, AccountId(chosen_account(reader, selected)))
    report, form = Report(args.report), Format(args.format)
    if report is Report.ACCOUNT and args.method is not None:
        raise InvalidInput("The account statement has no lots; leave --method away, or ask for --report tax-lots.")
    year = Year.parse(args.year) if args.year is not None else years(history)[-1]
    sheet = statement(history, report, year, LotMethod(args.method) if args.method is not None else None)
    if args.out is None:
        for piece in sheet.text(form):
            sys.stdout.write(piece)
    else:
        write_sheet(sheet, form, args.out)
        print(f"Wrote {args.out}: {report} of {history.account}, {year.number}.")
    return 0
