"""Reading the text form of commands: one JSON object per line, amounts as decimal strings."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal

from engine.cli.simulate_values import (
    DECODER,
    DISPLAY_QTY,
    NOT_FINITE,
    PRICE,
    QTY,
    STOP_PRICE,
    TRAIL,
    Entry,
    Grid,
    Malformed,
    basis_points,
    decimal,
    flag,
    integer,
    number,
    shown,
    string,
    word,
)
from engine.domain.asset import Asset
from engine.domain.command import AmendOrder, CancelOrder, Command, Deposit, Fault, ListPair, SubmitList, SubmitOrder
from engine.domain.number import EXACT, Lots, Nanos, Units, ceil_div, parse_decimal
from engine.domain.order import AccountId, ListKind, OrderId, OrderType, Reason, SelfTrade, Side, TimeInForce
from engine.domain.pair import FeeRate, TradingPair
from engine.errors import InvalidInput

PAIR_KEYS = frozenset(
    {
        "type",
        "symbol",
        "base",
        "quote",
        "tick",
        "lot",
        "base_decimals",
        "quote_decimals",
        "min_notional",
        "maker_fee",
        "taker_fee",
    }
)
DEPOSIT_KEYS = frozenset(["type", "ts", "account", "asset", "amount"])
ORDER_KEYS = frozenset(["id", "symbol", "side", "order_type", "qty"])
ORDER_OPTIONS = frozenset(
    ["price", "tif", "expire_ts", "post_only", "reduce_only", "display_qty", "stop_price", "trail", "trail_bps", "stp"]
)
SUBMIT_KEYS = ORDER_KEYS | {"type", "ts", "account"}
CANCEL_KEYS = frozenset(["type", "ts", "account", "id"])
AMEND_OPTIONS = frozenset(["qty", "price", "stop_price", "trail"])
LIST_KEYS = frozenset(["type", "ts", "account", "id", "kind", "orders"])
CLOCK_KEYS = frozenset(["type", "ts"])
NO_KEYS: frozenset[str] = frozenset()

SIDES = {word.value: word for word in Side}
TYPES = {word.value: word for word in OrderType}
TIFS = {word.value: word for word in TimeInForce}
MODES = {word.value: word for word in SelfTrade}
KINDS = {word.value: word for word in ListKind}


class Reader:
    """Turns lines into commands; knows the pairs that earlier lines listed and the time of the last line."""

    def __init__(self, pair_of: Callable[[AccountId, OrderId], TradingPair | None]) -> None:
        self._pair_of = pair_of
        self._grids: dict[str, tuple[Grid, Grid]] = {}
        self._assets: dict[str, Asset] = {}
        self.now: Nanos | None = None
        """Time of the last line that had one."""

    def read(self, line: bytes) -> Command | None:
        """Return the command of a line, None if it only lets time pass.

        Raises:
            Malformed: the line is not well formed; nothing was changed.
        """
        entry = self._entry(line)
        kind = entry.get("type")
        if kind == "submit":
            self._check_keys(entry, SUBMIT_KEYS, ORDER_OPTIONS)
            self._pass_time(entry)
            return self._order(entry, AccountId(string(entry, "account")))
        if kind == "cancel":
            self._check_keys(entry, CANCEL_KEYS)
            self._pass_time(entry)
            return CancelOrder(AccountId(string(entry, "account")), OrderId(string(entry, "id")))
        if kind == "amend":
            self._check_keys(entry, CANCEL_KEYS, AMEND_OPTIONS)
            self._pass_time(entry)
            return self._amend(entry)
        if kind == "clock":
            self._check_keys(entry, CLOCK_KEYS)
            self._pass_time(entry)
            return None
        if kind == "deposit":
            self._check_keys(entry, DEPOSIT_KEYS)
            self._pass_time(entry)
            return self._deposit(entry)
        if kind == "pair":
            self._check_keys(entry, PAIR_KEYS)
            return ListPair(_pair(entry))
        if kind == "submit_list":
            self._check_keys(entry, LIST_KEYS)
            self._pass_time(entry)
            return self._list(entry)
        if "type" not in entry:
            raise Malformed('missing key "type"')
        raise Malformed(f"unknown type {shown(kind)}")

    def listed(self, pair: TradingPair) -> None:
        """Take note of a pair that the exchange lists now."""
        self._grids[pair.symbol] = (Grid(pair.lot, pair.lot_decimals), Grid(pair.tick, pair.tick_decimals))
        self._assets[pair.base.code] = pair.base
        self._assets[pair.quote.code] = pair.quote

    @staticmethod
    def _entry(line: bytes) -> Entry:
        try:
            entry = DECODER.decode(line.decode("utf-8"))
        except UnicodeDecodeError as error:
            raise Malformed(f"not UTF-8: byte {error.start + 1} is 0x{line[error.start]:02x}") from None
        except json.JSONDecodeError as error:
            raise Malformed(f"not JSON: {error.msg} at column {error.colno}") from None
        except RecursionError:
            raise Malformed("nested too deeply") from None
        if type(entry) is not dict:
            raise Malformed("not a JSON object")
        return entry

    @staticmethod
    def _check_keys(entry: Entry, needed: frozenset[str], options: frozenset[str] = NO_KEYS) -> None:
        if entry.keys() == needed:
            return
        for key in entry:
            if key not in needed and key not in options:
                raise Malformed(f"unknown key {shown(key)}")
        for key in sorted(needed):
            if key not in entry:
                raise Malformed(f"missing key {shown(key)}")

    def _pass_time(self, entry: Entry) -> None:
        now = integer(entry, "ts")
        if self.now is not None and now < self.now:
            raise Malformed(f"time runs backwards: ts {now} comes after {self.now}")
        self.now = Nanos(now)

    def _deposit(self, entry: Entry) -> Deposit:
        account, code = string(entry, "account"), string(entry, "asset")
        asset = self._assets.get(code)
        if asset is None:
            raise Malformed(f"no pair has the asset {shown(code)}")
        amount = decimal(entry, "amount")
        grid = Grid(Decimal(1).scaleb(-asset.decimals, EXACT), asset.decimals)
        units = None if amount in NOT_FINITE else grid.read(amount)
        if units is None or units <= 0:
            text = f"positive and not finer than {asset.decimals} decimals"
            raise Malformed(f'"amount" must be {text}, not {shown(amount)}')
        return Deposit(AccountId(account), code, Units(units))

    def _order(self, entry: Entry, account: AccountId) -> SubmitOrder:
        symbol = string(entry, "symbol")
        lots, ticks = self._grids.get(symbol, (None, None))
        faults: list[Fault] = []
        qty = number(entry, QTY, lots, faults)
        price = number(entry, PRICE, ticks, faults) if "price" in entry else None
        stop_price = number(entry, STOP_PRICE, ticks, faults) if "stop_price" in entry else None
        trail = number(entry, TRAIL, ticks, faults) if "trail" in entry else None
        display_qty = number(entry, DISPLAY_QTY, lots, faults) if "display_qty" in entry else None
        if display_qty is not None and _exceeds(entry["display_qty"], entry["qty"]):
            faults.append(Fault(Reason.BAD_QUANTITY, "The displayed quantity must be at most the whole quantity."))
        return SubmitOrder(
            account=account,
            order_id=OrderId(string(entry, "id")),
            symbol=symbol,
            side=word(entry, "side", SIDES),
            order_type=word(entry, "order_type", TYPES),
            qty=Lots(qty),
            price=price,  # type: ignore[arg-type] # Ticks are ints
            stop_price=stop_price,  # type: ignore[arg-type]
            tif=word(entry, "tif", TIFS) if "tif" in entry else TimeInForce.GTC,
            expire_ts=Nanos(integer(entry, "expire_ts")) if "expire_ts" in entry else None,
            post_only="post_only" in entry and flag(entry, "post_only"),
            reduce_only="reduce_only" in entry and flag(entry, "reduce_only"),
            display_qty=display_qty,  # type: ignore[arg-type]
            trail=trail,  # type: ignore[arg-type]
            trail_bps=basis_points(entry, "trail_bps", faults) if "trail_bps" in entry else None,
            stp=word(entry, "stp", MODES) if "stp" in entry else SelfTrade.NONE,
            faults=tuple(faults),
        )

    def _amend(self, entry: Entry) -> AmendOrder:
        account, order_id = AccountId(string(entry, "account")), OrderId(string(entry, "id"))
        pair = self._pair_of(account, order_id)
        lots, ticks = self._grids[pair.symbol] if pair is not None else (None, None)
        faults: list[Fault] = []
        qty = number(entry, QTY, lots, faults) if "qty" in entry else None
        price = number(entry, PRICE, ticks, faults) if "price" in entry else None
        stop_price = number(entry, STOP_PRICE, ticks, faults) if "stop_price" in entry else None
        return AmendOrder(
            account=account,
            order_id=order_id,
            qty=qty,  # type: ignore[arg-type]
            price=price,  # type: ignore[arg-type]
            stop_price=stop_price,  # type: ignore[arg-type]
            trail=number(entry, TRAIL, ticks, faults) if "trail" in entry else None,  # type: ignore[arg-type]
            faults=tuple(faults),
        )

    def _list(self, entry: Entry) -> SubmitList:
        account, kind = AccountId(string(entry, "account")), word(entry, "kind", KINDS)
        orders = entry["orders"]
        if type(orders) is not list or not orders:
            raise Malformed('"orders" must be a list of orders')
        found = []
        for order in orders:
            if type(order) is not dict:
                raise Malformed('"orders" must hold objects')
            self._check_keys(order, ORDER_KEYS, ORDER_OPTIONS)
            found.append(self._order(order, account))
        return SubmitList(account, OrderId(string(entry, "id")), kind, tuple(found))


def _exceeds(part: str, whole: str) -> bool:
    """Return whether a well-formed number is greater than another, both being finite, on their grid or not."""
    return not {part, whole} & NOT_FINITE and Decimal(part) > Decimal(whole)


def _pair(entry: Entry) -> TradingPair:
    codes = {key: string(entry, key) for key in ("symbol", "base", "quote")}
    decimals = {key: integer(entry, key) for key in ("base_decimals", "quote_decimals")}
    for key, places in decimals.items():
        if places < 0:
            raise Malformed(f'"{key}" must be at least 0, not {places}')
    if codes["base"] == codes["quote"]:
        raise Malformed(f"base and quote are both {shown(codes['base'])}")
    numbers: dict[str, Decimal] = {}
    for key in ("tick", "lot", "min_notional", "maker_fee", "taker_fee"):
        try:
            numbers[key] = parse_decimal(decimal(entry, key))
        except InvalidInput as error:
            raise Malformed(f'"{key}": {error}') from None
    if numbers["min_notional"] < 0:
        raise Malformed(f'"min_notional" must be at least 0, not {shown(entry["min_notional"])}')
    quote = Asset(codes["quote"], decimals["quote_decimals"])
    numerator, denominator = numbers["min_notional"].as_integer_ratio()
    try:
        return TradingPair(
            symbol=codes["symbol"],
            base=Asset(codes["base"], decimals["base_decimals"]),
            quote=quote,
            tick=numbers["tick"],
            lot=numbers["lot"],
            min_notional=Units(ceil_div(numerator * 10**quote.decimals, denominator)),
            maker_fee=FeeRate.parse(numbers["maker_fee"]),
            taker_fee=FeeRate.parse(numbers["taker_fee"]),
        )
    except InvalidInput as error:
        raise Malformed(str(error)) from None
