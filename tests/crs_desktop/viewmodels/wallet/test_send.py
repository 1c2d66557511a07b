"""The form that pays: who is meant, how much there is, and what is refused."""

from __future__ import annotations

import pytest

from crs_desktop.viewmodels.wallet.front import Contact
from crs_desktop.viewmodels.wallet.send import SendForm
from engine.defi.intent import IntentKind
from engine.defi.token import NATIVE
from tests.crs_desktop.wallet_floor import ETH, FRIEND, GWEI, ME, USDC, address
from tests.crs_desktop.wallet_memory import MemoryFront, rich


async def form(front: MemoryFront | None = None) -> SendForm:
    made = SendForm(front or rich())
    await made.read()
    return made


async def test_a_name_of_the_book_is_who_is_paid_and_the_address_is_shown_in_full() -> None:
    shown = await form()
    shown.set_to("ann")
    shown.set_amount("0.5")

    intent = shown.intent()

    assert shown.in_full.replace(" ", "") == FRIEND
    assert str(shown.who[0]) == "Ann"
    assert intent is not None
    assert (intent.kind, intent.recipient, intent.value) == (IntentKind.SEND, FRIEND, 5 * 10**17)


async def test_a_token_is_sent_by_its_contract() -> None:
    shown = await form()
    shown.set_token(USDC.address)
    shown.set_to(FRIEND)
    shown.set_amount("1,000.5")

    intent = shown.intent()

    assert intent is not None
    assert (intent.to, intent.recipient, intent.value) == (USDC.address, FRIEND, 0)
    assert [str(each) for each in intent.leaves] == ["1000.5 USDC"]


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("", "How much?"),
        ("0", "the amount is 0"),
        ("abc", "is not a number"),
        ("-1", "must be a number, 0 or more"),
        ("2", "You need 0.765432109876543211 ETH more: 1.234567890123456789 ETH available."),
        ("0.0000000000000000001", "too fine"),
    ],
)
async def test_an_amount_that_cannot_be_is_told_in_place(amount: str, said: str) -> None:
    shown = await form()
    shown.set_to(FRIEND)
    shown.set_amount(amount)

    assert shown.intent() is None
    assert said in str(shown.problems["amount"])
    assert shown.to_text == FRIEND


async def test_a_mistyped_address_is_nobody() -> None:
    shown = await form()
    shown.set_to(ME[:-1])
    shown.set_amount("1")

    assert shown.intent() is None
    assert "no address" in str(shown.problems["to"])


async def test_a_look_alike_is_warned_of_while_it_is_typed() -> None:
    front, stranger = rich(), address("poisoner")
    front.alike[stranger] = "This is not Ann, although it looks like it."
    shown = await form(front)

    shown.set_to(stranger)
    warned = str(shown.alike)
    shown.set_to(FRIEND)

    assert "not Ann" in warned
    assert str(shown.alike) == ""


async def test_names_and_addresses_are_completed_and_never_the_own_account() -> None:
    front = rich()
    await front.keys.add_account()
    shown = await form(front)

    everybody = {each.address for each in shown.completions()}
    shown.set_to("exch")
    found = [each.text for each in shown.completions()]

    assert front.current is not None
    assert front.current.address not in everybody
    assert front.accounts[1].address in everybody
    assert found == [f"Exchange · {address('exchange')}"]


async def test_a_name_of_another_chain_is_not_offered() -> None:
    front = rich()
    front.book.append(Contact("Elsewhere", address("elsewhere"), 137))

    assert "Elsewhere" not in " ".join(each.text for each in (await form(front)).completions())


async def test_all_of_the_coin_leaves_room_for_the_highest_fee() -> None:
    shown = await form()

    await shown.use_max()

    assert ETH.of(shown.amount_text).units == 1234567890123456789 - 150_000 * 22 * GWEI


async def test_all_of_a_token_is_all_of_it_and_asks_nobody() -> None:
    front = rich()
    shown = await form(front)
    shown.set_token(USDC.address)

    await shown.use_max()

    assert shown.amount_text == "2500.5"
    assert front.pipeline.asked == []


async def test_what_does_not_pay_the_fee_has_no_maximum() -> None:
    front = rich()
    front.held = [front.held[0].__class__(ETH.units(1000))]
    shown = await form(front)

    await shown.use_max()

    assert "does not pay the fee" in str(shown.problems["amount"])
    assert shown.amount_text == ""


async def test_paying_oneself_is_said_to_move_nothing() -> None:
    shown = await form()
    shown.set_to(ME)

    assert shown.who[1] == "warn"
    assert "nothing moves" in str(shown.who[0])


async def test_without_the_chain_the_form_says_so_and_keeps_what_is_typed() -> None:
    front = rich()
    front.offline = "No node of Ethereum answers."
    shown = SendForm(front)
    shown.set_amount("1")

    await shown.read()

    assert str(shown.problem) == front.offline
    assert (shown.amount_text, shown.token_key) == ("1", NATIVE)


async def test_an_address_that_another_program_exchanged_in_the_clipboard_is_told() -> None:
    swapped = ME[:8] + ("1" if ME[8] != "1" else "2") * 26 + ME[34:]
    shown = SendForm(rich(), copied=ME)

    shown.set_to(swapped.lower())

    assert "not the address that was copied here" in str(shown.alike)
