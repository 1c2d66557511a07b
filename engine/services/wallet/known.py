"""Who is who, as far as the send pipeline has to know: the address book as it needs it."""

from __future__ import annotations

from typing import Protocol


class KnownAddresses(Protocol):
    """Addresses that were named or used here."""

    def title(self, address: str, chain_id: int) -> str:
        """Return what the user calls an address, empty if nothing."""
        ...

    def is_known(self, address: str) -> bool:
        """Return whether it is an own account, in the book, or was sent to before."""
        ...

    def mistaken_for(self, address: str) -> str:
        """Return whom an unknown address looks like, as a label with the address; empty if nobody."""
        ...

    def remember(self, address: str) -> None:
        """Keep that something was sent there."""
        ...
