"""The security of an account over a session in memory: what is listed, proved, shown once and forgotten."""

from __future__ import annotations

import pytest

from crs_desktop.viewmodels.server.security import SecurityModel, grouped_secret, networks
from engine.errors import InvalidInput
from tests.crs_desktop.server_floor import CODE, PASSWORD, MemoryAccess


async def opened(**how: bool) -> tuple[SecurityModel, MemoryAccess]:
    access = MemoryAccess(signed_in=True, **how)
    model = SecurityModel(access)
    await model.read()
    return model, access


async def test_sessions_are_listed_as_they_are_named_and_ended_one_or_all() -> None:
    model, access = await opened()
    rows = [(str(row.cells[0].text), str(row.cells[-1].text)) for row in model.session_rows()]

    await model.end_session("s-2")
    left = [each.session_id for each in model.sessions]

    assert rows == [("CRS Desktop", ""), ("<b>laptop</b>", "End")]
    assert left == ["s-1"]
    assert "ended" in str(model.note)
    assert [each.session_id for each in access.security.listed] == ["s-1"]


async def test_something_sensitive_waits_for_a_proof_and_then_goes_on_by_itself() -> None:
    model, _ = await opened()
    await model.enroll()
    asked, before = model.proof, model.offer

    await model.prove("wrong")
    refused, still = str(model.problem), model.proof
    await model.prove(PASSWORD)

    assert asked is not None
    assert (asked.by_code, before) == (False, None)
    assert (refused, still) == ("That proves nothing. Try again.", asked)
    assert (model.proof, model.problem.source) == (None, "")
    assert model.offer is not None


async def test_with_an_authenticator_the_proof_is_a_code() -> None:
    model, access = await opened(mfa=True)

    await model.renew_codes()
    asked = model.proof
    await model.prove(f"{CODE[:3]} {CODE[3:]}")

    assert asked is not None
    assert asked.by_code
    assert access.security.proofs == 1
    assert len(model.codes) == 10


async def test_leaving_the_proof_leaves_the_deed_undone() -> None:
    model, access = await opened()
    await model.make_key("Bot", ("read",), "")

    model.cancel_proof()
    await model.prove(PASSWORD)

    assert (model.secret, access.security.made, access.security.proofs) == (None, [], 0)


async def test_an_authenticator_is_in_force_after_its_first_code_and_shows_its_recovery_codes_once() -> None:
    model, access = await opened()
    access.security.proofs = 1
    await model.enroll()
    await model.confirm("000000")
    wrong = model.mfa, str(model.problem)

    await model.confirm(CODE)
    on, codes = model.mfa, model.codes
    model.dismiss()

    assert wrong == (False, "That code is wrong, or was used already.")
    assert (on, len(codes)) == (True, 10)
    assert (model.codes, model.offer) == ((), None)


async def test_a_key_is_made_with_what_was_chosen_and_its_secret_is_forgotten() -> None:
    model, access = await opened()
    access.security.proofs = 1

    made = await model.make_key("  Bot  at home ", ("trade", "read"), "203.0.113.7, 10.0.0.0/8")
    key, shown = access.security.made[0], model.secret
    model.dismiss()
    await model.end_key("1")

    assert made
    assert (key.name, key.scopes, key.addresses) == ("Bot at home", ("read", "trade"), ("203.0.113.7", "10.0.0.0/8"))
    assert shown is not None
    assert model.secret is None
    assert "the-secret" not in repr(model.key_rows()) + repr(vars(model))
    assert access.security.made == []


@pytest.mark.parametrize(
    ("name", "scopes", "addresses", "part"),
    [
        ("", ("read",), "", "name"),
        ("Bot", (), "", "Choose"),
        ("Bot", ("read",), "somewhere", "somewhere is no address"),
        ("x" * 61, ("read",), "", "60"),
    ],
)
async def test_a_key_that_makes_no_sense_is_not_asked_for(
    name: str, scopes: tuple[str, ...], addresses: str, part: str
) -> None:
    model, access = await opened()
    access.security.proofs = 1

    assert not await model.make_key(name, scopes, addresses)
    assert part in str(model.problem)
    assert access.security.made == []


async def test_a_password_is_changed_only_by_who_knows_it() -> None:
    model, access = await opened()

    short = await model.change_password(PASSWORD, "short")
    wrong = await model.change_password("wrong", "a much longer one")
    right = await model.change_password(PASSWORD, "a much longer one")

    assert (short, wrong, right) == (False, False, True)
    assert access.security.password == "a much longer one"


async def test_signing_out_everywhere_ends_the_others_too() -> None:
    model, access = await opened()

    assert await model.sign_out(everywhere=True)
    assert [each.session_id for each in access.security.listed] == ["s-1"]
    assert access.user is None


def test_networks_are_read_as_people_write_them() -> None:
    assert networks(" 203.0.113.7,10.1.2.3/8  ::1 ") == ("203.0.113.7", "10.0.0.0/8", "::1")
    with pytest.raises(InvalidInput, match=r"10\.0\.0\.300"):
        networks("10.0.0.300")


def test_a_secret_is_grouped_without_losing_a_sign() -> None:
    assert grouped_secret("JBSWY3DPEHPK3PXP") == "JBSW Y3DP EHPK 3PXP"
    assert grouped_secret("ABCDE").replace(" ", "") == "ABCDE"
