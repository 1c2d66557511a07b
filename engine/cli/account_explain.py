"""`crs account explain|lots`: where a number of an account comes from, and which lots it holds."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

from engine.adapters.sql.history import read_history
from engine.adapters.sql.reader import Reader
from engine.adapters.sql.statement import chosen_account
from engine.adapters.sql.worth import read_worth
from engine.cli.table import instant, table
from engine.domain.asset import Asset
from engine.domain.history import AccountHistory
from engine.domain.order import AccountId, LotMethod
from engine.errors import InvalidInput
from engine.portfolio.currency import currency_of
from engine.portfolio.equity import Valuation
from engine.portfolio.explain import METHOD_WORDS, average, realised, realised_in, unrealised
from engine.portfolio.explain_worth import Worth, equity
from engine.portfolio.lots import LotBook, PairLots
from engine.portfolio.term import Explanation, Term, plain, trimmed
from engine.portfolio.turnover import assets_of

NUMBERS = ("realised", "unrealised", "equity", "average")

LINES = 100
"""Terms of one explanation for people, unless they ask for a depth."""


def add_explain(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `crs account explain`."""
    parser.add_argument("number", choices=NUMBERS, help="which number")
    parser.add_argument("--symbol", metavar="PAIR", help="of one pair, for example BTC/USDT (default: of all)")
    parser.add_argument("--depth", type=int, metavar="N", help="levels of terms (default: what fits; --json: all)")
    _add_method(parser)


def add_lots(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `crs account lots`."""
    parser.add_argument("--symbol", metavar="PAIR", help="of one pair, for example BTC/USDT (default: of all)")
    _add_method(parser)


def _add_method(parser: argparse.ArgumentParser) -> None:
    methods = tuple(str(each) for each in LotMethod)
    parser.add_argument("--method", choices=methods, help="by this lot method (default: the account's own)")


def run_explain(reader: Reader, args: argparse.Namespace, selected: str | None) -> int:
    """Print explanations, one per pair or currency."""
    history = read_history(reader, AccountId(chosen_account(reader, selected)))
    told = list(_explanations(reader, history, args))
    if args.json:
        _print_json(history.account, told, args.depth)
        return 0
    if not told:
        print(f"Account {history.account} holds nothing of what was asked.")
    for at, each in enumerate(told):
        depth = _fitting(each.total) if args.depth is None else args.depth
        sys.stdout.write("\n" * (at > 0) + "".join(_readable(each, depth)))
    return 0


def run_lots(reader: Reader, args: argparse.Namespace, selected: str | None) -> int:
    """Print the lots that are held."""
    history = read_history(reader, AccountId(chosen_account(reader, selected)))
    book = _book(history, args.method)
    pairs = [lots for lots in _asked(book, history, args.symbol) if lots.qty]
    if args.json:
        rows = [row for lots in pairs for row in _lot_rows(lots)]
        print(json.dumps({"account": history.account, "method": book.method, "lots": rows}, ensure_ascii=False))
        return 0
    keys = ("symbol", "lot", "acquired", "left", "bought", "price", "cost", "order_id", "trade_id")
    titles = ("pair", "lot", "bought (UTC)", "left", "of", "price", "cost of what is left", "order", "trade")
    shown = [tuple(str(row[key] or "") for key in keys) for lots in pairs for row in _lot_rows(lots, people=True)]
    print(table(f"Lots of {history.account}, {METHOD_WORDS[book.method]}", titles, shown))
    return 0


def _explanations(reader: Reader, history: AccountHistory, args: argparse.Namespace) -> Iterator[Explanation]:
    worth = read_worth(reader, history.account, history.pairs)
    if args.number == "equity":
        if args.symbol is not None or args.method is not None:
            raise InvalidInput("Equity is of all balances and has no lots; leave --symbol and --method away.")
        yield _equity(history, worth)
        return
    book = _book(history, args.method)
    if args.number == "realised" and args.symbol is None:
        quotes = {lots.pair.quote.code: lots.pair.quote for lots in book.pairs()}
        for quote in quotes.values():
            yield realised_in(book, quote)
        return
    for lots in _asked(book, history, args.symbol):
        if args.number == "realised":
            yield realised(lots)
        elif args.number == "average":
            if lots.qty or args.symbol:
                yield average(lots)
        elif lots.qty or args.symbol:
            yield _unrealised(lots, worth)


def _equity(history: AccountHistory, worth: Worth) -> Explanation:
    assets = assets_of(history.pairs)
    return equity(Valuation(history.pairs.values(), currency_of(history.pairs.values())), assets, worth)


def _unrealised(lots: PairLots, worth: Worth) -> Explanation:
    price = worth.prices.get(lots.pair.symbol)
    if price is None:
        raise InvalidInput(f"There is no price of {lots.pair.symbol} yet. Start crs-desktop, then ask again.")
    return unrealised(lots, price)


def _book(history: AccountHistory, method: str | None) -> LotBook:
    return LotBook(history.pairs, history.method if method is None else LotMethod(method), history.fills)


def _asked(book: LotBook, history: AccountHistory, symbol: str | None) -> list[PairLots]:
    if symbol is None:
        return book.pairs()
    if symbol not in history.pairs:
        raise InvalidInput(f"There is no pair {symbol}; there are {', '.join(history.pairs)}.")
    return [book.pair(symbol)]


# -- for programs -----------------------------------------------------------------------------------


def _print_json(account: str, told: list[Explanation], depth: int | None) -> None:
    """Print a list of explanations term by term: a year of trading has a hundred thousand."""
    write = sys.stdout.write
    for at, each in enumerate(told):
        head = {
            "account": account,
            "title": each.title,
            "shown": each.shown,
            "asset": each.asset.code,
            "formula": each.formula,
            "method": each.method,
            "note": each.note,
        }
        write((", " if at else "[") + _encode(head)[:-1] + ', "total": ')
        _print_term(write, each.asset, each.total, sys.maxsize if depth is None else depth)
        write("}")
    write("]\n" if told else "[]\n")


_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode


def _print_term(write: Callable[[str], object], asset: Asset, term: Term, depth: int) -> None:
    text = _encode({"label": term.label, "amount": plain(asset, term.amount), "how": term.how})
    if depth <= 0 or term.more is None:
        write(text)
        return
    write(text[:-1] + ', "parts": [')
    for at, part in enumerate(term.parts()):
        if at:
            write(", ")
        _print_term(write, asset, part, depth - 1)
    write("]}")


def _lot_rows(lots: PairLots, *, people: bool = False) -> Iterator[dict[str, Any]]:
    pair = lots.pair
    if lots.method is LotMethod.AVERAGE:
        yield {
            "symbol": pair.symbol, "lot": "pool" if people else None, "acquired": None,
            "left": trimmed(pair.qty_text(lots.qty)), "bought": None, "price": None,
            "cost": plain(pair.quote, lots.cost), "order_id": None, "trade_id": None,
        }  # fmt: skip
        return
    for lot in lots.held():
        yield {
            "symbol": pair.symbol, "lot": lot.number,
            "acquired": instant(lot.fill.at) if people else lot.fill.at,
            "left": trimmed(pair.qty_text(lot.left)), "bought": trimmed(pair.qty_text(lot.fill.qty)),
            "price": trimmed(pair.price_text(lot.fill.price)), "cost": plain(pair.quote, lot.cost_left),
            "order_id": lot.fill.order_id, "trade_id": lot.fill.trade_id,
        }  # fmt: skip


# -- for people ---------------------------------------------------------------------------------------


def _fitting(term: Term) -> int:
    """Return how many levels there are in a screenful or two; the first one always."""
    depth, lines, level = 0, 1, [term]
    while level := [part for each in level for part in each.parts()]:
        lines += len(level)
        if depth and lines > LINES:
            break
        depth += 1
    return depth


def _readable(told: Explanation, depth: int) -> Iterator[str]:
    method = "" if told.method is None else f" ({METHOD_WORDS[told.method]})"
    yield f"{told.title}{method}: {told.shown}\n  = {told.formula}\n"
    for level, term in _walk(told.total, depth):
        how = f"   {term.how}" if term.how else ""
        yield f"{'  ' * (level + 1)}{plain(told.asset, term.amount)} {told.asset.code}  {term.label}{how}\n"
    if told.note:
        yield f"  {told.note}\n"


def _walk(term: Term, depth: int, level: int = 0) -> Iterator[tuple[int, Term]]:
    yield level, term
    if level < depth:
        for part in term.parts():
            yield from _walk(part, depth, level + 1)
