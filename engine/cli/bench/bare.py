"""The peer of `crs bench orders`: the least that Starlette and msgspec can do with an order, in a process of its own.

`python -m engine.cli.bench.bare PORT` decodes the same body into the same struct and answers with the same one; it
knows no user, no limit, no exchange and no disk.
"""

from __future__ import annotations

import sys

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.domain.order import OrderStatus
from engine.wire.order import NewOrder, Order, OrderResult

_DECODER = msgspec.json.Decoder(NewOrder)
_ENCODER = msgspec.json.Encoder()


async def orders(request: Request) -> Response:
    """Answer an order."""
    new = _DECODER.decode(await request.body())
    order = Order(
        order_id=new.order_id or "", number=1, symbol=new.symbol, side=new.side, type=new.type, tif=new.tif,
        status=OrderStatus.WORKING, qty=new.qty, filled="0", price=new.price, accepted_ms=0, changed_ms=0,
    )  # fmt: skip
    return Response(_ENCODER.encode(OrderResult(order)), media_type="application/json")


def main(port: int) -> None:
    """Serve until the process is ended."""
    app = Starlette(routes=[Route("/v1/orders", orders, methods=["POST"])])
    uvicorn.run(app, host="127.0.0.1", port=port, http="httptools", lifespan="off", log_config=None, access_log=False)


if __name__ == "__main__":
    main(int(sys.argv[1]))
