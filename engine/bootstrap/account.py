"""Opening a paper account: its id, its starting balances, its fees."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

from engine.domain.asset import Asset
from engine.domain.command import Command, Deposit, SetFees
from engine.domain.order import AccountId
from engine.domain.pair import FeeRate, TradingPair
from engine.errors import InvalidSetting
from engine.market.catalogue import PAIRS
from engine.settings import Settings

ACCOUNT_PREFIX = "PAPER-"

log = logging.getLogger(__name__)


def next_account(known: Sequence[AccountId]) -> AccountId:
    """Return the id of a new account: the first that was never used."""
    return AccountId(f"{ACCOUNT_PREFIX}{len(known) + 1}")


def opening(account: AccountId, pairs: Sequence[TradingPair], settings: Settings) -> list[Command]:
    """Return the commands that open an account with its starting balances and fees.

    What another market lists and this one does not (a replay has one pair) is left out, as it could
    neither be traded nor valued here. If nothing is left, the default balances stand in.

    Raises:
        InvalidSetting: the starting balances name an asset that no market has, or nothing at all.
    """
    asked = {code: amount for code, amount in settings.account.starting_balances.items() if amount}
    if not asked:
        raise InvalidSetting("account.starting_balances is empty; a new account needs something to trade with.")
    assets = _assets(pairs)
    known = _assets(spec.pair for spec in PAIRS) | assets
    for code in asked:
        if code not in known:
            raise InvalidSetting(
                f"account.starting_balances names {code!r}, which is not traded here; choose from {', '.join(known)}."
            )
    here = {code: amount for code, amount in asked.items() if code in assets}
    if here != asked:
        log.warning("starting balances left out", extra={"assets": sorted(asked.keys() - here.keys())})
    deposits = [
        Deposit(account, code, units)
        for code, amount in (here or Settings().account.starting_balances).items()
        if (units := assets[code].units(amount))
    ]
    return [*deposits, *fee_commands(account, pairs, settings)]


def _assets(pairs: Iterable[TradingPair]) -> dict[str, Asset]:
    return {asset.code: asset for pair in pairs for asset in (pair.quote, pair.base)}


def fee_commands(account: AccountId, pairs: Sequence[TradingPair], settings: Settings) -> list[Command]:
    """Return the commands that give an account the fees of the settings."""
    maker, taker = FeeRate.parse(settings.account.maker_fee), FeeRate.parse(settings.account.taker_fee)
    return [SetFees(account, pair.symbol, maker, taker) for pair in pairs]


def account_to_use(settings: Settings, known: Sequence[AccountId]) -> AccountId:
    """Return the selected account, else the newest, else the id of the first."""
    selected = AccountId(settings.account.selected)
    if selected in known:
        return selected
    return known[-1] if known else next_account(known)
