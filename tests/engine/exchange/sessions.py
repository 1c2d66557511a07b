"""Random sessions in the text form of `crs simulate`, small and crowded so that orders meet.

A session is a list of lines, made by a seeded source. It reads what an exchange answers to them, so that most
cancels and amendments concern an order that is still open, and watches over what must never happen.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.engine.exchange.naive import LIMITED, TRIGGERED, Entry
from tests.engine.exchange.naive_text import NaiveText
from tests.engine.exchange.watching import Known, Watch

TYPES = ["market", "limit", "limit", "limit", *TRIGGERED]
MODES = ["none", "none", "cancel_taker", "cancel_maker", "cancel_both"]
BAD_NUMBERS = ["0", "-1", "NaN", "Infinity", "-Infinity", "0.333", "1000000", "-0.5", "0.00", "-0", "007"]
BAD_NUMBERS += ["123456789012345678901234567890.00"]
CROWDED = 60
"""So many orders at once, and one after the other is cancelled."""
SPACIOUS = ("qty", "price", "stop_price", "trail", "display_qty")


def dusty_pair(random: Random) -> Entry:
    """A pair where a tick times a lot is one unit, so that every rounding is felt."""
    rates = ["0", "0.001", "0.05", "0.3", "1.7"]
    return {
        "type": "pair", "symbol": "B/Q", "base": "B", "quote": "Q", "tick": "1", "lot": "1", "base_decimals": 0,
        "quote_decimals": 0, "min_notional": "0", "maker_fee": random.choice(rates), "taker_fee": random.choice(rates),
    }  # fmt: skip


def pairs(random: Random) -> list[Entry]:
    """One to three pairs on few assets; ticks, lots, fees and minima differ from session to session."""
    found = []
    quote_decimals = random.choice([2, 4])
    for symbol in random.choice([["B/Q"], ["B/Q"], ["B/Q", "C/Q"], ["B/Q", "C/B", "C/Q"]]):
        base, quote = symbol.split("/")
        found.append(
            {
                "type": "pair", "symbol": symbol, "base": base, "quote": quote,
                "tick": random.choice(["1", "0.5", "0.1"]), "lot": random.choice(["1", "1", "0.1"]),
                "base_decimals": {"B": 2, "C": 3}[base], "quote_decimals": 2 if quote == "B" else quote_decimals,
                "min_notional": random.choice(["0", "1", "30"]),
                "maker_fee": random.choice(["0", "0.001", "0.0003", "0.05"]),
                "taker_fee": random.choice(["0", "0.001", "0.0025", "0.05"]),
            }
        )  # fmt: skip
    return found


@dataclass(frozen=True)
class Mood:
    """What a session likes: sessions that differ in this meet more than sessions that all do a little of all."""

    types: list[str]
    lists: float
    amends: float
    gtd: float
    ice: float
    stp: float
    spreads: list[float]
    qty: float
    passing: float

    @classmethod
    def draw(cls, random: Random) -> Mood:
        some = random.sample(TRIGGERED, random.randint(1, len(TRIGGERED)))
        return cls(
            types=random.choice([TYPES, TYPES, ["limit", *some], ["market", "limit", "limit", *some], ["limit"]]),
            lists=random.choice([0.0, 0.15, 0.5, 0.8]),
            amends=random.choice([0.05, 0.15, 0.4]),
            gtd=random.choice([0.0, 0.2, 0.6]),
            ice=random.choice([0.0, 0.25, 0.7]),
            stp=random.choice([0.0, 0.5, 0.9]),
            spreads=random.choice([[1, 3, 6], [1, 3, 6], [1], [3]]),
            qty=random.choice([4, 4, 1.5, 12]),
            passing=random.choice([0.1, 0.4, 0.9]),
        )


class Session:
    """Makes lines, one after the other, and has them answered."""

    def __init__(self, seed: int, answer: Callable[[str], list[Entry]]) -> None:
        self.random = Random(seed)  # noqa: S311 - repeatable sessions
        self.answer = answer
        self.watch = Watch()
        self.lines: list[str] = []
        self.ts = 0
        self.ids = 0
        self.dusty = self.random.random() < 0.25
        self.middle = 3 if self.dusty else 20
        self.rich = self.random.choice([30, 90] if self.dusty else [200, 2_000, 50_000])
        self.accounts = self.random.choice([["A", "B", "C"], ["A", "B", "C"], ["A", "B"], ["A"]])
        self.pairs = [dusty_pair(self.random)] if self.dusty else pairs(self.random)
        self.mood = Mood.draw(self.random)
        for pair in self.pairs:
            self.add(pair)
        for account in self.accounts:
            for asset in sorted({each for pair in self.pairs for each in (pair["base"], pair["quote"])}):
                if self.random.random() < 0.9:
                    self.deposit(account, asset)

    def add(self, entry: Entry) -> None:
        line = json.dumps(entry)
        self.lines.append(line)
        self.watch.see(entry, self.answer(line))

    def deposit(self, account: str, asset: str) -> None:
        amount = self.random.randint(1, self.rich)
        amount = amount // self.middle + 1 if asset != "Q" else amount
        self.add({"type": "deposit", "ts": self.ts, "account": account, "asset": asset, "amount": str(amount)})

    def step(self) -> None:
        random = self.random
        if random.random() < self.mood.passing:
            self.ts += random.randint(1, 3) if random.random() < 0.95 else 20
        account = random.choice(self.accounts) if random.random() < 0.995 else "nobody"
        kind = random.random()
        if kind < 0.03:
            pair = random.choice(self.pairs)
            self.deposit(random.choice(self.accounts), random.choice([pair["base"], pair["quote"]]))
        elif kind < 0.05:
            self.add({"type": "clock", "ts": self.ts})
        elif kind < 0.13 or len(self.watch.orders) > CROWDED:
            self.add({"type": "cancel", "ts": self.ts, **self.target(account)})
        elif kind < 0.16 and len(self.lines) > 8:
            self.again(json.loads(random.choice(self.lines[-12:])))
        elif kind < 0.16 + self.mood.amends:
            self.amend(account)
        elif random.random() < self.mood.lists:
            self.submit_list(account)
        else:
            self.submit(account)

    def again(self, entry: Entry) -> None:
        """Say what was said before, or nearly so."""
        random = self.random
        if entry["type"] not in ("submit", "submit_list"):
            return
        way = random.random()
        if entry["type"] == "submit":
            if way < 0.3:
                entry["qty"] = self.qty(self.pairs[0]["symbol"])
            elif way < 0.6:
                entry = {
                    key: value + "0" if key in SPACIOUS and "." in value else value for key, value in entry.items()
                }
                entry |= {"stp": entry.get("stp", "none"), "post_only": entry.get("post_only", False)}
        elif way < 0.3:
            entry["orders"] = entry["orders"][::-1]
        elif way < 0.5:
            entry = {"type": "submit", "account": entry["account"], **random.choice(entry["orders"])}
        self.add({**entry, "ts": self.ts})

    def submit(self, account: str) -> None:
        order = self.order(self.random.choice(self.pairs)["symbol"], self.random.choice(self.mood.types))
        self.add({"type": "submit", "ts": self.ts, "account": account, **order})

    def open_order(self) -> Known | None:
        live = [order for order in self.watch.orders.values() if not order.ended]
        return self.random.choice(live) if live else None

    def target(self, account: str) -> Entry:
        """The account and the id of an open order or list mostly, of anything else sometimes."""
        o = self.open_order()
        if o is None or self.random.random() < 0.05:
            return {"account": account, "id": f"o{self.random.randint(1, 60)}"}
        if o.list_id and self.random.random() < 0.3:
            return {"account": o.account, "id": o.list_id}
        return {"account": o.account, "id": o.id}

    def name(self) -> str:
        if self.random.random() < 0.02:
            return f"o{self.random.randint(1, 40)}"
        self.ids += 1
        return f"o{self.ids}"

    def number(self, middle: float, spread: float, step: str) -> str:
        if self.random.random() < 0.01:
            return self.random.choice(BAD_NUMBERS)
        steps = max(1, round(self.random.uniform(middle - spread, middle + spread) / float(step)))
        places = len(step.partition(".")[2])
        return f"{steps * float(step):.{places}f}" + ("0" if places and self.random.random() < 0.05 else "")

    def pair(self, symbol: str) -> Entry:
        return next(pair for pair in self.pairs if pair["symbol"] == symbol)

    def price(self, symbol: str) -> str:
        return self.number(self.middle, self.random.choice(self.mood.spreads), self.pair(symbol)["tick"])

    def qty(self, symbol: str) -> str:
        return self.number(self.mood.qty, self.mood.qty, self.pair(symbol)["lot"])

    def order(self, symbol: str, kind: str, side: str | None = None) -> Entry:
        random = self.random
        order: Entry = {
            "id": self.name(), "symbol": symbol, "side": side or random.choice(["buy", "sell"]), "order_type": kind,
            "qty": self.qty(symbol),
        }  # fmt: skip
        if kind in LIMITED:
            order["price"] = self.price(symbol)
            order |= self.timing()
            if random.random() < self.mood.ice:
                order["display_qty"] = self.number(1, 1, self.pair(symbol)["lot"])
            if kind == "limit" and random.random() < 0.15:
                order["post_only"] = random.random() < 0.9
        if kind == "trailing_stop":
            way = random.random()
            order |= {"trail": self.number(1.5, 1, self.pair(symbol)["tick"])} if way < 0.5 else {}
            order |= (
                {"trail_bps": random.choice([1, 333, 500, 1000, 1777, "1777", "12.5", "250.0"])} if way > 0.49 else {}
            )
            if random.random() < 0.02:
                order["trail_bps"] = random.choice([0, -1, 10_000, 9_999, "NaN", "0.0"])
        elif kind in TRIGGERED:
            order["stop_price"] = self.price(symbol)
        if random.random() < self.mood.stp:
            order["stp"] = random.choice(MODES)
        if random.random() < 0.05:
            order["reduce_only"] = random.random() < 0.8
        return self.spoilt(order) if random.random() < 0.03 else order

    def timing(self) -> Entry:
        random = self.random
        chosen = random.random()
        if random.random() < self.mood.gtd:
            return {"tif": "GTD", "expire_ts": self.ts + random.randint(0 if random.random() < 0.05 else 1, 12)}
        return {"tif": random.choice(["IOC", "FOK", "GTC", "GTC"])} if chosen < 0.5 else {}

    def spoilt(self, order: Entry) -> Entry:
        """The order with a field too few or too many, or a bad one."""
        random = self.random
        may = {
            "price": self.price(order["symbol"]) if order["symbol"] in [p["symbol"] for p in self.pairs] else "1",
            "stop_price": "20", "trail": "1", "trail_bps": 100, "tif": random.choice(["GTC", "IOC", "FOK", "GTD"]),
            "post_only": True, "reduce_only": True, "display_qty": random.choice(["1", "0", "0.05", "100"]),
            "expire_ts": self.ts + random.randint(-1, 5), "symbol": "X/Y",
        }  # fmt: skip
        key = random.choice(list(may))
        if key in order and key != "symbol" and random.random() < 0.5:
            return {name: value for name, value in order.items() if name != key}
        return {**order, key: may[key]}

    def submit_list(self, account: str) -> None:
        random = self.random
        symbol = random.choice(self.pairs)["symbol"]
        kind = random.choice(["oco", "oto", "bracket"])
        side = random.choice(["buy", "sell"])
        if kind == "oco":
            orders = [self.leg(symbol, side, self.waiting()) for _ in range(2)]
            if random.random() < 0.05:
                orders[1]["side"] = random.choice(["buy", "sell"])
        else:
            other = "sell" if side == "buy" else "buy"
            entry = self.order(symbol, random.choice(self.mood.types), side)
            if kind == "bracket":
                takes, stops = ["limit", "take_profit", "take_profit_limit"], ["stop", "stop_limit", "trailing_stop"]
                orders = [
                    entry,
                    self.leg(symbol, other, random.choice(takes)),
                    self.leg(symbol, other, random.choice(stops)),
                ]
            else:
                sides = [other, other, other, side]
                orders = [
                    entry,
                    *(self.leg(symbol, random.choice(sides), self.waiting()) for _ in range(random.randint(1, 3))),
                ]
        if random.random() < 0.02:
            random.shuffle(orders)
        if random.random() < 0.02:
            orders.pop()
        if random.random() < 0.01 and orders:
            orders[-1]["symbol"] = random.choice(self.pairs)["symbol"]
        if orders:
            entry = {"type": "submit_list", "ts": self.ts, "account": account, "id": self.name()}
            self.add({**entry, "kind": kind, "orders": orders})

    def waiting(self) -> str:
        """A type that an order of a list may have whose time comes later."""
        return self.random.choice([each for each in self.mood.types if each != "market"])

    def leg(self, symbol: str, side: str, kind: str) -> Entry:
        leg = self.order(symbol, kind, side)
        if self.random.random() < 0.97:
            leg.pop("post_only", None)
            if leg.get("tif") in ("IOC", "FOK"):
                del leg["tif"]
        return leg

    def amend(self, account: str) -> None:
        random = self.random
        o = self.open_order()
        entry: Entry = {"type": "amend", "ts": self.ts, **self.target(account)}
        if o is not None and random.random() < 0.95:
            entry |= {"account": o.account, "id": o.id}
        known = o.entry if o is not None else {"price": "1", "symbol": self.pairs[0]["symbol"]}
        symbol = known["symbol"]
        is_leg = o is not None and (o.starts_after is not None or o.excludes is not None)
        may: dict[str, Any] = {
            "price": ("price" in known, self.price(symbol)),
            "stop_price": ("stop_price" in known, self.price(symbol)),
            "trail": ("trail" in known, self.number(1.5, 1, self.pair(symbol)["tick"])),
            "qty": (not is_leg, self.qty(symbol)),
        }
        for key, (fits, value) in may.items():
            if random.random() < (0.5 if fits else 0.02):
                entry[key] = value
        self.add(entry)

    def malformed(self) -> str:
        """A line that says nothing well, made from one that did."""
        random = self.random
        entry = json.loads(random.choice(self.lines))
        key = random.choice([key for key in entry if key != "tif"])
        wrong: list[Any] = [None, 1.5, True, [], {}, "1e5", "+1", ".5", "5.", "", "Inf", "-NaN", " 1", "\u0661"]
        ways = [
            {name: value for name, value in entry.items() if name != key},
            {**entry, "colour": "red"},
            {
                **entry,
                key: random.choice(wrong if key not in ("account", "id", "symbol", "base", "quote") else wrong[:5]),
            },
            {**entry, "ts": self.ts - 1},
        ]
        return json.dumps(random.choice(ways if self.ts else ways[:3]))


def session(seed: int, steps: int = 60) -> list[str]:
    """Return the lines of a session."""
    naive = NaiveText()
    made = Session(seed, naive.answer)
    for _ in range(steps):
        made.step()
    made.watch.check_state(naive.state())
    return made.lines
