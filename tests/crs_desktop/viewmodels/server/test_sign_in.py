"""Signing in, step by step, over a session in memory: where one goes, what is refused where, and what is forgotten."""

from __future__ import annotations

import asyncio

import pytest

from crs_desktop.viewmodels.server.sign_in import FIELDS, SECRETS, SignIn, Step
from crs_desktop.viewmodels.words import NOTHING
from engine.errors import CrsError, ServerRefused, ServerUntrusted, VenueUnavailable
from tests.crs_desktop.server_floor import CODE, PASSWORD, MemoryAccess

URL = "https://demo.example.org"


def model_of(access: MemoryAccess, error: CrsError | None = None) -> SignIn:
    async def connect(_url: str) -> MemoryAccess:
        if error is not None:
            raise error
        return access

    return SignIn(connect)


async def typed(model: SignIn, **values: str) -> None:
    for name, value in values.items():
        model.set(name, value)
    await model.submit()


async def at_sign_in(access: MemoryAccess) -> SignIn:
    model = model_of(access)
    await typed(model, url="demo.example.org")
    return model


async def test_address_then_password_then_in() -> None:
    access = MemoryAccess()
    model = await at_sign_in(access)
    after_address = model.step, model.value("url"), model.server

    await typed(model, email="ann@example.org", password=PASSWORD)

    assert after_address == (Step.SIGN_IN, URL, "demo.example.org")
    assert model.step is Step.DONE


async def test_a_second_factor_is_asked_for_after_the_password_only() -> None:
    model = await at_sign_in(MemoryAccess(mfa=True))
    await typed(model, email="ann@example.org", password=PASSWORD)
    after_password = model.step
    await typed(model, code="000000")
    after_wrong = model.step, str(model.problem)

    await typed(model, code=f" {CODE[:3]} {CODE[3:]} ")

    assert after_password is Step.CODE
    assert after_wrong == (Step.CODE, "That code is wrong, or was used already.")
    assert model.step is Step.DONE


async def test_signing_up_ends_signed_in() -> None:
    access = MemoryAccess()
    model = await at_sign_in(access)
    model.go(Step.REGISTER)
    await typed(model, email="bob@example.org", username="bob", new_password="four words or so")
    after_register = model.step

    await typed(model, mail_code=CODE)

    assert after_register is Step.VERIFY
    assert access.told == ["register bob@example.org bob 16"]
    assert model.step is Step.DONE


async def test_a_code_of_another_run_confirms_and_then_asks_for_the_password() -> None:
    model = await at_sign_in(MemoryAccess())
    model.go(Step.VERIFY)

    await typed(model, email="bob@example.org", mail_code=CODE)

    assert (model.step, str(model.note)) == (Step.SIGN_IN, "Your e-mail address is confirmed. Sign in.")


async def test_a_forgotten_password_is_set_anew_and_not_kept() -> None:
    access = MemoryAccess()
    model = await at_sign_in(access)
    model.go(Step.FORGOT)
    await typed(model, email="ann@example.org")
    await typed(model, mail_code=CODE, new_password="another long one")

    assert access.told == ["forgot ann@example.org"]
    assert access.security.password == "another long one"
    assert model.step is Step.SIGN_IN
    assert not any(model.value(name) for name in SECRETS)


async def test_another_code_can_be_sent_for() -> None:
    access = MemoryAccess()
    model = await at_sign_in(access)
    model.set("email", "bob@example.org")
    model.go(Step.VERIFY)

    await model.resend()

    assert access.told == ["resend bob@example.org"]
    assert "on its way" in str(model.note)


@pytest.mark.parametrize(
    ("step", "values", "field"),
    [
        (Step.SIGN_IN, {"email": "ann", "password": "x"}, "email"),
        (Step.SIGN_IN, {"email": "ann@example.org", "password": ""}, "password"),
        (Step.REGISTER, {"email": "ann@example.org", "username": "a!", "new_password": "long enough"}, "username"),
        (Step.REGISTER, {"email": "ann@example.org", "username": "ann", "new_password": "short"}, "new_password"),
        (Step.VERIFY, {"mail_code": "1"}, "mail_code"),
    ],
)
async def test_what_can_be_known_here_is_said_at_the_field_and_nothing_is_sent(
    step: Step, values: dict[str, str], field: str
) -> None:
    access = MemoryAccess()
    model = await at_sign_in(access)
    model.go(step)

    await typed(model, **values)

    assert list(model.problems) == [field]
    assert (access.told, model.step) == ([], step)


async def test_a_servers_complaint_about_a_field_stands_at_the_field_and_goes_when_it_is_edited() -> None:
    access = MemoryAccess()
    model = await at_sign_in(access)
    model.go(Step.REGISTER)
    access.error = ServerRefused("No.", word="invalid", status=422, fields={"password": "It is among the most used."})

    await typed(model, email="ann@example.org", username="ann", new_password="password1")
    shown = dict(model.problems)
    model.set("new_password", "password12")

    assert str(shown["new_password"]) == "It is among the most used."
    assert (model.problems, model.problem) == ({}, NOTHING)


@pytest.mark.parametrize(
    "error", [VenueUnavailable("demo.example.org cannot be reached."), ServerUntrusted("Its certificate has expired.")]
)
async def test_a_server_that_is_not_there_is_said_and_the_step_stays(error: CrsError) -> None:
    model = model_of(MemoryAccess(), error)

    await typed(model, url="demo.example.org")

    assert (model.step, str(model.problem)) == (Step.SERVER, str(error))
    assert model.busy == NOTHING


async def test_while_it_waits_nothing_else_is_done_and_a_stop_leaves_the_step_as_it_was() -> None:
    access = MemoryAccess()
    model = await at_sign_in(access)
    access.gate.clear()
    model.set("email", "ann@example.org")
    model.set("password", PASSWORD)
    task = asyncio.get_running_loop().create_task(model.submit())
    await asyncio.sleep(0)
    busy, went_back = str(model.busy), model.back()

    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert (busy, went_back) == ("Signing in to demo.example.org…", False)
    assert (model.step, model.busy, model.value("password")) == (Step.SIGN_IN, NOTHING, PASSWORD)


async def test_every_step_but_the_first_and_last_has_a_way_back_to_the_first() -> None:
    for step in set(Step) - {Step.SERVER, Step.DONE}:
        model = await at_sign_in(MemoryAccess())
        model.go(step)
        for _ in Step:
            if not model.back():
                break
        assert model.step is Step.SERVER
    assert set(FIELDS) == set(Step)


async def test_forgetting_leaves_no_secret() -> None:
    model = model_of(MemoryAccess())
    for name in SECRETS:
        model.set(name, "s3cret-value")
    await model.judge()

    model.forget()

    assert "s3cret-value" not in repr(vars(model))
