"""Every route there is, asked by strangers, by each role, and for what belongs to somebody else."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from engine.domain.command import Deposit
from engine.domain.number import Units
from engine.domain.order import AccountId
from engine.server.api import ROUTES
from engine.server.http.route import Access, Route
from engine.server.principal import Role
from tests.engine.server.auth.house import House, Person, house

pytestmark = pytest.mark.asyncio(loop_scope="module")

PRIVATE = [route for route in ROUTES if route.access is not Access.PUBLIC]
OPEN = {
    "/v1/time", "/v1/version", "/v1/venues", "/v1/tickers", "/v1/auth/register", "/v1/auth/verify", "/v1/auth/resend",
    "/v1/auth/login", "/v1/auth/refresh", "/v1/auth/password/forgot", "/v1/auth/password/reset", "/v1/openapi.json",
}  # fmt: skip
"""What strangers may ask, besides the markets."""


def named(route: Route) -> str:
    return f"{route.method} {route.path}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def doors(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with house(tmp_path_factory.mktemp("owned") / "data") as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def people(doors: House) -> dict[Role, Person]:
    """One signed-in user of each role."""
    found = {role: doors.person(f"{role}@crs.example", role) for role in Role}
    for person in found.values():
        await person.login()
    return found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ben(doors: House) -> Person:
    """Somebody who owns one of everything."""
    person = doors.person("ben@crs.example")
    await person.login()
    await doors.services.core.carry_out(Deposit(AccountId(person.account), "USDT", Units(100_000 * 10**18)))
    order = {"symbol": "BTC/USDT", "side": "buy", "type": "limit", "qty": "0.01", "price": "100", "order_id": "bens"}
    assert (await person.ask("POST", "/v1/orders", order)).status_code in (200, 422)
    doors.staff.add_key(person.email, "bens")
    return person


def asked(route: Route, own: dict[str, str]) -> str:
    """Return a route's path with somebody's things in it."""
    path = route.path
    for name, value in own.items():
        path = path.replace("{" + name + "}", value)
    return path


async def send(doors: House, route: Route, path: str, headers: dict[str, str]) -> httpx.Response:
    return await doors.http.request(
        route.method, path, headers=headers, content=b"{}" if route.body is not None else None
    )


async def test_only_what_is_listed_here_is_open_to_strangers() -> None:
    open_routes = {route.path for route in ROUTES if route.access is Access.PUBLIC}
    assert {path for path in open_routes if not path.startswith("/v1/markets")} <= OPEN


@pytest.mark.parametrize("route", PRIVATE, ids=named)
async def test_strangers_are_refused(doors: House, route: Route) -> None:
    path = asked(route, dict.fromkeys(("order_id", "list_id", "session_id", "key_id", "user_id"), "1"))
    for headers in ({}, {"authorization": "Bearer x.y.z"}, {"authorization": "Basic YTpi"}):
        answer = await send(doors, route, path, headers)
        assert answer.status_code == 401, answer.text
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("route", [route for route in PRIVATE if route.roles], ids=named)
async def test_routes_of_the_staff_are_for_the_roles_that_they_name(
    doors: House, people: dict[Role, Person], route: Route
) -> None:
    path = asked(route, {"user_id": "999999"})
    for role, person in people.items():
        answer = await send(doors, route, path, person.bearer)
        is_refused = answer.status_code == 403 and answer.json()["type"] == "/problems/role"
        assert is_refused == (role not in route.roles), f"{role}: {answer.text}"


async def test_every_route_of_operators_names_its_roles() -> None:
    assert all(Role.TRADER not in route.roles and route.roles for route in ROUTES if route.path.startswith("/v1/admin"))


@pytest.mark.parametrize("route", [each for each in PRIVATE if not each.roles], ids=named)
async def test_what_is_somebody_elses_is_not_there(
    doors: House, people: dict[Role, Person], ben: Person, route: Route
) -> None:
    ann = people[Role.TRADER]
    keys = (await ben.ask("GET", "/v1/auth/keys")).json()["keys"]
    bens = {"session_id": ben.tokens["session_id"], "key_id": str(keys[0]["key_id"])}
    bens |= {"order_id": "bens", "list_id": "bens"}
    takes_account = route.query is not None and "account" in route.query.__struct_fields__
    if takes_account and route.body is None:
        for person in people.values():  # no role is let into another's account
            path = asked(route, bens) + f"?account={ben.account}"
            assert (await send(doors, route, path, person.bearer)).status_code == 404
    if route.step_up:
        await ann.step_up()
    if "{" in route.path:
        answer = await send(doors, route, asked(route, bens), ann.bearer)
        assert answer.status_code in (400, 404), answer.text
    assert (await ben.ask("GET", "/v1/auth/keys")).json()["keys"] == keys
    assert (await ben.ask("GET", "/v1/account")).status_code == 200


async def test_staff_acts_on_traders_and_only_administrators_on_staff(
    doors: House, people: dict[Role, Person], ben: Person
) -> None:
    support, compliance, admin = (people[role] for role in (Role.SUPPORT, Role.COMPLIANCE, Role.ADMIN))
    on_ben, on_support, on_admin = (f"/v1/admin/users/{who.user_id}" for who in (ben, support, admin))

    assert (await support.ask("POST", f"{on_admin}/lock")).status_code == 403
    assert (await compliance.ask("DELETE", f"{on_support}/sessions")).status_code == 403
    assert (await admin.ask("POST", f"{on_admin}/lock")).json()["type"] == "/problems/oneself"
    assert (await admin.ask("POST", f"{on_ben}/role", {"role": "support"})).json()["type"].endswith("step_up_required")
    await admin.step_up()
    assert (await admin.ask("POST", f"{on_ben}/role", {"role": "king"})).status_code == 422
    assert (await support.ask("DELETE", f"{on_ben}/sessions")).json() == {"sessions": 1}
    assert (await ben.ask("GET", "/v1/account")).status_code == 401
    assert (await support.ask("POST", f"{on_ben}/lock")).status_code == 204
    assert (await ben.login()).status_code == 403
    assert (await support.ask("POST", f"{on_ben}/unlock")).status_code == 403
    assert (await compliance.ask("POST", f"{on_ben}/unlock")).status_code == 204
    assert (await ben.login()).status_code == 200
    assert (await admin.ask("POST", f"{on_ben}/role", {"role": "support"})).status_code == 204
    assert (await ben.ask("GET", "/v1/admin/users")).status_code == 200, "the session that goes on has the new role"
    assert (await admin.ask("POST", f"{on_ben}/role", {"role": "trader"})).status_code == 204
    assert (await ben.ask("GET", "/v1/admin/users")).status_code == 403
    log = (await compliance.ask("GET", f"/v1/admin/security-log?subject=user:{ben.user_id}&limit=50")).json()["lines"]
    acts = [(line["kind"], line["actor"]) for line in log if line["actor"] != f"user:{ben.user_id}"]
    assert acts[:5] == [
        ("role.changed", f"user:{admin.user_id}"),
        ("role.changed", f"user:{admin.user_id}"),
        ("user.unlocked", f"user:{compliance.user_id}"),
        ("signin.refused", "system"),
        ("user.locked", f"user:{support.user_id}"),
    ]


async def test_users_are_found_page_by_page(doors: House, people: dict[Role, Person], ben: Person) -> None:
    admin = people[Role.ADMIN]
    first = (await admin.ask("GET", "/v1/admin/users?limit=3")).json()
    second = (await admin.ask("GET", f"/v1/admin/users?limit=3&cursor={first['next']}")).json()

    listed = [each["email"] for each in first["users"] + second["users"]]
    assert listed == [*(f"{role}@crs.example" for role in Role), ben.email]
    assert second["next"] is None
    found = (await admin.ask("GET", "/v1/admin/users?search=BEN%40")).json()["users"]
    assert [(each["email"], each["accounts"], each["state"]) for each in found] == [
        (ben.email, [ben.account], "active")
    ]
    assert (await admin.ask("GET", "/v1/admin/users?search=%25")).json()["users"] == [], "a sign of SQL is a letter"
    for wrong in ("0x1", "-1", "9" * 30, "1;drop"):
        assert (await admin.ask("GET", f"/v1/admin/users/{wrong}")).status_code in (400, 404)
