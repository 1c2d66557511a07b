"""What happens in a wallet, told through the bus. Handlers ask the services for what is new; events only name it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WalletChanged:
    """Event: accounts, their labels, or which one is in use."""


@dataclass(frozen=True, slots=True)
class WalletLocked:
    """Event: the wallet was locked or unlocked."""

    is_locked: bool


@dataclass(frozen=True, slots=True)
class TransactionChanged:
    """Event: a transaction was sent, or something became of it."""

    chain_id: int
    hash: str
    sender: str
    state: str
    """`SendState`'s value."""
    was: str
    """Before; empty: it is new."""
    kind: str = ""
    """`IntentKind`'s value: what it does."""


@dataclass(frozen=True, slots=True)
class BalancesChanged:
    """Event: balances of an account may be others than before."""

    address: str


@dataclass(frozen=True, slots=True)
class QuotesChanged:
    """Event: pools moved; quotes may be others."""

    chain_id: int


@dataclass(frozen=True, slots=True)
class HistoryChanged:
    """Event: transfers of an account were found."""

    chain_id: int
    address: str


@dataclass(frozen=True, slots=True)
class OrdersChanged:
    """Event: an order that the program carries out was made, changed or ended."""

    id: str
