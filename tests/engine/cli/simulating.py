"""A short way to write files of commands and to read what `crs simulate` answers."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterable
from contextlib import redirect_stderr
from typing import Any, NamedTuple

from engine.cli.simulate import simulate

Entry = dict[str, Any]

BTC: Entry = {
    "type": "pair",
    "symbol": "BTC/USDT",
    "base": "BTC",
    "quote": "USDT",
    "tick": "0.01",
    "lot": "0.00001",
    "base_decimals": 8,
    "quote_decimals": 8,
    "min_notional": "5",
    "maker_fee": "0.001",
    "taker_fee": "0.001",
}
ETH: Entry = {**BTC, "symbol": "ETH/USDT", "base": "ETH", "lot": "0.0001"}


class Answer(NamedTuple):
    """What a run gave."""

    status: int
    events: list[Entry]
    problem: str

    @property
    def state(self) -> Entry:
        return self.events[-1]

    def of(self, kind: str) -> list[Entry]:
        return [event for event in self.events if event["type"] == kind]

    @property
    def story(self) -> list[str]:
        """The events in short: `accepted a1`, `rejected a2 off_tick`, `trade b7 a1 0.50000@64000.00`."""
        return [_short(event) for event in self.events if event["type"] != "state"]


def _short(event: Entry) -> str:
    match event["type"]:
        case "trade":
            return f"trade {event['maker_id']} {event['taker_id']} {event['qty']}@{event['price']}"
        case "rejected":
            return f"rejected {event['id']} {event['reason']}"
        case "cancelled":
            return f"cancelled {event['id']} {event['reason']} {event['left']}"
        case "amended":
            return f"amended {event['id']} {event['qty']}@{event['price']} {event['left']}"
        case kind:
            return f"{kind} {event['id']}"


def run_bytes(data: bytes, *, state: bool = False) -> tuple[int, bytes, str]:
    """Run raw input and return status, standard output and standard error."""
    target, errors = io.BytesIO(), io.StringIO()
    before = sys.get_int_max_str_digits()
    with redirect_stderr(errors):
        status = simulate(io.BytesIO(data), target, state=state)
    assert sys.get_int_max_str_digits() == before
    return status, target.getvalue(), errors.getvalue()


def run(lines: Iterable[Entry | str | bytes], *, state: bool = False) -> Answer:
    """Run lines, given as objects or as raw text."""
    raw = [_line(line) for line in lines]
    status, output, problem = run_bytes(b"\n".join(raw) + b"\n", state=state)
    return Answer(status, [json.loads(line) for line in output.splitlines()], problem)


def _line(line: Entry | str | bytes) -> bytes:
    if isinstance(line, bytes):
        return line
    return (line if isinstance(line, str) else json.dumps(line)).encode("utf-8")


def deposit(account: str, asset: str, amount: str, ts: int = 0) -> Entry:
    return {"type": "deposit", "ts": ts, "account": account, "asset": asset, "amount": amount}


def order(account: str, id: str, side: str, qty: str, price: str | None = None, ts: int = 1, **more: object) -> Entry:
    """A limit order if there is a price, else a market order; `more` adds or replaces keys."""
    entry: Entry = {"type": "submit", "ts": ts, "account": account, "id": id, "symbol": "BTC/USDT", "side": side}
    entry |= {"order_type": "market" if price is None else "limit", "qty": qty}
    if price is not None:
        entry["price"] = price
    return entry | more


def stop(
    account: str, id: str, side: str, qty: str, at: str, price: str | None = None, ts: int = 1, **more: object
) -> Entry:
    kind = "stop" if price is None else "stop_limit"
    return order(account, id, side, qty, price, ts) | {"order_type": kind, "stop_price": at, **more}


def cancel(account: str, id: str, ts: int = 1) -> Entry:
    return {"type": "cancel", "ts": ts, "account": account, "id": id}


def amend(account: str, id: str, ts: int = 1, /, **changes: str) -> Entry:
    return {"type": "amend", "ts": ts, "account": account, "id": id, **changes}


FUNDED: list[Entry | str | bytes] = [
    BTC,
    ETH,
    deposit("A", "USDT", "100000"),
    deposit("A", "BTC", "10"),
    deposit("B", "USDT", "100000"),
    deposit("B", "BTC", "10"),
]
"""Two accounts with money on both sides of BTC/USDT."""


def trading(*lines: Entry | str | bytes, state: bool = False) -> Answer:
    """Run lines after FUNDED and insist on status 0."""
    answer = run([*FUNDED, *lines], state=state)
    assert (answer.status, answer.problem) == (0, "")
    return answer
