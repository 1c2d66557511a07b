"""Giving an account of this exchange money; an operator's act."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from msgspec import Struct

from engine.adapters.sql.owned import read_balances
from engine.domain.asset import Asset
from engine.domain.command import Deposit
from engine.domain.order import AccountId
from engine.errors import InvalidInput
from engine.server.core.port import Core
from engine.server.core.told import trimmed
from engine.services.offload import offload
from engine.wire.text import Amount

if TYPE_CHECKING:
    from sqlalchemy import Engine as SqlEngine

MOST = Decimal(10) ** 15
"""At once, of any asset."""


class Funding(Struct, frozen=True, forbid_unknown_fields=True):
    """What to give to whom."""

    account: AccountId
    asset: str
    amount: Amount
    venue: str = ""
    """In which upstream market; empty = the server's own."""


class Funds(Struct, frozen=True):
    """What an account has of an asset now."""

    account: str
    asset: str
    free: str
    locked: str


async def fund(core: Core, database: SqlEngine, funding: Funding) -> Funds:
    """Credit an account and return what it has once that is durable.

    Raises:
        InvalidInput: there is no such asset here, or the amount is none that can be given.
        StorageUnavailable, VenueUnavailable: it was not credited.
    """
    asset = _asset(core, funding.asset)
    amount = Decimal(funding.amount)
    if not 0 < amount <= MOST:
        raise InvalidInput(f"The amount must be more than 0 and at most {MOST:,f}, not {funding.amount}.")
    await core.carry_out(Deposit(funding.account, asset.code, asset.units(amount)))
    for row in await offload(read_balances, database, funding.account):
        if row["asset"] == asset.code:
            return Funds(funding.account, asset.code, trimmed(row["free"]), trimmed(row["locked"]))
    raise InvalidInput(f"{funding.account} was credited, and its balance cannot be read.")


def _asset(core: Core, code: str) -> Asset:
    assets = {asset.code: asset for pair in core.pairs() for asset in (pair.quote, pair.base)}
    if code not in assets:
        raise InvalidInput(f"{code!r} is not traded here; choose one of {', '.join(assets)}.")
    return assets[code]
