"""Refusals as problem details (RFC 9457); raised by whoever refuses, written once by the dispatcher."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from engine.domain.event import OrderRejected
from engine.errors import CrsError, InvalidInput, StorageUnavailable, VenueUnavailable
from engine.wire.problem import FieldProblem, Problem


class Refusal(Exception):  # noqa: N818 - an answer, not a mistake of the program
    """A request that is not carried out; `word` is what programs rely on, `detail` a sentence for people."""

    def __init__(
        self,
        status: int,
        word: str,
        detail: str,
        *,
        fields: tuple[FieldProblem, ...] = (),
        retry_after_s: float | None = None,
        methods: tuple[str, ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.word, self.detail = status, word, detail
        self.fields, self.retry_after_s, self.methods = fields, retry_after_s, methods
        self.headers = dict(headers or {})

    def problem(self, instance: str = "") -> Problem:
        """Return the body of the answer."""
        return Problem(
            type=f"/problems/{self.word}",
            title=HTTPStatus(self.status).phrase,
            status=self.status,
            detail=self.detail,
            instance=instance,
            fields=self.fields,
            retry_after_s=self.retry_after_s,
            methods=self.methods,
        )


def bad_request(detail: str, *fields: FieldProblem) -> Refusal:
    """The request is not well formed."""
    return Refusal(400, "bad_request", detail, fields=fields)


def unauthorized(detail: str = "Sign in first.", word: str = "unauthorized") -> Refusal:
    """Nobody knows who asks."""
    return Refusal(401, word, detail, headers={"WWW-Authenticate": "Bearer"})


def forbidden(detail: str, word: str = "forbidden") -> Refusal:
    """Who asks may not."""
    return Refusal(403, word, detail)


def not_found(detail: str, word: str = "not_found") -> Refusal:
    """There is no such thing, or it is somebody else's."""
    return Refusal(404, word, detail)


def order_refused(fact: OrderRejected) -> Refusal:
    """The exchange refused an order; the word is the engine's reason."""
    return Refusal(404 if fact.reason == "unknown_order" else 422, str(fact.reason), fact.text)


def refusal_of(error: CrsError) -> Refusal:
    """Return how an expected failure of the engine is answered."""
    if isinstance(error, InvalidInput):
        return Refusal(422, "invalid", str(error))
    if isinstance(error, StorageUnavailable | VenueUnavailable):
        return Refusal(503, "unavailable", str(error), retry_after_s=1.0)
    return Refusal(503, "failed", str(error))
