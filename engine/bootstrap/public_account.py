"""Paper accounts on a public exchange: which one, what it starts with, its fees, and what is said at the start."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from engine.adapters.paper.live_file import VenueChoices
from engine.adapters.paper.past import Rates
from engine.adapters.paper.recovery import How, RecoveryReport
from engine.bootstrap.account import next_account
from engine.domain.asset import Asset
from engine.domain.command import Command, Deposit, SetFees
from engine.domain.number import NANOS_PER_SECOND, Nanos, Units
from engine.domain.order import AccountId
from engine.domain.pair import TradingPair
from engine.errors import InvalidSetting
from engine.portfolio.currency import CASH, currency_of
from engine.portfolio.fold import Fold
from engine.ports.exchange import ExchangeFeed
from engine.settings import Settings


def account_here(choices: VenueChoices, known: Sequence[AccountId]) -> AccountId:
    """Return the account that was chosen, else the newest, else the id of the first."""
    if choices.account in known:
        return choices.account
    return known[-1] if known else next_account(known)


def engaged_in(fold: Fold) -> list[str]:
    """Return the pairs in which any account holds something or has an open order."""
    found = dict[str, None]()
    for account in fold.accounts():
        found |= dict.fromkeys(order.symbol for order in fold.orders(account))
        found |= dict.fromkeys(each.symbol for each in fold.positions(account) if each.qty)
    return list(found)


def opening_here(pairs: Sequence[TradingPair], settings: Settings, account: AccountId) -> list[Command]:
    """Return the commands that open an account: the starting balances of the settings, as far as the venue has them.

    What the settings give in a kind of cash that is not traded here is given in the currency of the account. Fees are
    those of the pairs, as the venue's schedule has them.

    Raises:
        InvalidSetting: the starting balances give nothing that is traded here.
    """
    assets = {asset.code: asset for pair in pairs for asset in (pair.quote, pair.base)}
    currency = currency_of(pairs)
    given: dict[str, Decimal] = {}
    for code, amount in settings.account.starting_balances.items():
        here = code if code in assets or code not in CASH else currency
        if here in assets and amount:
            given[here] = given.get(here, Decimal(0)) + amount
    deposits: list[Command] = [
        Deposit(account, code, units) for code, amount in given.items() if (units := _units(assets[code], amount))
    ]
    if not deposits:
        raise InvalidSetting(
            f"account.starting_balances gives nothing that is traded here; choose from {', '.join(assets)}."
        )
    return deposits


def _units(asset: Asset, amount: Decimal) -> Units:
    """Return an amount in units, rounded down where the asset is coarser here."""
    return Units(int(amount.scaleb(asset.decimals)))


def rates_here(
    listed: Iterable[TradingPair],
    offered: Iterable[TradingPair],
    accounts: Iterable[AccountId],
    rates: Mapping[AccountId, Mapping[str, Rates]],
) -> list[Command]:
    """Return what brings every account's fees to those that the venue has now, where they are others.

    Args:
        listed: the pairs as the journal lists them, with the fees of then.
        offered: the pairs as the venue offers them.
        accounts: all that there are.
        rates: the accounts' own fees by symbol, which go before those of the pair.
    """
    pairs, found = {pair.symbol: pair for pair in listed}, list[Command]()
    for account in accounts:
        for offer in offered:
            pair = pairs.get(offer.symbol)
            if pair is None:
                continue
            maker, taker = rates.get(account, {}).get(offer.symbol, (None, None))
            now = (maker or pair.maker_fee, taker or pair.taker_fee)
            if now != (offer.maker_fee, offer.taker_fee):
                found.append(SetFees(account, offer.symbol, offer.maker_fee, offer.taker_fee))
    return found


def said_of_closing(
    feed: ExchangeFeed, fold: Fold, last_at: Nanos, records: int, missing: Sequence[str], lost: int
) -> tuple[RecoveryReport, Nanos]:
    """Return the report of the start, and how long the program had been closed."""
    if not last_at:
        return RecoveryReport(How.FIRST, records, 0, 0, f"A new paper account on {feed.title} was opened."), Nanos(0)
    closed = Nanos(max(0, feed.now - last_at))
    waiting = sum(len(fold.orders(account)) for account in fold.accounts())
    said = [f"The program had been closed for {duration(closed)}; nothing was filled in that time."]
    if waiting:
        which = "1 open order waits" if waiting == 1 else f"{waiting:,} open orders wait"
        said.append(f"{which} at the back of the queue, in the book of {feed.title} as it is now.")
    if missing:
        said.append(f"{feed.title} does not offer {', '.join(missing)} any more: what is there cannot be traded.")
    if lost:
        said.append(f"{lost} sent but not arrived when it ended: not placed.")
    return RecoveryReport(How.SEATED, records, 0, waiting, " ".join(said)), closed


def duration(nanos: int) -> str:
    """Return a span of time in words, to the coarsest two units: `2 d 3 h`, `4 min 5 s`, `7 s`."""
    left, parts = nanos // NANOS_PER_SECOND, list[str]()
    for seconds, unit in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        count, left = divmod(left, seconds)
        if count or (unit == "s" and not parts):
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2])
