"""Seeded commands of every kind, small enough that orders meet, fire, expire and refuse."""

from __future__ import annotations

from decimal import Decimal
from random import Random

from engine.domain.command import AmendOrder, CancelOrder, Command, Deposit, SubmitList, SubmitOrder
from engine.domain.number import Lots, Nanos, Ticks, Units
from engine.domain.order import AccountId, ListKind, OrderId, OrderType, SelfTrade, Side, TimeInForce
from tests.engine.exchange.desk import A, B, S

LIMITED = (OrderType.LIMIT, OrderType.STOP_LIMIT, OrderType.TAKE_PROFIT_LIMIT)
STOPPED = (OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TAKE_PROFIT, OrderType.TAKE_PROFIT_LIMIT)


class Anything:
    """Draws commands; `now` is the instant of the last one."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 - repeatable sessions
        self.now = 1
        self._count = 0
        self._ids: list[tuple[AccountId, OrderId]] = []

    def draw(self) -> Command:
        """Return the next command."""
        random = self._random
        self.now += random.choice((0, 0, 1, 3))
        what = random.random()
        if what < 0.02:
            return Deposit(random.choice((A, B)), random.choice("BQ"), Units(random.randrange(1, 500)))
        if what < 0.55:
            account = random.choice((A, B))
            return self._known(account, self._order(account, None))
        if what < 0.72:
            return self._list()
        if not self._ids:
            return Deposit(A, "Q", Units(1))
        account, order_id = random.choice(self._ids[-25:])
        if what < 0.85:
            return CancelOrder(account, order_id)
        return self._amend(account, order_id)

    def _known(self, account: AccountId, order: SubmitOrder) -> SubmitOrder:
        self._ids.append((account, order.order_id))
        return order

    def _price(self) -> Ticks:
        return Ticks(self._random.randrange(92, 109))

    def _order(
        self, account: AccountId, side: Side | None, kinds: tuple[OrderType, ...] = tuple(OrderType)
    ) -> SubmitOrder:
        random = self._random
        kind = OrderType.LIMIT if OrderType.LIMIT in kinds and random.random() < 0.4 else random.choice(kinds)
        limited = kind in LIMITED
        gtd = limited and random.random() < 0.15
        tif = TimeInForce.GTD if gtd else TimeInForce.GTC
        if kind is OrderType.LIMIT and random.random() < 0.1:
            tif = random.choice((TimeInForce.IOC, TimeInForce.FOK, TimeInForce.GTC))
        qty = random.randrange(1, 12)
        ice = limited and tif in (TimeInForce.GTC, TimeInForce.GTD) and random.random() < 0.25
        by_bps = random.random() < 0.5
        trails = kind is OrderType.TRAILING_STOP
        self._count += 1
        return SubmitOrder(
            account=account,
            order_id=OrderId(
                f"o{self._count}" if random.random() < 0.97 else f"o{random.randrange(1, self._count + 1)}"
            ),
            symbol=S,
            side=random.choice(list(Side)) if side is None else side,
            order_type=kind,
            qty=Lots(qty),
            price=self._price() if limited else None,
            stop_price=self._price() if kind in STOPPED else None,
            tif=tif,
            expire_ts=Nanos(self.now + random.randrange(1, 40)) if gtd else None,
            post_only=kind is OrderType.LIMIT and tif is TimeInForce.GTC and random.random() < 0.1,
            reduce_only=random.random() < 0.05,
            display_qty=Lots(random.randrange(1, qty + 1)) if ice else None,
            trail=Ticks(random.randrange(1, 6)) if trails and not by_bps else None,
            trail_bps=Decimal(random.randrange(1, 2_000)) / 4 if trails and by_bps else None,
            stp=random.choice(list(SelfTrade)),
        )

    def _list(self) -> SubmitList:
        random = self._random
        account, kind = random.choice((A, B)), random.choice(list(ListKind))
        first = random.choice(list(Side))
        waits = tuple(each for each in OrderType if each is not OrderType.MARKET)
        if kind is ListKind.OCO:
            orders = [self._order(account, random.choice((first, first, None)), waits) for _ in range(2)]
        elif kind is ListKind.OTO:
            orders = [self._order(account, first)]
            orders += [self._order(account, None, waits) for _ in range(random.choice((1, 1, 2)))]
        else:
            profit = (OrderType.LIMIT, OrderType.TAKE_PROFIT, OrderType.TAKE_PROFIT_LIMIT)
            stop = (OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TRAILING_STOP)
            other = first.opposite
            orders = [
                self._order(account, first),
                self._order(account, other, profit),
                self._order(account, other, stop),
            ]
        self._count += 1
        list_id = OrderId(f"l{self._count}")
        self._ids += [(account, list_id), *((account, order.order_id) for order in orders)]
        return SubmitList(account, list_id, kind, tuple(orders))

    def _amend(self, account: AccountId, order_id: OrderId) -> AmendOrder:
        random = self._random

        def maybe(value: int) -> int | None:
            return value if random.random() < 0.4 else None

        return AmendOrder(
            account=account,
            order_id=order_id,
            qty=maybe(random.randrange(1, 15)),  # type: ignore[arg-type]
            price=maybe(self._price()),  # type: ignore[arg-type]
            stop_price=maybe(self._price()) if random.random() < 0.4 else None,  # type: ignore[arg-type]
            trail=maybe(random.randrange(1, 6)) if random.random() < 0.3 else None,  # type: ignore[arg-type]
        )
