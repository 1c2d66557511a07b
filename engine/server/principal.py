"""Who is asking: the user or key behind a request, and what it may do."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from engine.domain.number import Nanos
from engine.domain.order import AccountId


class Role(StrEnum):
    """What a user is on this server."""

    TRADER = "trader"
    SUPPORT = "support"
    COMPLIANCE = "compliance"
    ADMIN = "admin"


class Scope(StrEnum):
    """What a key may do; a session may do everything that its role may."""

    READ = "read"
    TRADE = "trade"
    WITHDRAW = "withdraw"


NEVER, ALWAYS = Nanos(0), Nanos(2**62)


@dataclass(frozen=True, slots=True)
class Principal:
    """A request's author, authenticated."""

    user_id: int
    account: AccountId
    """The account that its commands are for, unless it names another one of its own."""
    accounts: tuple[AccountId, ...]
    role: Role = Role.TRADER
    scopes: frozenset[Scope] = field(default_factory=lambda: frozenset({Scope.READ, Scope.TRADE}))
    session_id: str | None = None
    key_id: int | None = None
    stepped_up_until: Nanos = NEVER
    """Until when sensitive acts pass (server's wall clock)."""
    expires_at: Nanos = ALWAYS
    """When what it showed ends: the access token's expiry."""
    trust: float = 1.0
    """0.5-2.0: what its limits are multiplied by."""

    @property
    def limited_as(self) -> str:
        """The name under which its requests are counted."""
        return f"user:{self.user_id}" if self.key_id is None else f"key:{self.key_id}"
