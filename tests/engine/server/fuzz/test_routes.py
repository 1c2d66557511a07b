"""Every operation of `/v1`, asked by schemathesis with what its description allows and with what it does not.

Each case is sent by a stranger, a trader, an administrator, one who proved presence,
and a program with a key: nobody ever gets an error of
the server's, and every answer is one that the description of the operation tells of.
"""

from __future__ import annotations

import hmac
import time
from collections import Counter
from random import Random
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from requests import PreparedRequest
from requests.auth import AuthBase
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.transport import Response

from engine.server.openapi import PATH
from tests.engine.server.fuzz.likely import make_likely
from tests.engine.server.fuzz.town import RESIDENTS, Town

pytestmark = [
    pytest.mark.integration,
    pytest.mark.filterwarnings("ignore:Do not use the `random` module"),  # the server's thread does, meanwhile
]

PEOPLE = ("stranger", "trader", "admin", "stepped_up", "key")
BY_SECRET = frozenset(
    {
        "POST /v1/auth/verify", "POST /v1/auth/login", "POST /v1/auth/refresh", "POST /v1/auth/password/reset",
        "POST /v1/auth/mfa/confirm", "POST /v1/auth/mfa/disable", "POST /v1/auth/recovery-codes",
        "POST /v1/auth/password", "DELETE /v1/auth/sessions/{session_id}",
    }
)  # fmt: skip
"""What nobody is granted by chance: it wants a code, a signature or an id of the moment."""
CHECKED = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "missing_required_header",
)
load_all_checks()
CHECKS_OF_ALL: list[Any] = CHECKS.get_by_names(CHECKED)


class Signer(AuthBase):
    """Signs requests with an API key."""

    def __init__(self, api_key: str, secret: str) -> None:
        self._api_key, self._secret = api_key, secret.encode()

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Sign a request as it is sent."""
        body: Any = request.body or b""
        stamp = str(time.time_ns() // 1_000_000)
        told = (stamp, str(request.method), request.path_url)
        text = b"\n".join((*(each.encode() for each in told), body.encode() if isinstance(body, str) else body))
        request.headers.pop("Authorization", None)
        request.headers["X-CRS-Key"], request.headers["X-CRS-Timestamp"] = self._api_key, stamp
        request.headers["X-CRS-Signature"] = hmac.new(self._secret, text, "sha256").hexdigest()
        return request


class Asker:
    """Sends a case as everybody, and holds the answers against the description."""

    def __init__(self, town: Town) -> None:
        self._town, self._session = town, requests.Session()
        self._signer = Signer(*town.key)
        self.seen: Counter[tuple[str, str, int]] = Counter()
        """How often an operation answered somebody with a status."""

    def ask_as_everybody(self, case: Case[Any]) -> None:
        """Send a case as everybody who gets another answer for who it is."""
        security = case.operation.definition.raw["security"]
        for who in PEOPLE if security else PEOPLE[:1]:
            answer, shown = self._ask(case, who)
            self.seen[case.operation.label, who, answer.status_code] += 1
            assert b"session_ended" not in answer.content, (case.operation.label, who)
            assert shown or not security or answer.status_code in (400, 401), (case.operation.label, who)
            case.validate_response(answer, checks=CHECKS_OF_ALL)

    def _ask(self, case: Case[Any], who: str) -> tuple[Response, bool]:
        """Return what is answered, and whether a token was shown: a case may forge or withhold it."""
        if who == "key":
            return case.call(base_url=self._town.url, session=self._session, auth=self._signer), True
        answer = case.call(base_url=self._town.url, session=self._session, headers=self._town.headers(who))
        shown = answer.request.headers.get("Authorization") == self._town.headers(who).get("authorization", "")
        if shown and b"session_ended" in answer.content:
            fresh = self._town.headers(who, fresh=True)
            answer = case.call(base_url=self._town.url, session=self._session, headers=fresh)
        return answer, shown


def ask_all(town: Town, examples: int) -> Counter[tuple[str, str, int]]:
    """Ask every operation so often, by what is allowed and by what is not; return what was answered."""
    asker = Asker(town)
    described: Any = schemathesis.openapi.from_dict(town.client.get(PATH).json())
    for found in described.get_all_operations():
        operation = found.ok()
        cases = st.one_of(*(operation.as_strategy(mode) for mode in GenerationMode))

        @settings(
            max_examples=examples, derandomize=True, database=None, deadline=None, phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(cases, st.integers(0, 2**32))
        def check(case: Case[Any], chance: int) -> None:
            if chance % 4 and case.meta is not None and case.meta.generation.mode.is_positive:
                put_likely(case, Random(chance))  # noqa: S311 - reproducible
            asker.ask_as_everybody(case)

        check()
    for who in RESIDENTS:  # whatever became of them
        town.headers(who, fresh=True)
    return asker.seen


def put_likely(case: Case[Any], chance: Random) -> None:
    """Let a case mean something to this server."""
    for name in ("path_parameters", "query", "body"):
        value = getattr(case, name)
        if isinstance(value, dict | list):
            setattr(case, name, make_likely(value, chance))


@pytest.mark.no_cover
def test_every_operation_answers_everybody_as_described(here: Town) -> None:
    seen = ask_all(here, examples=4)

    operations = {label for label, _, _ in seen}
    good = {label for label, _, status in seen if status < 300}
    assert len(operations) > 50
    assert len(good) > 10, sorted(operations - good)  # how many depends on the few examples: some end sessions
    assert here.client.get("/health/ready").json()["state"] != "critical"


@pytest.mark.soak
@pytest.mark.timeout(3_600)
def test_every_operation_answers_everybody_as_described_200_times(here: Town) -> None:
    seen = ask_all(here, examples=200)

    missed = {label for label, _, _ in seen} - {label for label, _, status in seen if status < 300}
    assert not missed - BY_SECRET
