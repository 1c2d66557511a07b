"""The few `/sapi` paths that clients ask on their own when they load markets or fees."""

from __future__ import annotations

from typing import Any

from engine.server.facade import reads
from engine.server.facade.general import wanted
from engine.server.facade.instrument import name_of, plain
from engine.server.facade.looked import read
from engine.server.facade.operation import Asked, Operation, Security


async def status(_asked: Asked) -> Any:  # noqa: ANN401
    """Answer that all is well."""
    return {"status": 0, "msg": "normal"}


async def coins(asked: Asked) -> Any:  # noqa: ANN401
    """Answer with the assets and what is held of them; none can be sent in or out."""
    held = {asset: (free, locked) for asset, free, locked in await read(asked, reads.balances)}
    assets = {asset.code: asset for pair in asked.front.instruments for asset in (pair.base, pair.quote)}
    found = []
    for code, asset in sorted(assets.items()):
        free, locked = held.get(code, ("0", "0"))
        found.append(
            {
                "coin": code, "name": code, "depositAllEnable": False, "withdrawAllEnable": False,
                "free": plain(free), "locked": plain(locked), "freeze": "0", "withdrawing": "0", "ipoing": "0",
                "ipoable": "0", "storage": "0", "isLegalMoney": False, "trading": True,
                "networkList": [], "precision": asset.shown_decimals,
            }
        )  # fmt: skip
    return found


async def fees(asked: Asked) -> Any:  # noqa: ANN401
    """Answer with the fees of one symbol or of all."""
    return [
        {
            "symbol": name_of(pair),
            "makerCommission": format(pair.maker_fee.decimal, "f"),
            "takerCommission": format(pair.taker_fee.decimal, "f"),
        }
        for pair in wanted(asked.told, asked.front.instruments)
    ]


async def nothing(_asked: Asked) -> Any:  # noqa: ANN401
    """Answer that there is none: nothing is traded on margin."""
    return []


OPERATIONS = (
    Operation("GET", "system/status", status, base="/sapi/v1/"),
    Operation("GET", "capital/config/getall", coins, (), Security.READ, weight=4, base="/sapi/v1/"),
    Operation("GET", "asset/tradeFee", fees, ("symbol",), Security.READ, base="/sapi/v1/"),
    Operation("GET", "margin/allPairs", nothing, ("symbol",), Security.KEY, base="/sapi/v1/"),
    Operation("GET", "margin/isolated/allPairs", nothing, ("symbol",), Security.KEY, base="/sapi/v1/"),
)
