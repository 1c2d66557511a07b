"""How a server says no: problem details (RFC 9457), media type `application/problem+json`."""

from __future__ import annotations

from msgspec import Struct

MEDIA_TYPE = "application/problem+json"


class FieldProblem(Struct, omit_defaults=True):
    """What is wrong with one field of a body or query."""

    field: str
    text: str


class Problem(Struct, kw_only=True, omit_defaults=True):
    """Why a request was not carried out; `detail` is a sentence for a person."""

    type: str
    """`/problems/` and a word that programs may rely on, e.g. `/problems/insufficient_funds`."""
    title: str
    status: int
    detail: str
    instance: str = ""
    """The request's id."""
    fields: tuple[FieldProblem, ...] = ()
    retry_after_s: float | None = None
    methods: tuple[str, ...] = ()
    """With `mfa_required` and `step_up_required`: how one can prove oneself (`totp`, `recovery`, `password`)."""
