"""A naive exchange, written from ENGINE.md alone, against which the real one is held.

One pair, whole ticks and lots, one quote unit per tick x lot and one base unit per lot. Everything is
recomputed from plain lists every time; nothing is fast, nothing is shared with the engine.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil
from typing import Any

MINIMUM = 40
MAKER, TAKER = Fraction(1, 1000), Fraction(3, 2000)
Row = tuple[Any, ...]


@dataclass
class O:  # noqa: E742 - the naive order
    who: str
    id: str
    buy: bool
    kind: str
    qty: int
    price: int | None
    stop: int | None
    tif: str
    post: bool
    stp: str
    number: int
    left: int = 0
    waits: bool = False
    rank: int = 0

    def lock(self) -> int:
        if not self.buy:
            return self.left
        if self.price is None:
            return 0
        return self.price * self.left + ceil(self.price * self.left * max(MAKER, TAKER))


@dataclass
class Naive:
    money: dict[tuple[str, str], int] = field(default_factory=dict)
    fees: int = 0
    live: list[O] = field(default_factory=list)
    seen: dict[tuple[str, str], Row] = field(default_factory=dict)
    last: int | None = None
    counter: int = 0
    trades: int = 0
    out: list[Row] = field(default_factory=list)
    queue: list[O] = field(default_factory=list)

    def take_out(self) -> list[Row]:
        out, self.out = self.out, []
        return out

    def free(self, who: str, asset: str) -> int:
        locked = sum(o.lock() for o in self.live if o.who == who and o.buy == (asset == "Q"))
        return self.money.get((who, asset), 0) - locked

    def locked(self, who: str, asset: str) -> int:
        return self.money.get((who, asset), 0) - self.free(who, asset)

    def pay(self, who: str, asset: str, amount: int) -> None:
        self.money[who, asset] = self.money.get((who, asset), 0) + amount

    def exists(self, who: str) -> bool:
        return any(owner == who for owner, _ in self.money)

    def resting(self, buy: bool) -> list[O]:
        side = [o for o in self.live if o.buy == buy and not o.waits and o.rank]
        return sorted(side, key=lambda o: (-o.price if buy else o.price, o.rank))  # type: ignore[operator]

    def facing(self, buy: bool, price: int | None) -> list[O]:
        found = self.resting(not buy)
        return [o for o in found if price is None or (o.price <= price if buy else o.price >= price)]  # type: ignore[operator]

    def walk(self, qty: int) -> int:
        cost = 0
        for o in self.resting(False):
            part = min(qty, o.left)
            qty -= part
            cost += part * o.price + ceil(part * o.price * TAKER)  # type: ignore[operator]
        return cost

    def reject(self, who: str, id: str, reason: str) -> None:
        self.out.append(("rejected", who, id, reason))

    def submit(self, who: str, id: str, buy: bool, kind: str, qty: int, price: int | None, stop: int | None,
               tif: str, post: bool, stp: str) -> None:  # fmt: skip
        if not self.exists(who):
            return self.reject(who, id, "unknown_account")
        content = (buy, kind, qty, price, stop, tif, post, stp)
        if (who, id) in self.seen:
            return None if self.seen[who, id] == content else self.reject(who, id, "duplicate_id")
        self.seen[who, id] = content
        o = O(who, id, buy, kind, qty, price, stop, tif, post, stp, 0, qty)
        reason = self.sick(o)
        if reason:
            return self.reject(who, id, reason)
        self.counter += 1
        o.number = self.counter
        self.live.append(o)
        self.out.append(("accepted", who, id))
        if stop is None:
            self.enter(o)
        else:
            o.waits = True
            if self.last is not None and (self.last >= stop if buy else self.last <= stop):
                self.queue.append(o)
        return self.drain()

    def sick(self, o: O) -> str | None:
        limited, stopped = o.kind in ("limit", "stop_limit"), o.kind in ("stop", "stop_limit")
        if (
            limited != (o.price is not None)
            or (not stopped and o.stop is not None)
            or (not limited and o.tif != "GTC")
            or (o.post and o.kind != "limit")
            or (stopped and o.tif == "FOK")
        ):
            return "bad_order"
        if o.qty <= 0:
            return "bad_quantity"
        if o.price is not None and o.price <= 0:
            return "bad_price"
        if stopped and (o.stop is None or o.stop <= 0):
            return "bad_stop"
        opposite = self.resting(not o.buy)
        reference = o.price or o.stop or (opposite[0].price if opposite else self.last)
        if reference is not None and reference * o.qty < MINIMUM:
            return "min_notional"
        if o.post and self.facing(o.buy, o.price):
            return "post_only_would_take"
        if o.tif == "FOK" and self.reach(o) < o.qty:
            return "fok_not_fillable"
        need = self.walk(o.qty) if o.kind == "market" and o.buy else o.lock()
        return "insufficient_funds" if need > self.free(o.who, "Q" if o.buy else "B") else None

    def reach(self, o: O) -> int:
        there = 0
        for m in self.facing(o.buy, o.price):
            if m.who == o.who and o.stp in ("cancel_taker", "cancel_both"):
                break
            if m.who != o.who or o.stp == "none":
                there += m.left
            if there >= o.qty:
                break
        return there

    def drain(self) -> None:
        while self.queue:
            o = self.queue.pop(0)
            o.waits = False
            self.out.append(("triggered", o.who, o.id))
            if o.buy and o.price is None and self.walk(o.left) > self.free(o.who, "Q"):
                self.gone(o, "insufficient_funds")
            else:
                self.enter(o)

    def gone(self, o: O, reason: str) -> None:
        self.live.remove(o)
        self.out.append(("cancelled", o.who, o.id, reason, o.left))

    def enter(self, o: O) -> None:
        while o.left and (there := self.facing(o.buy, o.price)):
            m = there[0]
            if m.who == o.who and o.stp != "none":
                if o.stp != "cancel_taker":
                    self.gone(m, "stp")
                if o.stp != "cancel_maker":
                    return self.gone(o, "stp")
                continue
            part = min(o.left, m.left)
            cost = part * m.price  # type: ignore[operator]
            if o.buy and o.price is None and cost + ceil(cost * TAKER) > self.free(o.who, "Q"):
                return self.gone(o, "insufficient_funds")
            self.trade(m, o, part)
        if o.left and o.price is None:
            self.gone(o, "no_liquidity")
        elif o.left and o.tif == "IOC":
            self.gone(o, "ioc")
        elif o.left:
            o.rank = max([x.rank for x in self.live] + [0]) + 1
        return None

    def trade(self, m: O, o: O, part: int) -> None:
        price = m.price
        assert price is not None
        m.left -= part
        o.left -= part
        cost = price * part
        charged = {}
        for x, rate in sorted(((m, MAKER), (o, TAKER)), key=lambda each: not each[0].buy):
            fee = ceil(cost * rate)
            if x.buy:
                fee = min(fee, self.free(x.who, "Q") - cost)
                self.pay(x.who, "Q", -cost - fee)
                self.pay(x.who, "B", part)
            else:
                self.pay(x.who, "B", -part)
                fee = min(fee, cost + self.free(x.who, "Q"))
                self.pay(x.who, "Q", cost - fee)
            charged[x is m] = fee
        self.fees += sum(charged.values())
        self.trades += 1
        side = "buy" if o.buy else "sell"
        self.out.append(
            ("trade", self.trades, price, part, m.who, m.id, o.who, o.id, side, charged[True], charged[False])
        )
        self.live = [x for x in self.live if x.left]
        self.last = price
        waiting = [x for x in self.live if x.waits and x not in self.queue]
        fired = [x for x in waiting if (price >= x.stop if x.buy else price <= x.stop)]  # type: ignore[operator]
        self.queue += sorted(fired, key=lambda x: x.number)

    def find(self, who: str, id: str) -> O | None:
        if not self.exists(who):
            self.reject(who, id, "unknown_account")
            return None
        found = next((o for o in self.live if (o.who, o.id) == (who, id)), None)
        if found is None:
            self.reject(who, id, "unknown_order")
        return found

    def cancel(self, who: str, id: str) -> None:
        o = self.find(who, id)
        if o is not None:
            self.gone(o, "user")

    def amend(self, who: str, id: str, qty: int | None, price: int | None, stop: int | None) -> None:
        o = self.find(who, id)
        if o is None:
            return None
        done = o.qty - o.left
        if (price is not None and o.price is None) or (stop is not None and not o.waits):
            return self.reject(who, id, "bad_order")
        if qty is not None and qty <= done:
            return self.reject(who, id, "bad_quantity")
        if price is not None and price <= 0:
            return self.reject(who, id, "bad_price")
        if stop is not None and stop <= 0:
            return self.reject(who, id, "bad_stop")
        new = O(
            o.who, o.id, o.buy, o.kind, qty or o.qty, price or o.price, stop or o.stop, o.tif, o.post, o.stp, o.number
        )
        new.left = new.qty - done
        if new.qty * (new.price or new.stop) < MINIMUM:  # type: ignore[operator]
            return self.reject(who, id, "min_notional")
        if o.post and self.facing(o.buy, new.price):
            return self.reject(who, id, "post_only_would_take")
        if new.lock() > self.free(who, "Q" if o.buy else "B") + o.lock():
            return self.reject(who, id, "insufficient_funds")
        keeps = o.waits or (new.price == o.price and new.qty <= o.qty)
        o.qty, o.left, o.price, o.stop = new.qty, new.left, new.price, new.stop
        self.out.append(("amended", who, id, o.qty, o.price, o.left))
        if o.waits:
            assert o.stop is not None
            if self.last is not None and (self.last >= o.stop if o.buy else self.last <= o.stop):
                self.queue.append(o)
        elif not keeps:
            o.rank = 0
            self.enter(o)
        return self.drain()
