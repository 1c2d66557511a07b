"""Pages: cursors that clients hand back unread, and which of one's accounts is meant."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated

from msgspec import Meta

from engine.domain.order import AccountId
from engine.server.http.route import Call
from engine.server.refusal import bad_request, not_found

AccountName = Annotated[
    str, Meta(min_length=1, max_length=64, description="one of your accounts; the first if left out")
]


def cursor_of(*numbers: int) -> str:
    """Return the cursor of the page that goes on below these numbers."""
    return urlsafe_b64encode(".".join(map(str, numbers)).encode()).decode().rstrip("=")


def numbers_of(cursor: str, count: int = 1) -> tuple[int, ...]:
    """Return the numbers of a cursor.

    Raises:
        Refusal: no page ever gave it.
    """
    try:
        text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        numbers = tuple(int(each) for each in text.split(".") if len(each) <= 19 and each.isdecimal())
    except ValueError:
        numbers = ()
    if len(numbers) != count or any(each >= 2**63 for each in numbers):
        raise bad_request("The cursor is none that a page gave.")
    return numbers


def account_of(call: Call, named: str | None) -> AccountId:
    """Return the account that a request is about.

    Raises:
        Refusal: it names one that is not the author's.
    """
    if named is None:
        return call.who.account
    if named not in call.who.accounts:
        raise not_found(f"You have no account {named!r}.", "unknown_account")
    return AccountId(named)
