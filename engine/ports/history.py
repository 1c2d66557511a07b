"""The door to what accounts did in the past."""

from __future__ import annotations

from typing import Protocol

from engine.domain.history import AccountHistory
from engine.domain.order import AccountId, LotMethod


class History(Protocol):
    """Reads what is durable; every call looks at the disk, so a front makes it off its loop."""

    def method(self, account: AccountId) -> LotMethod:
        """Return the lot method that was chosen for an account; the average if none was.

        Raises:
            StorageUnavailable: it cannot be read now.
            StorageCorrupt: it is damaged.
        """
        ...

    def days(self, account: AccountId) -> frozenset[int]:
        """Return the days of the venue (UTC, counted since 1970) on which it traded or money came in; errors alike."""
        ...

    def read(self, account: AccountId) -> AccountHistory:
        """Return all that an account did so far; empty for an account that nobody opened.

        Raises:
            StorageUnavailable: it cannot be read now.
            StorageCorrupt: it is damaged.
        """
        ...
