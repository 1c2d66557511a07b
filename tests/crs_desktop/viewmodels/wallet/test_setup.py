"""Making a wallet and taking one in: which steps there are, what is refused, and that nothing secret stays."""

from __future__ import annotations

import pytest

from crs_desktop.viewmodels.wallet.setup import Setup, Step
from crs_desktop.viewmodels.words import NOTHING
from tests.crs_desktop.wallet_floor import FRIEND
from tests.crs_desktop.wallet_memory import PASSWORD, WORDS, MemoryFront


def typed(model: Setup, **values: str) -> Setup:
    for name, value in values.items():
        model.set(name, value)
    return model


async def made(front: MemoryFront) -> Setup:
    """Go on until the words are asked for."""
    model = typed(Setup(front, Step.PASSWORD), password=PASSWORD, again=PASSWORD)
    await model.submit()
    await model.submit()
    return model


async def test_a_phrase_is_shown_once_and_confirmed_by_three_of_its_words() -> None:
    front = MemoryFront()
    model = typed(Setup(front, Step.PASSWORD), password=PASSWORD, again=PASSWORD)

    await model.submit()
    shown = model.words
    await model.submit()
    hidden = model.words
    typed(model, word_1="winner", word_2="wave", word_3="yellow")
    await model.submit()

    assert (shown, hidden, model.step) == (WORDS, (), Step.DONE)
    assert front.accounts[0].is_confirmed
    assert not any(word in repr(vars(model)) for word in ("winner", PASSWORD))


async def test_wrong_words_are_not_taken_and_the_words_can_be_looked_at_again() -> None:
    front = MemoryFront()
    model = typed(await made(front), word_1="winner", word_2="wave", word_3="zebra")

    taken = await model.submit()
    told = str(model.problem)
    model.show_words_again()

    assert not taken
    assert "not the words" in told
    assert model.words == WORDS
    assert not front.accounts[0].is_confirmed


async def test_two_passwords_that_differ_make_no_wallet() -> None:
    front = MemoryFront()
    model = typed(Setup(front, Step.PASSWORD), password=PASSWORD, again="correct house")

    taken = await model.submit()

    assert (taken, model.step, set(model.problems)) == (False, Step.PASSWORD, {"again"})
    assert front.accounts == ()


async def test_what_the_keys_refuse_is_said_and_what_was_typed_stays() -> None:
    model = typed(Setup(MemoryFront(), Step.PASSWORD), password="short", again="short")

    await model.submit()

    assert "8 characters" in str(model.problem)
    assert model.value("password") == "short"


@pytest.mark.parametrize(
    ("step", "values", "kind"),
    [
        (Step.PHRASE, {"phrase": "  " + "  ".join(WORDS)}, "derived"),
        (Step.KEY, {"key": "ab" * 32}, "imported"),
        (Step.FILE, {"file_password": "of the file"}, "imported"),
    ],
)
async def test_each_way_of_importing_ends_in_an_account_in_use(step: Step, values: dict[str, str], kind: str) -> None:
    front = MemoryFront()
    model = typed(Setup(front, step), password=PASSWORD, again=PASSWORD, **values)
    model.take_file("key.json", '{"version": 3}')

    taken = await model.submit()

    assert (taken, model.step) == (True, Step.DONE)
    assert front.current is not None
    assert front.current.kind == kind
    assert not any(model.value(name) for name in ("phrase", "key", "file_password", "password", "again"))


async def test_a_file_that_was_weakly_encrypted_is_told_after_the_import() -> None:
    model = typed(Setup(MemoryFront(), Step.FILE), password=PASSWORD, again=PASSWORD, file_password="of the file")
    model.take_file("key.json", "{}")

    await model.submit()

    assert [str(each) for each in model.remarks] == ["The file was weakly encrypted: delete it."]


async def test_a_file_has_to_be_chosen_first() -> None:
    model = typed(Setup(MemoryFront(), Step.FILE), password=PASSWORD, again=PASSWORD, file_password="x")

    await model.submit()

    assert str(model.problem) == "Choose the keystore file first."


async def test_the_wallets_password_is_asked_for_only_while_it_is_locked() -> None:
    front = MemoryFront(owned=True)
    first = Setup(MemoryFront(), Step.KEY).fields
    unlocked = Setup(front, Step.KEY).fields
    front.keys.is_locked = True
    locked = Setup(front, Step.KEY).fields

    assert (first, unlocked, locked) == (("key", "password", "again"), ("key",), ("key", "wallet_password"))


async def test_an_address_is_watched_without_a_password_and_a_mistyped_one_is_not() -> None:
    front = MemoryFront()
    wrong = typed(Setup(front, Step.WATCH), address=FRIEND[:-1] + ("0" if FRIEND[-1] != "0" else "1"))
    await wrong.submit()
    right = typed(Setup(front, Step.WATCH), address=FRIEND, label="Ann")
    await right.submit()

    assert "checksum" in str(wrong.problem)
    assert right.step is Step.DONE
    assert front.current is not None
    assert (front.current.address, front.current.can_sign) == (FRIEND, False)


async def test_a_password_goes_to_the_keyring_only_if_that_is_wanted() -> None:
    front, other = MemoryFront(), MemoryFront()
    wanted = typed(Setup(front, Step.PASSWORD), password=PASSWORD, again=PASSWORD)
    wanted.remember = True
    await wanted.submit()
    await typed(Setup(other, Step.PASSWORD), password=PASSWORD, again=PASSWORD).submit()

    assert (front.keys.remembered, other.keys.remembered) == (PASSWORD, "")


async def test_nothing_secret_is_left_when_the_dialog_is_closed_in_the_middle() -> None:
    model = await made(MemoryFront())
    typed(model, word_1="winner")

    model.forget()

    assert "winner" not in repr(vars(model))
    assert model.words == ()
    assert model.problem == NOTHING
