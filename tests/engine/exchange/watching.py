"""Invariants of an exchange, checked on what was sent to it and what it told, and on nothing else.

A watch sees every command with its events, and from time to time the state. It knows nothing of prices that
match or triggers that fire; it knows what must never happen: a fill beyond its order or worse than its limit,
a FOK order filled in part, a post-only order that takes, a self-trade in spite of prevention, a list that fills
past its size, a crossed book, money from nowhere. It forgets what has ended, so that it can watch for long.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal, localcontext

from tests.engine.exchange.naive import EXACT, TRIGGERED, ZERO, Entry, Key


@dataclass(eq=False)
class Known:
    """An order as the outside knows it."""

    account: str
    entry: Entry
    list_id: str = ""
    starts_after: Known | None = None
    excludes: Known | None = None
    filled: Decimal = ZERO
    ended: bool = False
    may_fill: Decimal = ZERO  # what it is for, after amendments; of a later leg what its entry filled

    @property
    def id(self) -> str:
        return str(self.entry["id"])

    @property
    def key(self) -> Key:
        return self.account, self.id

    @property
    def buys(self) -> bool:
        return bool(self.entry["side"] == "buy")

    @property
    def pending(self) -> bool:
        return self.starts_after is not None and not (self.starts_after.ended and self.starts_after.filled)

    @property
    def left(self) -> Decimal:
        return self.may_fill - self.filled


@dataclass
class Watch:
    pairs: dict[str, Entry] = field(default_factory=dict)
    orders: dict[Key, Known] = field(default_factory=dict)
    deposits: Counter[str] = field(default_factory=Counter)
    events: int = 0
    trades: int = 0

    def see(self, entry: Entry, events: list[Entry]) -> None:
        """Check what a command did."""
        with localcontext(EXACT):
            self.see_exactly(entry, events)

    def see_exactly(self, entry: Entry, events: list[Entry]) -> None:
        if entry["type"] == "pair":
            self.pairs[entry["symbol"]] = entry
        if entry["type"] == "deposit":
            self.deposits[entry["asset"]] += Decimal(entry["amount"])  # type: ignore[assignment] # exact
        accepted = {event["id"]: event for event in events if event["type"] == "accepted"}
        sent = entry.get("orders") or ([entry] if entry["type"] == "submit" else [])
        assert set(accepted) in (set(), {order["id"] for order in sent})
        if accepted:
            self.accept(entry, sent)
        for event in events:
            self.events += 1
            assert event["seq"] == self.events
            getattr(self, f"see_{event['type']}")(event)
        for order in sent:
            if order["id"] in accepted and order.get("tif") == "FOK":
                assert self.orders[entry["account"], order["id"]].ended, "a FOK order is still there"
        for order in [order for order in self.orders.values() if order.ended]:
            rest = [order.starts_after, order.excludes, *self.later(order)]
            if all(other is None or other.ended for other in rest):
                del self.orders[order.key]

    def later(self, entry: Known) -> list[Known]:
        return [o for o in self.orders.values() if o.starts_after is entry] if entry.list_id else []

    def accept(self, entry: Entry, sent: list[Entry]) -> None:
        made = [Known(entry["account"], order, may_fill=Decimal(order["qty"])) for order in sent]
        for order in made:
            assert order.key not in self.orders
            assert not (order.entry.get("reduce_only") and order.buys)
            self.orders[order.key] = order
        if entry["type"] != "submit_list":
            return
        legs = made if entry["kind"] == "oco" else made[1:]
        for order in made:
            order.list_id = entry["id"]
            order.starts_after = made[0] if order is not made[0] and entry["kind"] != "oco" else None
        if entry["kind"] != "oto":
            legs[0].excludes, legs[1].excludes = legs[1], legs[0]

    # Events

    def see_accepted(self, event: Entry) -> None:
        assert not self.orders[event["account"], event["id"]].ended

    def see_rejected(self, event: Entry) -> None:
        """Nothing changes."""

    def see_triggered(self, event: Entry) -> None:
        order = self.orders[event["account"], event["id"]]
        assert order.entry["order_type"] in TRIGGERED
        assert not order.ended
        assert not order.filled
        assert not order.pending

    def see_amended(self, event: Entry) -> None:
        order = self.orders[event["account"], event["id"]]
        order.may_fill = Decimal(event["qty"])
        order.entry = {**order.entry, "price": event["price"]} if event["price"] is not None else order.entry
        assert order.left == Decimal(event["left"]) > 0

    def see_cancelled(self, event: Entry) -> None:
        order = self.orders[event["account"], event["id"]]
        assert not order.ended
        assert order.left == Decimal(event["left"]) > 0
        if order.entry.get("tif") == "FOK" and order.entry["order_type"] == "limit":
            assert not order.filled, "a FOK order filled in part"
        self.end(order, starts_legs=event.get("reason") != "oco")

    def see_expired(self, event: Entry) -> None:
        assert self.orders[event["account"], event["id"]].entry["expire_ts"] == event["ts"]
        self.see_cancelled(event)

    def see_trade(self, event: Entry) -> None:
        self.trades += 1
        assert event["trade_id"] == self.trades
        maker = self.orders[event["maker_account"], event["maker_id"]]
        taker = self.orders[event["taker_account"], event["taker_id"]]
        assert maker.buys != taker.buys
        assert taker.buys == (event["taker_side"] == "buy")
        assert not taker.entry.get("post_only"), "a post-only order took"
        assert maker.account != taker.account or taker.entry.get("stp", "none") == "none", "a self-trade"
        self.fill(maker, event)
        self.fill(taker, event)
        for order in (maker, taker):
            if not order.left:
                self.end(order)

    def fill(self, order: Known, event: Entry) -> None:
        assert order.entry["symbol"] == event["symbol"]
        assert not order.ended
        assert not order.pending
        price, qty = Decimal(event["price"]), Decimal(event["qty"])
        assert qty > 0
        order.filled += qty
        assert order.filled <= order.may_fill, "more than the order"
        if order.entry.get("price") is not None:
            limit = Decimal(order.entry["price"])
            assert price <= limit if order.buys else price >= limit, "worse than the limit"
        if order.excludes is not None:
            assert not order.excludes.filled, "both legs of an OCO filled"

    def end(self, order: Known, *, starts_legs: bool = True) -> None:
        order.ended = True
        for leg in self.later(order) if order.filled and starts_legs else []:
            leg.may_fill = leg.may_fill if leg.ended else order.filled

    # State

    def check_state(self, state: Entry) -> None:
        """Check a state line: money, books and open orders."""
        with localcontext(EXACT):
            self.check_exactly(state)

    def check_exactly(self, state: Entry) -> None:
        totals: Counter[str] = Counter()
        for assets in state["balances"].values():
            for asset, each in assets.items():
                free, locked = Decimal(each["free"]), Decimal(each["locked"])
                assert free >= 0
                assert locked >= 0
                totals[asset] += free + locked  # type: ignore[assignment]
        for asset, fee in state["fees"].items():
            assert Decimal(fee) >= 0
            totals[asset] += Decimal(fee)  # type: ignore[assignment]
        assert totals == self.deposits, "money from nowhere"
        for symbol, book in state["books"].items():
            bids, asks = ([(Decimal(price), Decimal(qty)) for price, qty in book[side]] for side in ("bids", "asks"))
            assert not bids or not asks or bids[0][0] < asks[0][0], f"{symbol} is crossed at rest"
            assert bids == sorted(bids, reverse=True)
            assert asks == sorted(asks)
            assert all(qty > 0 for _, qty in bids + asks)
        here = sorted((o.account, o.id, o.left) for o in self.orders.values() if not o.ended and not o.pending)
        assert [(account, id, Decimal(left)) for account, id, left in state["open_orders"]] == here
        self.check_locks(state, [o for o in self.orders.values() if not o.ended and not o.pending])

    def check_locks(self, state: Entry, working: list[Known]) -> None:
        """Check that what is locked is what the open orders need, an OCO the larger of its legs once."""
        needs: dict[tuple[str, str], dict[object, Decimal]] = {}
        for order in working:
            pair = self.pairs[order.entry["symbol"]]
            asset, need = pair["base"], order.left
            if order.buys:
                cost = order.left * Decimal(order.entry.get("price") or 0)
                unit = Decimal(1).scaleb(-pair["quote_decimals"])
                fee = cost * max(Decimal(pair["maker_fee"]), Decimal(pair["taker_fee"]))
                asset, need = pair["quote"], cost + -(-fee / unit).__floor__() * unit
            group = order.list_id if order.excludes is not None else order.id
            group_needs = needs.setdefault((order.account, asset), {})
            group_needs[group] = max(group_needs.get(group, ZERO), need)
        for account, assets in state["balances"].items():
            for asset, each in assets.items():
                assert Decimal(each["locked"]) == sum(needs.pop((account, asset), {}).values()), (account, asset)
        assert not any(any(each.values()) for each in needs.values())
