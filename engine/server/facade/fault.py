"""How Binance says no: a code that programs rely on and the exact text that clients map to their own errors.

Source: binance-spot-api-docs `errors.md`; ccxt maps several of them by the text, not by the code.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from engine.domain.event import OrderRejected
from engine.domain.order import Reason
from engine.errors import CrsError, InvalidInput
from engine.server.refusal import Refusal

TEAPOT = 418
"""Binance's status for an address that went on after 429."""


class Fault(Exception):  # noqa: N818 - an answer, not a mistake of the program
    """A request that is not carried out."""

    def __init__(self, code: int, msg: str, status: int = 400, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(msg)
        self.code, self.msg, self.status = code, msg, status
        self.headers = dict(headers or {})

    def body(self) -> dict[str, object]:
        """Return what is answered."""
        return {"code": self.code, "msg": self.msg}


def illegal(name: str, legal: str) -> Fault:
    """A parameter is not written as it must be."""
    return Fault(-1100, f"Illegal characters found in parameter '{name}'; legal range is '{legal}'.")


def missing(name: str) -> Fault:
    """A parameter that must be there is not."""
    return Fault(-1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")


def superfluous(name: str) -> Fault:
    """A parameter does not go with the others."""
    return Fault(-1106, f"Parameter '{name}' sent when not required.")


def too_precise(name: str) -> Fault:
    """More decimals than the asset has."""
    return Fault(-1111, f"Parameter '{name}' has too much precision.")


def filtered(name: str) -> Fault:
    """A filter of the symbol does not let the order pass."""
    return Fault(-1013, f"Filter failure: {name}")


def bad_symbol() -> Fault:
    """There is no such symbol."""
    return Fault(-1121, "Invalid symbol.")


def no_order() -> Fault:
    """There is no such order to look at."""
    return Fault(-2013, "Order does not exist.")


def unknown_order() -> Fault:
    """There is no such open order to cancel."""
    return Fault(-2011, "Unknown order sent.")


def bad_key() -> Fault:
    """The key is unknown, revoked, not for this address, or may not do that."""
    return Fault(-2015, "Invalid API-key, IP, or permissions for action.", HTTPStatus.UNAUTHORIZED)


def bad_signature() -> Fault:
    """The signature is another one."""
    return Fault(-1022, "Signature for this request is not valid.")


_REJECTED: dict[Reason, tuple[int, str]] = {
    Reason.UNKNOWN_ACCOUNT: (-2010, "Account has insufficient balance for requested action."),
    Reason.INSUFFICIENT_FUNDS: (-2010, "Account has insufficient balance for requested action."),
    Reason.UNKNOWN_SYMBOL: (-1121, "Invalid symbol."),
    Reason.DUPLICATE_ID: (-2010, "Duplicate order sent."),
    Reason.BAD_QUANTITY: (-1013, "Invalid quantity."),
    Reason.OFF_LOT: (-1013, "Filter failure: LOT_SIZE"),
    Reason.BAD_PRICE: (-1013, "Invalid price."),
    Reason.OFF_TICK: (-1013, "Filter failure: PRICE_FILTER"),
    Reason.BAD_STOP: (-1013, "Invalid stopPrice."),
    Reason.MIN_NOTIONAL: (-1013, "Filter failure: NOTIONAL"),
    Reason.POST_ONLY_WOULD_TAKE: (-2010, "Order would immediately match and take."),
    Reason.NO_BOOK: (-2010, "Market is closed."),
    Reason.FOK_NOT_FILLABLE: (-2010, "Order would not fill immediately and in full."),
}
"""The other reasons are Binance's in code only; their sentences are the engine's."""

_BAND = "the market ("
"""What the sentence of the price band says and no other one does."""


def of_rejection(fact: OrderRejected) -> Fault:
    """Return how the refusal of a new order reads at Binance."""
    known = _REJECTED.get(fact.reason)
    if known is not None:
        return Fault(*known)
    if fact.reason is Reason.LIMIT_EXCEEDED and _BAND in fact.text:
        return filtered("PERCENT_PRICE_BY_SIDE")
    return Fault(-1128 if fact.reason is Reason.BAD_ORDER else -2010, fact.text)


def of_cancel_rejection(fact: OrderRejected) -> Fault:
    """Return how the refusal of a cancel reads at Binance."""
    return unknown_order() if fact.reason is Reason.UNKNOWN_ORDER else Fault(-2011, fact.text)


def of_refusal(refusal: Refusal) -> Fault:
    """Return how a refusal of the server's other parts reads at Binance."""
    if refusal.word == "bad_signature":
        return bad_signature()
    if refusal.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return bad_key()
    if refusal.status in (HTTPStatus.TOO_MANY_REQUESTS, TEAPOT):
        return Fault(-1003, refusal.detail, refusal.status, refusal.headers)
    if refusal.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Fault(-1001, refusal.detail, refusal.status, refusal.headers)
    return Fault(-1100, refusal.detail, refusal.status)


def of_failure(error: CrsError) -> Fault:
    """Return how an expected failure of the engine reads at Binance."""
    if isinstance(error, InvalidInput):
        return Fault(-1100, str(error))
    return Fault(-1001, str(error), HTTPStatus.SERVICE_UNAVAILABLE)
