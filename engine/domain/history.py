"""What an account did, as far as money and lots are concerned: its deposits and fills, in the journal's order."""

from __future__ import annotations

from dataclasses import dataclass

from engine.domain.event import FundsDeposited, OrderFilled
from engine.domain.order import AccountId, LotMethod
from engine.domain.pair import TradingPair


@dataclass(frozen=True, slots=True)
class AccountHistory:
    """Everything from which an account's lots, balances and statements follow."""

    account: AccountId
    method: LotMethod
    """The one that was chosen for the account."""
    pairs: dict[str, TradingPair]
    """Every pair ever listed, by symbol."""
    deposits: tuple[FundsDeposited, ...]
    fills: tuple[OrderFilled, ...]
