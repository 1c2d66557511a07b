"""`crs account why`: why an order filled, or why it did not, from the record that the exchange made."""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from engine.adapters.sql.reader import Reader, StoredSnapshot
from engine.adapters.sql.statement import chosen_account
from engine.adapters.sql.why import OrderStory, read_order
from engine.cli.table import instant, table
from engine.domain.number import NANOS_PER_SECOND
from engine.domain.order import AccountId, OrderId
from engine.domain.pair import TradingPair
from engine.errors import CrsError
from engine.exchange.kernel import Exchange
from engine.exchange.offline import stored_exchange
from engine.portfolio import fillstory

MILLI = 1_000_000
OPEN = ("pending", "waiting", "working")

log = logging.getLogger(__name__)


def run_why(reader: Reader, args: argparse.Namespace, selected: str | None) -> int:
    """Print what became of an order, and why."""
    story = read_order(reader, AccountId(chosen_account(reader, selected)), OrderId(args.order))
    told = _told(story, reader)
    print(json.dumps(told, ensure_ascii=False) if args.json else _readable(told, story))
    return 0


def _told(story: OrderStory, reader: Reader) -> dict[str, Any]:
    row, pair = story.row, story.pair
    told: dict[str, Any] = {
        "account": story.account,
        "order_id": story.order_id,
        "status": "rejected" if row is None else row["status"],
        "order": row,
        "fills": [],
        "average_price": None,
        "slippage_bps": None,
        "slippage": None,
        "now": None,
        "text": _ending(story),
    }
    if row is None or pair is None:
        return told
    told["fills"] = [fillstory.fill_told(fill, why, pair) for fill, why in story.fills]
    filled = sum(fill.qty for fill, _ in story.fills)
    if filled:
        ticks = sum(fill.price * fill.qty for fill, _ in story.fills)
        told["average_price"] = format((pair.price(ticks) / filled).quantize(pair.tick / 100), "f")
        known = [(fill, why) for fill, why in story.fills if why is not None]
        found = fillstory.slippage(known, pair) if len(known) == len(story.fills) else None
        if found is not None:
            told["slippage_bps"], told["slippage"] = format(found.bps, "f"), format(found.money, "f")
    if row["status"] in OPEN:
        told["now"] = _now(story, pair, reader)
    return told


def _ending(story: OrderStory) -> str:
    """Return how it ended, or that it has not, in a sentence."""
    row = story.row
    if row is None:
        return f"It was refused: {story.refused.text}" if story.refused is not None else ""
    status, reason = row["status"], row["reason"]
    if status == "cancelled":
        return fillstory.CANCELLED[reason]
    return {
        "filled": "It was filled.",
        "expired": f"It was good till {instant(row['expire_ns'] or 0)} UTC, which came.",
        "pending": f"It has not started: it does when {row['starts_after']} has ended, with what that filled.",
        "waiting": "It waits for its price; until then it is in no queue.",
        "working": "It is working.",
    }[str(status)]


def _now(story: OrderStory, pair: TradingPair, reader: Reader) -> dict[str, Any] | None:
    """Return where an open order stands by the newest snapshot of the market, and as of when that was made."""
    stored = reader.snapshot()
    exchange = _exchange(stored, reader) if stored is not None else None
    wait = exchange.waits(story.account, story.order_id) if exchange is not None else None
    if exchange is None or wait is None or stored is None:
        return None
    place, book = exchange.place_in_queue(story.account, story.order_id), exchange.book(pair.symbol)
    told = {"as_of": stored.at, **fillstory.wait_told(wait, pair), "place": None, "text": ""}
    if place is not None:
        (order,) = [each for each in exchange.open_orders(story.account) if each.order_id == story.order_id]
        buys = order.side == "buy"
        best = book.best_ask if buys else book.best_bid
        told["place"] = fillstory.place_told(place, pair)
        told["text"] = " ".join(
            (fillstory.place_text(place, pair), fillstory.distance_text(buys, order.price or 0, best, pair))
        )
    elif story.row is not None and story.row["status"] == "waiting":
        trigger = exchange.trigger_price(story.account, story.order_id)
        last = book.last_price
        told["text"] = f"It fires at a last price of {_text(trigger, pair)}; the last price is {_text(last, pair)}."
    return told


def _exchange(stored: StoredSnapshot, reader: Reader) -> Exchange | None:
    try:
        return stored_exchange(stored.data, reader.pairs())
    except CrsError as error:  # of another version: what the journal says stands all the same
        log.warning("the snapshot of the market cannot be read: %s", error)
        return None


def _text(price: int | None, pair: TradingPair) -> str:
    return "nothing known yet" if price is None else pair.price_text(price)


# For people


def _readable(told: dict[str, Any], story: OrderStory) -> str:
    row, pair = story.row, story.pair
    if row is None or pair is None:
        return f"Order {story.order_id} of {story.account}\n{told['text']}"
    at = f" at {row['price']}" if row["price"] else ""
    what = f"{row['side']} {row['qty']} {pair.base.code} {row['order_type'].replace('_', '-')}{at}, {row['tif']}"
    parts = [
        f"Order {story.order_id} of {story.account}: {what}\n"
        f"{told['text']} Filled {row['filled']} of {row['qty']}{_average(told, pair)}."
    ]
    for number, fill in enumerate(told["fills"], 1):
        parts.append(_fill(number, len(told["fills"]), fill, pair))
    if told["now"] is not None:
        parts.append(_standing(told["now"]))
    elif row["status"] in OPEN:
        parts.append("No snapshot of the market tells where it stands now; the desktop writes one every 20 seconds.")
    if story.refused is not None:
        parts.append(f"Last refusal, {instant(story.refused.at)} UTC: {story.refused.text}")
    return "\n\n".join(parts)


def _average(told: dict[str, Any], pair: TradingPair) -> str:
    if told["average_price"] is None:
        return ""
    worse = "" if told["slippage"] is None else f", {_slippage(told, pair)}"
    return f" at {told['average_price']} on average{worse}"


def _slippage(told: dict[str, Any], pair: TradingPair) -> str:
    return fillstory.Slippage(Decimal(told["slippage_bps"]), Decimal(told["slippage"])).text(pair.quote.code)


def _fill(number: int, count: int, fill: dict[str, Any], pair: TradingPair) -> str:
    why = fill["why"]
    head = f"Fill {number} of {count}, {moment(fill['at'])}: {fill['qty']} {pair.base.code} at {fill['price']}"
    if why is None:
        return f"{head}\n  An earlier version made it and kept no record of why."
    rate = f"{fill['liquidity']}, fee {fill['fee']} {pair.quote.code} at a rate of {why['fee_rate']}"
    worse = "the arrival mid is not known" if why["slippage"] is None else _slippage(why, pair)
    lines = [head, f"  {why['text']} ({why['rule']})", f"  {rate}; {worse}", *_arrival(why["arrival"])]
    return "\n".join((*lines, *_course(why)))


def _standing(now: dict[str, Any]) -> str:
    lines = [f"As of {moment(now['as_of'])}", *([f"  {now['text']}"] if now["text"] else [])]
    if now["arrival"] is not None:
        lines += _arrival(now["arrival"])
    return "\n".join((*lines, *_course(now)))


def _arrival(arrival: dict[str, Any]) -> list[str]:
    latency = (arrival["at"] - arrival["sent_at"]) / MILLI
    quote = f"bid {arrival['bid'] or '-'}, ask {arrival['ask'] or '-'}, last {arrival['last'] or '-'}"
    lines = [f"  Arrived {moment(arrival['at'])}, {latency:g} ms after it was sent."]
    when = "then" if arrival["seen_at"] == arrival["at"] else f"when it entered the book, {moment(arrival['seen_at'])}"
    lines.append(f"  The market {when}: {quote}.")
    if arrival["ahead"] is not None:
        lines.append(f"  Ahead of it in the queue when it came to rest: {arrival['ahead']}.")
    rows = [(level["price"], level["qty"], level["consumed"]) for level in arrival["opposite"]]
    if rows:
        lines += _inset("The book it met", ("price", "displayed", "taken by us before"), rows)
    return lines


def _course(record: dict[str, Any]) -> list[str]:
    lines: list[str] = []
    if record["queue"]:
        steps = [(moment(step["at"]), step["ahead"]) for step in record["queue"]]
        lines += _inset("The queue ahead of it", ("from", "ahead"), steps)
    if record["prints"]:
        prints = [(moment(each["at"]), each["price"], each["qty"], each["used"]) for each in record["prints"]]
        lines += _inset("Prints that consumed the queue or filled it", ("at", "price", "size", "used"), prints)
    return lines


def _inset(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"  {line}" for line in table(title, headings, rows).split("\n")]


def moment(ns: int) -> str:
    """Return an instant with its milliseconds, UTC."""
    return f"{instant(ns)}.{ns % NANOS_PER_SECOND // MILLI:03d}"
