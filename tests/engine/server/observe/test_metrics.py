"""Health, figures and metrics of a running server; the dashboard and the alerts name only metrics that exist."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import pytest_asyncio
import yaml
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette

from engine.errors import StorageUnavailable
from engine.server.observe.families import FAMILIES
from engine.server.observe.routes import metrics_route
from engine.server.principal import Principal, Role
from engine.server.refusal import unauthorized
from engine.wire.metrics import Metrics, State
from tests.engine.server.harness import InLoop, in_loop
from tests.engine.server.strangers import Strangers

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROOT = Path(__file__).resolve().parents[4]
DASHBOARD = ROOT / "packaging" / "grafana" / "crs-server.json"
ALERTS = ROOT / "packaging" / "alerts" / "crs-server.yaml"
OF_THE_LIBRARY = {"process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds", "up"}


class Staff(Strangers):
    """An authenticator for which the token is the role."""

    async def bearer(self, token: str, *, ip: str) -> Principal:
        """Let a role in."""
        if token not in [*Role]:
            raise unauthorized()
        return Principal(user_id=1, account="main", accounts=("main",), role=Role(token))  # type: ignore[arg-type]


def of(role: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {role}"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[InLoop]:
    async with in_loop(tmp_path_factory.mktemp("observe") / "data") as running:
        running.services.authenticator = Staff()
        await running.services.watch.look()
        yield running


async def exposed(server: InLoop) -> tuple[str, dict[str, Any]]:
    """Return what Prometheus gets, and its families by name."""
    transport = httpx.ASGITransport(app=Starlette(routes=[metrics_route(server.services)]))
    async with httpx.AsyncClient(transport=transport, base_url="http://ops.test") as ops:
        text = (await ops.get("/metrics")).text
    return text, {family.name: family for family in text_string_to_metric_families(text)}


async def test_health_is_public_and_its_reasons_are_not(server: InLoop) -> None:
    live = await server.http.get("/health/live")
    ready = await server.http.get("/health/ready")
    told = await server.http.get("/health/ready", headers=of("admin"))
    trader = await server.http.get("/health", headers=of("trader"))
    forged = await server.http.get("/health", headers=of("no-such-token"))

    assert live.json() == {"state": "healthy"}
    assert set(ready.json()) == set(trader.json()) == set(forged.json()) == {"state"}
    assert {each["name"] for each in told.json()["checks"]} >= {
        "journal", "market", "database exchange", "database accounts", "loop", "disk",
    }  # fmt: skip
    assert "x-ratelimit-limit" in ready.headers


async def test_a_journal_that_cannot_be_written_is_critical_and_says_why(
    server: InLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = server.services.watch.journal
    monkeypatch.setattr(journal, "_failure", StorageUnavailable("The disk is full."))

    ready = await server.http.get("/health/ready", headers=of("admin"))
    assert ready.status_code == 503
    assert ready.json()["state"] == "critical"
    assert "Orders are not taken. The disk is full." in {each["text"] for each in ready.json()["checks"]}
    assert (await server.http.get("/health/live")).status_code == 200


async def test_health_is_never_refused_for_asking_often(server: InLoop) -> None:
    left = [(await server.http.get("/health/live")).headers["x-ratelimit-remaining"] for _ in range(5)]

    assert len(set(left)) == 1
    missed = [int((await server.http.get("/healthy")).headers["x-ratelimit-remaining"]) for _ in range(3)]
    assert missed == sorted(set(missed), reverse=True)  # what only looks like it is counted


async def test_figures_are_for_admins_and_fit_their_struct(server: InLoop) -> None:
    for _ in range(3):
        await server.http.get("/v1/time")
    await server.http.get("/v1/nothing")
    refused = [(await server.http.get("/v1/metrics", headers=of(role))).status_code for role in ("trader", "support")]
    answer = await server.http.get("/v1/metrics", headers=of("admin"))
    figures = msgspec.json.decode(answer.content, type=Metrics)
    by_path = {each.path: each for each in figures.requests.endpoints}

    assert refused == [403, 403]
    assert by_path["/v1/time"].requests >= 3
    assert 0 < by_path["/v1/time"].p50_ms <= by_path["/v1/time"].p95_ms <= by_path["/v1/time"].p99_ms
    assert by_path["unmatched"].refused >= 1
    assert figures.requests.in_flight == 1  # this very question
    assert figures.requests.requests == sum(each.requests for each in figures.requests.endpoints)
    assert figures.system.memory_total > figures.process.memory > 0
    assert figures.limits.passed["market"] >= 3
    assert {pool.name for pool in figures.pools} == {"exchange", "accounts"}
    assert all(pool.size == 10 and pool.answer_ms > 0 for pool in figures.pools)
    assert figures.health.state in State


async def test_what_prometheus_gets_is_what_is_documented_and_counts(server: InLoop) -> None:
    await server.http.get("/v1/time")
    text, families = await exposed(server)
    again, _ = await exposed(server)

    assert {family.name for family in FAMILIES} <= set(families)
    assert len({family.name for family in FAMILIES}) == len(FAMILIES)
    assert 'crs_requests_total{method="GET",path="/v1/time",status="200"}' in text
    spent = [each for each in families["crs_request_seconds"].samples if each.labels.get("path") == "/v1/time"]
    buckets = [each.value for each in spent if each.name.endswith("_bucket")]
    assert buckets == sorted(buckets)
    assert buckets[-1] == next(each.value for each in spent if each.name.endswith("_count")) >= 1
    assert 'crs_build_info{role="all"' in text
    assert again.splitlines()[0] == text.splitlines()[0]


async def test_a_path_of_the_outside_makes_no_new_series(server: InLoop) -> None:
    before, _ = await exposed(server)
    for number in range(20):
        await server.http.get(f"/v1/made-up/{number}")
        await server.http.request(f"M{number}", "/v1/time")
    after, _ = await exposed(server)

    assert "made-up" not in after
    assert 'method="M1"' not in after
    assert after.count("crs_requests_total{") <= before.count("crs_requests_total{") + 3


def named(text: str) -> set[str]:
    """Return the metrics that expressions name."""
    return set(re.findall(r"\b(?:crs_\w+|process_\w+|up)\b", text))


def samples() -> set[str]:
    """Return every name under which Prometheus keeps something of ours."""
    return {sample for family in FAMILIES for sample in family.samples} | OF_THE_LIBRARY


async def test_the_dashboard_names_only_metrics_that_exist_and_shows_all_that_matter() -> None:
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    expressions = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ())]
    asked = {name for expression in expressions for name in named(expression)}

    assert asked <= samples()
    assert {family.name for family in FAMILIES if any(sample in asked for sample in family.samples)} >= {
        family.name for family in FAMILIES
    } - {"crs_build_info", "crs_sockets_opened", "crs_sockets_refused"}
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
    assert all(panel["title"] for panel in dashboard["panels"])


async def test_the_alerts_name_only_metrics_that_exist_and_say_what_to_do() -> None:
    rules = [rule for group in yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"] for rule in group["rules"]]

    assert len({rule["alert"] for rule in rules}) == len(rules) >= 10
    for rule in rules:
        assert named(rule["expr"]) <= samples(), rule["alert"]
        assert named(rule["expr"])
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"]["summary"].endswith(".")
        assert rule["annotations"]["action"].endswith(".")


async def test_operators_block_and_lift_and_others_do_not(server: InLoop) -> None:
    wanted = {"address": "2001:db8:5::1", "minutes": 10, "reason": "a test"}
    refused = [
        (await server.http.post("/v1/admin/blocks", json=wanted, headers=of(role))).status_code
        for role in ("trader", "support")
    ]
    made = await server.http.post("/v1/admin/blocks", json=wanted, headers=of("admin"))
    listed = (await server.http.get("/v1/admin/blocks", headers=of("support"))).json()["blocks"]
    strange = await server.http.post("/v1/admin/blocks", json={**wanted, "address": "nobody"}, headers=of("admin"))
    other = {"address": "2001:db8:5::9"}
    lifted = [
        (await server.http.post("/v1/admin/blocks/lift", json=other, headers=of("support"))).status_code
        for _ in range(2)
    ]
    kinds: list[str] = []
    async with asyncio.timeout(10):
        while "address.lifted" not in kinds:
            kinds = [line.kind for line in server.services.identity.audit.page()]
            await asyncio.sleep(0.01)

    assert refused == [403, 403]
    assert (made.status_code, made.json()["address"]) == (201, "2001:db8:5::/64")
    assert [each["address"] for each in listed] == ["2001:db8:5::/64"]
    assert (strange.status_code, strange.json()["fields"][0]["field"]) == (400, "address")
    assert lifted == [204, 404]
    assert kinds.count("address.blocked") == kinds.count("address.lifted") == 1
