"""A naive exchange, written from its specification alone, against which the real one is held.

Everything is recomputed from plain lists every time; nothing is fast, nothing is shared with the engine.
Numbers are exact decimals as traders write them: there are no ticks, lots or units in here, only steps
that a number must be a multiple of. Where the specification is silent, `READINGS` says what is done.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import ROUND_CEILING, Context, Decimal
from typing import Any

ZERO = Decimal(0)
EXACT = Context(prec=2_000)
"""For every calculation: sums and products of numbers of commands fit in."""
Entry = dict[str, Any]
Key = tuple[str, str]

REASONS = [
    "unknown_account", "unknown_symbol", "unknown_order", "duplicate_id", "bad_order", "bad_quantity", "off_lot",
    "bad_price", "off_tick", "bad_stop", "min_notional", "reduce_only", "post_only_would_take", "fok_not_fillable",
    "insufficient_funds",
]  # fmt: skip
"""From the gravest to the least grave: of several, the first is given."""

LIMITED = ("limit", "stop_limit", "take_profit_limit")
STOPS = ("stop", "stop_limit", "trailing_stop")
TAKE_PROFITS = ("take_profit", "take_profit_limit")
TRIGGERED = STOPS + TAKE_PROFITS


@dataclass(frozen=True)
class Readings:
    """What is done where the specification is silent: one line each."""

    missing_trail: str = "bad_order"
    legs_are_sized_when_queued: bool = True
    legs_make_way_for_each_other: bool = True
    fok_counts_one_leg: bool = True
    cost_counts_one_leg: bool = True
    display_is_compared_by_value: bool = True
    amending_nothing_is_always_fine: bool = True
    quantity_of_an_entry_can_be_amended: bool = True


READINGS = Readings()


@dataclass
class Pair:
    symbol: str
    base: str
    quote: str
    tick: Decimal
    lot: Decimal
    base_unit: Decimal
    quote_unit: Decimal
    min_notional: Decimal
    maker_fee: Decimal
    taker_fee: Decimal
    last: Decimal | None = None

    def fee(self, cost: Decimal, rate: Decimal) -> Decimal:
        return (cost * rate).quantize(self.quote_unit, ROUND_CEILING)


@dataclass(eq=False)
class Order:
    account: str
    id: str
    pair: Pair
    buy: bool
    kind: str
    qty: Decimal
    price: Decimal | None
    stop: Decimal | None
    trail: Decimal | None
    bps: Decimal | None
    tif: str
    expires: int | None
    post: bool
    reduce: bool
    display: Decimal | None
    stp: str
    number: int = 0  # order of acceptance
    left: Decimal = ZERO
    shown: Decimal = ZERO
    rank: int = 0  # since when what is shown stands in the book, 0 if it does not
    waits: bool = False  # for its trigger
    pending: bool = False  # for the entry of its list to end
    mark: Decimal | None = None  # best last price, for a trailing stop
    group: Group | None = None

    @property
    def asset(self) -> str:
        return self.pair.quote if self.buy else self.pair.base

    @property
    def done(self) -> Decimal:
        return self.qty - self.left

    def need(self) -> Decimal:
        """What it locks of its asset, on its own."""
        if self.pending or (self.buy and self.price is None):
            return ZERO
        if not self.buy:
            return self.left
        assert self.price is not None
        cost = self.price * self.left
        return cost + self.pair.fee(cost, max(self.pair.maker_fee, self.pair.taker_fee))

    def holds(self) -> bool:
        """Whether the last price fires it."""
        last = self.pair.last
        if last is None:
            return False
        if self.kind == "trailing_stop":
            if self.mark is None:
                return False
            away = self.mark - last if not self.buy else last - self.mark
            return away >= self.trail if self.trail is not None else away * 10_000 >= self.mark * (self.bps or ZERO)
        assert self.stop is not None
        upwards = self.buy == (self.kind in STOPS)
        return last >= self.stop if upwards else last <= self.stop


@dataclass(eq=False)
class Group:
    account: str
    id: str
    kind: str
    orders: list[Order] = field(default_factory=list)
    filled: Decimal = ZERO  # what the entry did, once it ended

    def is_entry(self, order: Order) -> bool:
        return self.kind != "oco" and order is self.orders[0]

    def excludes(self, order: Order) -> list[Order]:
        """The leg of which no more may fill once this one has."""
        if self.kind == "oto" or self.is_entry(order):
            return []
        return [other for other in self.orders if other is not order and not self.is_entry(other)]


@dataclass
class Naive:
    pairs: dict[str, Pair] = field(default_factory=dict)
    money: dict[str, dict[str, Decimal]] = field(default_factory=dict)
    fees: dict[str, Decimal] = field(default_factory=dict)
    live: list[Order] = field(default_factory=list)
    groups: dict[Key, Group] = field(default_factory=dict)
    seen: dict[Key, Any] = field(default_factory=dict)
    queue: list[Order] = field(default_factory=list)
    out: list[Entry] = field(default_factory=list)
    now: int = 0
    accepted: int = 0
    ranks: int = 0
    trades: int = 0

    # Money

    def locked(self, account: str, asset: str) -> Decimal:
        needs: dict[int, Decimal] = {}
        for o in self.live:
            if (o.account, o.asset) == (account, asset):
                key = id(o.group) if o.group is not None and o.group.excludes(o) else id(o)
                needs[key] = max(needs.get(key, ZERO), o.need())
        return sum(needs.values(), ZERO)

    def total(self, account: str, asset: str) -> Decimal:
        return self.money[account].get(asset, ZERO)

    def free(self, account: str, asset: str) -> Decimal:
        return self.total(account, asset) - self.locked(account, asset)

    def pay(self, account: str, asset: str, amount: Decimal) -> None:
        self.money[account][asset] = self.total(account, asset) + amount

    # The book

    def facing(self, o: Order, price: Decimal | None) -> list[Order]:
        """Who stands on the other side, at this price or better, in the order of their turn."""
        found = [m for m in self.live if m.rank and m.pair is o.pair and m.buy != o.buy]
        found = [m for m in found if price is None or (m.price <= price if o.buy else m.price >= price)]  # type: ignore[operator]
        return sorted(found, key=lambda m: (m.price if o.buy else -m.price, m.rank))  # type: ignore[operator]

    def walk(self, o: Order) -> Iterator[tuple[Order, Decimal]]:
        """What an order would meet, slice by slice, in the order in which it would meet it."""
        waiting = [(m, m.left, m.shown) for m in self.facing(o, o.price)]
        while waiting:
            m, left, shown = waiting.pop(0)
            yield m, shown
            one_leg = READINGS.fok_counts_one_leg if o.tif == "FOK" else READINGS.cost_counts_one_leg
            if m.group is not None and one_leg:
                waiting = [each for each in waiting if each[0] not in m.group.excludes(m)]
            if left > shown:
                behind = [each for each in waiting if each[0].price == m.price]
                waiting.insert(len(behind), (m, left - shown, min(m.display or ZERO, left - shown)))

    def cost(self, o: Order) -> Decimal:
        """What a market buy would pay for all that it finds."""
        cost, left = ZERO, o.left
        for m, shown in self.walk(o):
            part = min(left, shown)
            left -= part
            assert m.price is not None
            cost += part * m.price + o.pair.fee(part * m.price, o.pair.taker_fee)
            if not left:
                break
        return cost

    def fills(self, o: Order) -> bool:
        """Whether a FOK order would fill whole."""
        left = o.left
        for m, shown in self.walk(o):
            if m.account == o.account and o.stp in ("cancel_taker", "cancel_both"):
                return False
            if m.account != o.account or o.stp == "none":
                left -= shown
            if left <= 0:
                return True
        return False

    # What is refused

    def refuse(self, account: str, id: str, reasons: set[str]) -> bool:
        if reasons:
            reason = min(reasons, key=REASONS.index)
            self.tell("rejected", account=account, id=id, reason=reason)
        return bool(reasons)

    def misfit(self, o: Order) -> set[str]:
        """What is wrong with an order whatever the market and the account."""
        limited, trails, triggered = o.kind in LIMITED, o.kind == "trailing_stop", o.kind in TRIGGERED
        stopped = triggered and not trails
        bad = set()
        if (
            limited != (o.price is not None)
            or (o.stop is not None and not stopped)
            or ((o.trail is not None or o.bps is not None) and not trails)
            or (o.trail is not None and o.bps is not None)
            or (not limited and o.tif != "GTC")
            or (triggered and (o.tif == "FOK" or o.post))
            or (o.kind == "market" and o.post)
            or (o.display is not None and (not limited or o.tif not in ("GTC", "GTD")))
            or (o.tif == "GTD") != (o.expires is not None)
            or (o.expires is not None and o.expires <= self.now)
        ):
            bad.add("bad_order")
        bad |= off(o.qty, o.pair.lot, "bad_quantity", "off_lot")
        bad |= off(o.display, o.pair.lot, "bad_quantity", "off_lot")
        bad |= off(o.price, o.pair.tick, "bad_price", "off_tick")
        bad |= off(o.stop, o.pair.tick, "bad_stop", "off_tick")
        bad |= off(o.trail, o.pair.tick, "bad_stop", "off_tick")
        if o.display is not None and o.display.is_finite() and o.qty.is_finite():
            lots = (o.qty / o.pair.lot).to_integral_value(ROUND_CEILING)
            whole = o.qty if READINGS.display_is_compared_by_value else lots * o.pair.lot
            bad |= {"bad_quantity"} if o.display > whole else set()
        if stopped and o.stop is None:
            bad.add("bad_stop")
        if trails and o.trail is None and o.bps is None:
            bad.add(READINGS.missing_trail)
        if o.bps is not None and not (o.bps.is_finite() and o.bps > 0 and (o.buy or o.bps < 10_000)):
            bad.add("bad_stop")
        return bad

    def unfit(self, kind: str, orders: list[Order]) -> set[str]:
        """What is wrong with a list as a list."""
        later, entry = orders[1:], orders[0]
        if kind == "oco":
            fine = len(orders) == 2 and all(o.kind != "market" and o.tif in ("GTC", "GTD") for o in orders)
        else:
            fine = len(orders) >= 2 and all(
                o.kind != "market" and o.tif in ("GTC", "GTD") and not o.post for o in later
            )
        if kind == "bracket" and fine:
            fine = (
                len(later) == 2
                and later[0].kind in ("limit", *TAKE_PROFITS)
                and later[1].kind in STOPS
                and all(o.buy != entry.buy for o in later)
            )
        return set() if fine and len({o.pair.symbol for o in orders}) == 1 else {"bad_order"}

    def notional_too_small(self, o: Order) -> bool:
        if o.kind == "trailing_stop":
            at = o.pair.last
        elif o.kind == "market":
            there = self.facing(o, None)
            at = there[0].price if there else o.pair.last
        else:
            at = o.price if o.price is not None else o.stop
        return at is not None and at * o.qty < o.pair.min_notional

    def refused_now(self, o: Order) -> set[str]:
        """What is wrong with a sound order in this market for this account, its funds aside."""
        bad = set()
        if self.notional_too_small(o):
            bad.add("min_notional")
        if o.reduce and (o.buy or (not o.pending and o.left > self.total(o.account, o.pair.base))):
            bad.add("reduce_only")
        if o.post and self.facing(o, o.price):
            bad.add("post_only_would_take")
        if o.tif == "FOK" and not self.fills(o):
            bad.add("fok_not_fillable")
        return bad

    def cannot_pay(self, orders: list[Order]) -> bool:
        """Whether the orders, taken among the live ones, lock more than there is."""
        return any(self.free(o.account, o.asset) < 0 for o in orders if not o.pending) or any(
            o.kind == "market" and o.buy and self.cost(o) > self.free(o.account, o.asset) for o in orders
        )

    # Submissions

    def submit(self, entry: Entry) -> None:
        self.place(entry["account"], entry["id"], None, [entry], content(entry))

    def submit_list(self, entry: Entry) -> None:
        same = (entry["kind"], *(content(each) for each in entry["orders"]))
        self.place(entry["account"], entry["id"], entry["kind"], entry["orders"], same)

    def place(self, account: str, id: str, kind: str | None, entries: list[Entry], same: Any) -> None:  # noqa: ANN401
        bad = set()
        if account not in self.money:
            bad.add("unknown_account")
        if any(each["symbol"] not in self.pairs for each in entries):
            bad.add("unknown_symbol")
        if self.refuse(account, id, bad):
            return
        if (account, id) in self.seen:
            self.refuse(account, id, set() if self.seen[account, id] == same else {"duplicate_id"})
            return
        taken = {name for owner, name in self.seen if owner == account} | {id}
        self.seen[account, id] = same
        names = [each["id"] for each in entries]
        if kind is not None and (len(set(names)) < len(names) or taken & set(names)):
            self.refuse(account, id, {"duplicate_id"})
            return
        orders = [self.read(account, each) for each in entries]
        if kind is not None:
            group = Group(account, id, kind, orders)
            for o in orders:
                o.group = group
                o.pending = kind != "oco" and o is not orders[0]
        bad = set().union(*(self.misfit(o) for o in orders)) | (self.unfit(kind, orders) if kind is not None else set())
        bad = bad or set().union(*(self.refused_now(o) for o in orders))
        before = list(self.live)
        self.live += orders
        bad = bad or ({"insufficient_funds"} if self.cannot_pay(orders) else set())
        if kind is not None and not bad:
            self.seen |= {(account, each["id"]): content(each) for each in entries}
        if self.refuse(account, id, bad):
            self.live = before
            return
        if kind is not None:
            self.groups[account, id] = group
        for o in orders:
            self.accepted += 1
            o.number = self.accepted
            self.tell("accepted", account=account, id=o.id)
        for o in [o for o in orders if not o.pending]:
            if o in self.live:
                self.arrive(o)
                self.settle()

    def read(self, account: str, entry: Entry) -> Order:
        get = entry.get
        return Order(
            account=account, id=entry["id"], pair=self.pairs[entry["symbol"]], buy=entry["side"] == "buy",
            kind=entry["order_type"], qty=entry["qty"], price=get("price"), stop=get("stop_price"),
            trail=get("trail"), bps=get("trail_bps"), tif=get("tif", "GTC"), expires=get("expire_ts"),
            post=get("post_only", False), reduce=get("reduce_only", False), display=get("display_qty"),
            stp=get("stp", "none"), left=entry["qty"],
        )  # fmt: skip

    # What becomes of an order

    def arrive(self, o: Order) -> None:
        if o.kind not in TRIGGERED:
            self.enter(o)
            return
        o.waits = True
        o.mark = o.pair.last
        if o.holds():
            self.queue.append(o)

    def settle(self) -> None:
        """Let what has fired and what may start enter, one after the other, until quiet."""
        while self.queue:
            o = self.queue.pop(0)
            if o.pending:
                self.start(o)
                continue
            o.waits = False
            self.tell("triggered", account=o.account, id=o.id)
            for other in self.excluded(o):
                self.end(other, "oco")
            if o.buy and o.price is None and self.cost(o) > self.free(o.account, o.asset):
                self.end(o, "insufficient_funds")
            else:
                self.enter(o)

    def start(self, o: Order) -> None:
        assert o.group is not None
        o.pending = False
        o.qty = o.left = o.group.filled
        if self.free(o.account, o.asset) >= 0:
            self.arrive(o)
            return
        self.end(o, "insufficient_funds", alone=True)
        self.end_rest(o.group)

    def excluded(self, o: Order) -> list[Order]:
        return [other for other in (o.group.excludes(o) if o.group else []) if other in self.live]

    def end(self, o: Order, reason: str, *, alone: bool = False) -> None:
        """Take an order out and do to its list what its list says."""
        was_pending = o.pending
        self.live.remove(o)
        self.queue = [each for each in self.queue if each is not o]
        if reason == "expired":
            self.tell("expired", account=o.account, id=o.id, left=(o.left, o.pair.lot))
        else:
            self.tell("cancelled", account=o.account, id=o.id, reason=reason, left=(o.left, o.pair.lot))
        if o.group is None or reason == "oco" or alone:
            return
        if o.group.is_entry(o):
            self.queue += self.legs_after(o)
        elif reason == "user" or was_pending:
            self.end_rest(o.group)
        else:
            for other in self.excluded(o):
                self.end(other, "oco")

    def legs_after(self, entry: Order) -> list[Order]:
        """The legs that start because their entry ended; if it did nothing they end too."""
        if entry.group is None or not entry.group.is_entry(entry):
            return []
        legs = [o for o in entry.group.orders if o in self.live and o is not entry]
        entry.group.filled = entry.done
        if not entry.done:
            for o in legs:
                self.end(o, "oco")
            return []
        if READINGS.legs_are_sized_when_queued:
            for o in legs:
                o.qty = o.left = entry.done
        return legs

    def end_rest(self, group: Group) -> None:
        for other in group.orders:
            if other in self.live:
                self.end(other, "oco")

    def enter(self, o: Order) -> None:
        o.rank = 0
        while o.left and (there := self.facing(o, o.price)):
            m = there[0]
            if READINGS.legs_make_way_for_each_other and m in self.excluded(o):
                self.end(m, "oco")
                continue
            if m.account == o.account and o.stp != "none":
                if o.stp != "cancel_taker":
                    self.end(m, "stp")
                if o.stp != "cancel_maker" and o in self.live:
                    self.end(o, "stp")
                if o not in self.live:
                    return
                continue
            assert m.price is not None
            part = min(o.left, m.shown)
            paid = part * m.price + o.pair.fee(part * m.price, o.pair.taker_fee)
            if o.buy and o.price is None and paid > self.free(o.account, o.asset):
                self.end(o, "insufficient_funds")
                return
            self.trade(m, o, part)
            if o not in self.live:
                return
        if o.left and o.price is None:
            self.end(o, "no_liquidity")
        elif o.left and o.tif == "IOC":
            self.end(o, "ioc")
        elif o.left:
            self.show(o)

    def show(self, o: Order) -> None:
        """Put a fresh slice at the back of its queue."""
        o.shown = o.left if o.display is None else min(o.display, o.left)
        self.ranks += 1
        o.rank = self.ranks

    def trade(self, m: Order, o: Order, part: Decimal) -> None:
        pair, price = m.pair, m.price
        assert price is not None
        m.left -= part
        m.shown -= part
        o.left -= part
        leaving = self.excluded(m) + self.excluded(o)
        self.live = [x for x in self.live if x.left and x not in leaving]
        self.queue = [x for x in self.queue if x not in leaving]
        maker_fee, taker_fee = self.settle_money(m, o, part, price * part)
        self.trades += 1
        self.tell(
            "trade", trade_id=self.trades, symbol=pair.symbol, price=(price, pair.tick), qty=(part, pair.lot),
            maker_account=m.account, maker_id=m.id, taker_account=o.account, taker_id=o.id,
            taker_side="buy" if o.buy else "sell", maker_fee=(maker_fee, pair.quote_unit),
            taker_fee=(taker_fee, pair.quote_unit),
        )  # fmt: skip
        for x in leaving:
            if x.left:
                self.tell("cancelled", account=x.account, id=x.id, reason="oco", left=(x.left, x.pair.lot))
        if m.left and not m.shown:
            self.show(m)
        pair.last = price
        self.look_at_triggers(pair, [leg for x in (m, o) if not x.left for leg in self.legs_after(x)])

    def settle_money(self, m: Order, o: Order, bought: Decimal, cost: Decimal) -> tuple[Decimal, Decimal]:
        """Move what was traded and return the maker's and the taker's fee."""
        pair, fees = m.pair, {}
        for x, rate in sorted(((m, pair.maker_fee), (o, pair.taker_fee)), key=lambda each: not each[0].buy):
            fee = pair.fee(cost, rate)
            if x.buy:
                fee = min(fee, self.free(x.account, pair.quote) - cost)
                self.pay(x.account, pair.quote, -cost - fee)
                self.pay(x.account, pair.base, bought)
            else:
                self.pay(x.account, pair.base, -bought)
                fee = min(fee, cost + self.free(x.account, pair.quote))
                self.pay(x.account, pair.quote, cost - fee)
            fees[x is m] = fee
        self.fees[pair.quote] = self.fees.get(pair.quote, ZERO) + sum(fees.values())
        return fees[True], fees[False]

    def look_at_triggers(self, pair: Pair, started: list[Order]) -> None:
        fired = []
        for x in self.live:
            if x.waits and x.pair is pair and x not in self.queue:
                assert pair.last is not None
                best = min if x.buy else max
                x.mark = pair.last if x.mark is None else best(x.mark, pair.last)
                if x.holds():
                    fired.append(x)
        self.queue += sorted(fired + started, key=lambda x: x.number)

    # Cancels and amends

    def find(self, entry: Entry) -> Order | None:
        who, id = entry["account"], entry["id"]
        if self.refuse(who, id, set() if who in self.money else {"unknown_account"}):
            return None
        found = next((o for o in self.live if (o.account, o.id) == (who, id)), None)
        if found is None:
            self.refuse(who, id, {"unknown_order"})
        return found

    def cancel(self, entry: Entry) -> None:
        group = self.groups.get((entry["account"], entry["id"]))
        if group is not None and any(o in self.live for o in group.orders):
            self.end_rest(group)
        elif (o := self.find(entry)) is not None:
            self.end(o, "user")
            self.settle()

    def amend(self, entry: Entry) -> None:
        o = self.find(entry)
        if o is None:
            return
        names = {"qty": "qty", "price": "price", "stop_price": "stop", "trail": "trail"}
        new = replace(o, **{name: entry[key] for key, name in names.items() if key in entry})
        if self.refuse(o.account, o.id, self.misamended(o, entry)):
            return
        new.left = new.qty - o.done
        same = (new.qty, new.price, new.stop, new.trail) == (o.qty, o.price, o.stop, o.trail)
        if same and READINGS.amending_nothing_is_always_fine:
            pass
        elif self.refuse(o.account, o.id, self.refused_as(o, new)):
            return
        keeps = o.waits or o.pending or (new.price == o.price and new.qty <= o.qty)
        o.qty, o.left, o.price, o.stop, o.trail = new.qty, new.left, new.price, new.stop, new.trail
        price = None if o.price is None else (o.price, o.pair.tick)
        qty, left = (o.qty, o.pair.lot), (o.left, o.pair.lot)
        self.tell("amended", account=o.account, id=o.id, qty=qty, price=price, left=left)
        if o.waits and o.holds():
            self.queue.append(o)
        elif keeps:
            o.shown = min(o.shown, o.left)
        else:
            self.enter(o)
        self.settle()

    def misamended(self, o: Order, entry: Entry) -> set[str]:
        """What is wrong with an amendment whatever the market and the account."""
        qty, price, stop, trail = (entry.get(key) for key in ("qty", "price", "stop_price", "trail"))
        bad = off(qty, o.pair.lot, "bad_quantity", "off_lot")
        bad |= off(price, o.pair.tick, "bad_price", "off_tick")
        bad |= off(stop, o.pair.tick, "bad_stop", "off_tick") | off(trail, o.pair.tick, "bad_stop", "off_tick")
        if qty is not None and qty.is_finite() and qty <= o.done:
            bad.add("bad_quantity")
        still = o.waits or o.pending
        if (
            (price is not None and o.price is None)
            or (stop is not None and (o.stop is None or not still))
            or (trail is not None and (o.trail is None or not still))
            or (qty is not None and o.group is not None and not self.owns_its_quantity(o))
        ):
            bad.add("bad_order")
        return bad

    @staticmethod
    def owns_its_quantity(o: Order) -> bool:
        assert o.group is not None
        return READINGS.quantity_of_an_entry_can_be_amended and o.group.is_entry(o)

    def refused_as(self, o: Order, new: Order) -> set[str]:
        """What is wrong with the order as it would be."""
        bad = self.refused_now(new)
        if not bad:
            old = o.left, o.price
            o.left, o.price = new.left, new.price
            if not o.pending and self.free(o.account, o.asset) < 0:
                bad.add("insufficient_funds")
            o.left, o.price = old
        return bad

    # Time and the rest

    def expire(self, until: int) -> None:
        """Let time pass; `now` is the instant of what happens."""
        while due := [o for o in self.live if o.expires is not None and o.expires <= until]:
            first = min(due, key=lambda o: (o.expires, o.number))
            assert first.expires is not None
            self.now = first.expires
            self.end(first, "expired")
            self.settle()
        self.now = until

    def deposit(self, entry: Entry) -> None:
        self.money.setdefault(entry["account"], {})
        self.pay(entry["account"], entry["asset"], entry["amount"])

    def clock(self, entry: Entry) -> None:
        """Only time passes."""

    def handle(self, entry: Entry) -> None:
        self.expire(entry["ts"])
        getattr(self, entry["type"])(entry)

    def tell(self, type: str, **what: Any) -> None:  # noqa: ANN401
        self.out.append({"ts": self.now, "type": type, **what})


def content(entry: Entry) -> Entry:
    """What makes two submissions the same: every field but who, when and by which name."""
    defaults = {"tif": "GTC", "post_only": False, "reduce_only": False, "stp": "none"}
    same = {**defaults, **{key: value for key, value in entry.items() if key not in ("type", "ts", "account")}}
    return {k: str(v) if isinstance(v, Decimal) and not v.is_finite() else v for k, v in same.items()}


def off(value: Decimal | None, step: Decimal, unsound: str, off_step: str) -> set[str]:
    """The reasons against a number of an order."""
    bad = set()
    if value is not None and not (value.is_finite() and value > 0):
        bad.add(unsound)
    if value is not None and value.is_finite() and value % step:
        bad.add(off_step)
    return bad
