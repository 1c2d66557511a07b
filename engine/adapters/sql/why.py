"""Everything that a profile's database says of one order: how it was taken, its fills and why, how it ended."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from engine.adapters.sql.codec import decode
from engine.adapters.sql.reader import Reader
from engine.adapters.sql.recent import read_record
from engine.adapters.sql.store import Store
from engine.domain.event import OrderFilled, OrderRejected
from engine.domain.order import AccountId, OrderId
from engine.domain.pair import TradingPair
from engine.domain.why import FillExplained
from engine.errors import InvalidInput
from engine.services.stories import OrderTold


class OrderStory(NamedTuple):
    """One order; a refused one has no row and no pair."""

    account: AccountId
    order_id: OrderId
    row: dict[str, Any] | None
    """Of the table of orders."""
    pair: TradingPair | None
    fills: list[tuple[OrderFilled, FillExplained | None]]
    refused: OrderRejected | None
    """The last refusal under its id: of the order itself, or of a later command for it."""


def read_order(
    reader: Reader, account: AccountId, order_id: OrderId, *, with_later_refusals: bool = True
) -> OrderStory:
    """Return what became of an order.

    Refusals are looked for in the whole journal; without `with_later_refusals` only if the order itself was refused.

    Raises:
        InvalidInput: the account never sent it.
    """
    key = (account, order_id)
    row = next((dict(each) for each in reader.rows(_ORDER, key)), None)
    refused = _refusal(reader, account, order_id) if with_later_refusals or row is None else None
    if row is None:
        if refused is None:
            raise InvalidInput(f"{account} never sent an order {order_id}. `crs account --json` lists all orders.")
        return OrderStory(account, order_id, None, None, [], refused)
    pair = next(each for each in reader.pairs() if each.symbol == row["symbol"])
    whys: dict[int, FillExplained] = {
        each["trade_id"]: decode("FillExplained", each["payload"]) for each in reader.rows(_WHY, key)
    }
    seqs = [each["seq"] for each in reader.rows(_FILLS, key)]
    fills = [decode("OrderFilled", next(reader.rows(_RECORD, (seq,)))["payload"]) for seq in seqs]
    return OrderStory(account, order_id, row, pair, [(fill, whys.get(fill.trade_id)) for fill in fills], refused)


class SqlStories:
    """The stories of a profile's orders, as far as they are on the disk; see `engine.services.stories`."""

    def __init__(self, where: Path | Store) -> None:
        self._where = where

    def read(self, account: AccountId, order_id: OrderId) -> OrderTold:
        """Return what became of an order; see `StoryArchive.read`."""
        with Reader(self._where) as reader:
            story = read_order(reader, account, order_id, with_later_refusals=False)
            if story.row is None or story.pair is None:
                return OrderTold(order_id, None, (), story.refused)
            record = read_record(reader, story.row, story.pair)
            return OrderTold(order_id, record, tuple(story.fills), story.refused)


def _refusal(reader: Reader, account: AccountId, order_id: OrderId) -> OrderRejected | None:
    """Return the newest refusal under an id; there is no index of them, so all records of the kind are looked at."""
    found = None
    for row in reader.rows(_REFUSED, (account, json.dumps(order_id, ensure_ascii=False).strip('"'))):
        refused: OrderRejected = decode("OrderRejected", row["payload"])
        if refused.order_id == order_id:
            found = refused
    return found


_ORDER = 'SELECT * FROM "order" WHERE account = ? AND order_id = ?'
_FILLS = "SELECT seq FROM trade WHERE account = ? AND order_id = ? ORDER BY seq"
_WHY = "SELECT trade_id, payload FROM fill_why WHERE account = ? AND order_id = ?"
_RECORD = "SELECT payload FROM journal WHERE seq = ?"
_REFUSED = (
    "SELECT payload FROM journal WHERE kind = 'OrderRejected' AND account = ? AND replace(payload, ?, '') <> payload "
    "ORDER BY seq"
)
