"""The wallet's tables: what they show, and what they say while there is nothing or nobody answers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from crs_desktop.viewmodels.columns import Row
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.format import DASH
from crs_desktop.viewmodels.wallet.accounts import AccountsModel
from crs_desktop.viewmodels.wallet.allowances import AllowancesModel
from crs_desktop.viewmodels.wallet.balances import BalancesModel
from crs_desktop.viewmodels.wallet.book import BookModel, ContactForm
from crs_desktop.viewmodels.wallet.chains import ChainsModel, lines_of
from crs_desktop.viewmodels.wallet.door import DoorState, WalletDoor
from crs_desktop.viewmodels.wallet.front import Contact, Transfer
from crs_desktop.viewmodels.wallet.header import WalletModel
from crs_desktop.viewmodels.wallet.history import HistoryModel, details
from crs_desktop.viewmodels.wallet.portfolio import PortfolioModel
from crs_desktop.viewmodels.wallet.progress import Progress
from engine.bus import Bus
from engine.defi.intent import IntentKind
from engine.errors import StorageUnavailable
from engine.services.wallet.events import WalletChanged
from engine.services.wallet.sent import SendState
from tests.crs_desktop.charts.gallery import close_floor, desk_of
from tests.crs_desktop.trading_floor import Floor
from tests.crs_desktop.wallet_floor import CHAIN, ETH, FRIEND, NOW, USDC, address, prepared, send, sent_of, swap
from tests.crs_desktop.wallet_memory import MemoryFront, rich


class Asked:
    """What the panes let the window do, noted."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple[Any, ...]]] = []

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any of the acts
        return lambda *given, **_more: self.calls.append((name, given))

    def do(self, work: Any) -> None:  # noqa: ANN401 - any coroutine
        asyncio.get_running_loop().create_task(work)


@pytest.fixture
def desk() -> Iterator[Desk]:
    floor = Floor(usdt=50_000)
    made = desk_of(floor)
    yield made
    close_floor(floor)


async def opened(front: MemoryFront) -> WalletDoor:
    async def opener(_tell: object) -> MemoryFront:
        return front

    door = WalletDoor(opener, Asked())
    assert await door.opened() is front
    return door


async def read(model: Any) -> list[Row]:  # noqa: ANN401 - any of the tables
    model.read_soon()
    await model.tasks.finished()
    rows: list[Row] = model.rows()
    return rows


def texts(row: Row) -> list[str]:
    return [str(each.text) for each in row.cells]


async def test_balances_are_told_with_price_value_and_age_the_most_valuable_first(desk: Desk) -> None:
    door = await opened(rich())
    head = WalletModel(desk, door)
    model = BalancesModel(desk, door, head, clock=lambda: NOW + 5 * 10**9)

    rows = await read(model)

    assert [texts(each)[0] for each in rows] == ["ETH", "USDC", "SHIB<b>", "JUNK"]
    assert texts(rows[0])[1:6] == ["1.23456789", "3,012.55", "3,719.19", "Uniswap V3 0.05 %", "5 s"]
    assert rows[0].cells[1].tip == "1.234567890123456789"
    assert rows[2].cells[5].tone == "warn"
    assert str(head.worth) == "$ 6,228.90 + 1 unpriced"
    assert str(model.said) == "Block 19,000,001, 5 s ago"
    model.close()
    head.close()


async def test_what_cannot_be_read_says_why_and_offers_to_try_again(desk: Desk) -> None:
    front = rich()
    front.offline = "No node of Ethereum answers."
    door = await opened(front)
    head = WalletModel(desk, door)
    model = BalancesModel(desk, door, head)

    await read(model)
    empty = model.empty
    front.offline = ""
    model.empty_action()
    await model.tasks.finished()

    assert (str(empty.sentence), str(empty.action)) == ("No node of Ethereum answers.", "Try again")
    assert len(model.rows()) == 4
    model.close()
    head.close()


async def test_what_was_read_stays_with_a_word_when_the_chain_is_gone(desk: Desk) -> None:
    front = rich()
    door = await opened(front)
    model = AllowancesModel(desk, door)
    await read(model)

    front.offline = "No node of Ethereum answers."
    rows = await read(model)

    assert len(rows) == 2
    assert "not of now" in str(model.notice)
    model.close()


async def test_another_account_begins_with_nothing_of_the_one_before(desk: Desk) -> None:
    front = rich()
    door = await opened(front)
    model = AllowancesModel(desk, door)
    await read(model)

    front.allowed = []
    await front.watch(FRIEND, "Ann")
    shown = model.rows()
    await model.tasks.finished()

    assert shown == []
    assert model.is_read
    model.close()


async def test_allowances_without_an_end_come_first_in_the_tone_of_danger_and_are_revoked(desk: Desk) -> None:
    door = await opened(rich())
    model = AllowancesModel(desk, door)

    rows = await read(model)
    model.revoke(rows[0].key)

    assert (texts(rows[0])[2], rows[0].cells[2].tone) == ("Never runs out", "error")
    assert rows[1].cells[1].tone == "warn"
    assert isinstance(door.doing, Asked)
    ((name, (intent,)),) = door.doing.calls
    assert (name, intent.kind, intent.approval.amount) == ("confirm", IntentKind.REVOKE, 0)
    model.close()


async def test_a_watched_account_revokes_nothing(desk: Desk) -> None:
    front = rich()
    await front.watch(FRIEND, "")
    door = await opened(front)
    model = AllowancesModel(desk, door)

    rows = await read(model)
    model.revoke(rows[0].key)

    assert "only watched" in str(model.notice)
    assert isinstance(door.doing, Asked)
    assert door.doing.calls == []
    model.close()


async def test_history_tells_what_was_sent_and_what_came_in_newest_first(desk: Desk) -> None:
    front = rich()
    front.history = [sent_of(prepared(send()), at=NOW), sent_of(prepared(swap()), SendState.FINAL, at=NOW - 10**10)]
    front.incoming = [
        Transfer("0xaa", 0, address("payer"), USDC.of("5"), 18, NOW - 5 * 10**9),
        Transfer("0xbb", 1, address("poisoner"), USDC.of("0"), 18, NOW - 20 * 10**9, "Do not copy this address."),
    ]
    door = await opened(front)
    model = HistoryModel(desk, door)

    rows = await read(model)

    assert [str(each.cells[4].text) for each in rows] == ["Pending", "Received", "Done", "Do not trust"]
    assert "+5 USDC" in texts(rows[1])
    assert "1.5 ETH" in texts(rows[0])[2]
    assert "+" not in texts(rows[0])[2]
    model.close()


async def test_what_left_without_a_signature_from_here_is_not_told_as_received(desk: Desk) -> None:
    front = rich()
    taken = USDC.units(-5_000_000)
    front.incoming = [
        Transfer("0xaa", 0, address("taker"), taken, 18, NOW),
        Transfer("0xbb", 1, address("faker"), taken, 18, NOW - 10**9, "Nothing was signed for it here."),
    ]
    model = HistoryModel(desk, await opened(front))

    rows = await read(model)

    assert [str(each.cells[4].text) for each in rows] == ["Left", "Do not trust"]
    for each in rows:
        assert not any("Received" in text for text in texts(each))
        assert "\u22125 USDC" in texts(each)
    model.close()


async def test_what_becomes_of_a_transaction_is_read_again_by_itself(desk: Desk) -> None:
    front = rich()
    front.history = [sent_of(prepared(send()))]
    door = await opened(front)
    model = HistoryModel(desk, door)
    await read(model)

    front.become(front.history[0].hash, SendState.FAILED, reason="TRANSFER_FAILED")
    await model.tasks.finished()

    assert str(model.rows()[0].cells[4].text) == "Failed"
    model.close()


@pytest.mark.parametrize("state", list(SendState))
def test_every_state_has_a_word_a_tone_and_a_sentence(state: SendState) -> None:
    sent = replace(sent_of(prepared(send()), state), block=5, depth=2, reason="it\u202e is so")
    progress = Progress(sent, 12)
    lines = details(sent, 12)

    assert str(progress.word)
    assert str(progress.text).isprintable()
    assert progress.tone
    assert progress.can_replace == sent.is_alive
    assert progress.percent <= 100
    assert sent.hash in " ".join(str(each.text) for each in lines)


def test_a_transaction_that_is_in_a_block_counts_its_confirmations() -> None:
    sent = replace(sent_of(prepared(send()), SendState.CONFIRMED), block=1_000, depth=3)

    assert str(Progress(sent, 12).word) == "Confirmed 3/12"
    assert Progress(sent, 12).percent == 25


def test_a_block_that_was_taken_back_is_told() -> None:
    sent = replace(sent_of(prepared(send()), SendState.PENDING), reorgs=1)

    assert "taken back" in str(Progress(sent, 12).text)


async def test_accounts_say_where_their_keys_come_from_and_which_is_in_use(desk: Desk) -> None:
    front = MemoryFront()
    await front.keys.create(password="correct horse")
    await front.keys.import_key("ab" * 32)
    await front.watch(FRIEND, "Ann")
    door = await opened(front)
    model = AccountsModel(desk, door)

    rows = await read(model)

    assert [texts(each)[3] for each in rows] == ["from the phrase, not confirmed", "imported", "none: watched only"]
    assert [bool(texts(each)[0]) for each in rows] == [False, False, True]
    assert model.can_derive
    model.close()


async def test_the_book_is_written_checked_and_taken_back(desk: Desk) -> None:
    front = rich()
    front.alike[address("new")] = "This is not Ann, although it looks like it."
    form = ContactForm(front)
    nameless = await form.keep()
    told = str(form.problem)
    form.set("label", "Bob")
    form.set("address", address("new"))
    warned = str(form.warning)
    kept = await form.keep()
    door = await opened(front)
    model = BookModel(desk, door)
    rows = await read(model)
    await front.undo_contact()

    assert (nameless, kept) == (False, True)
    assert "name is needed" in told
    assert "not Ann" in warned
    assert [texts(each)[0] for each in rows] == ["Ann", "Bob", "Exchange"]
    assert [each.label for each in front.contacts()] == ["Ann", "Exchange"]
    model.close()


async def test_a_contact_keeps_what_was_typed_when_it_is_refused() -> None:
    front = rich()
    form = ContactForm(front, Contact("Ann", FRIEND))
    form.set("address", "0x123")

    assert not await form.keep()
    assert form.address == "0x123"
    assert "no address" in str(form.problem)


async def test_chains_hide_what_may_be_a_key(desk: Desk) -> None:
    front = rich()
    door = await opened(front)
    model = ChainsModel(desk, door)

    shown = " ".join(" ".join(texts(each)) for each in await read(model))

    assert "node.example.org" in shown
    assert "s3cr3t" not in shown
    model.close()


def test_endpoints_are_read_a_line_each_and_once() -> None:
    text = "https://a.example.org/x\n\n  http://127.0.0.1:8545 \nhttps://a.example.org/x\n"

    assert lines_of(text) == ("https://a.example.org/x", "http://127.0.0.1:8545")


async def test_the_portfolio_has_wallet_and_trading_account_in_one_view(desk: Desk) -> None:
    from decimal import Decimal

    from engine.services.wallet.portfolio import Part

    front = rich()
    front.more = [
        Part("Ethereum", "Account 1", "ETH", Decimal(10), Decimal(30_000)),
        Part("Ethereum", "A", "X", Decimal(1), None),
    ]
    door = await opened(front)
    model = PortfolioModel(desk, door)

    rows = await read(model)

    assert [texts(each)[:3] for each in rows][:2] == [["PAPER", "PAPER", "USDT"], ["Ethereum", "Account 1", "ETH"]]
    assert model.total == Decimal(80_000)
    assert [texts(each)[5] for each in rows] == ["62.5%", "37.5%", DASH]
    assert "1 without a price" in str(model.said)
    model.close()


async def test_a_wallet_that_does_not_open_says_why_and_can_be_tried_again(desk: Desk) -> None:
    tries = []

    async def opener(_tell: object) -> MemoryFront:
        tries.append(1)
        if len(tries) == 1:
            raise StorageUnavailable("The disk is full.")
        return MemoryFront()

    door = WalletDoor(opener, Asked())
    model = WalletModel(desk, door)
    await door.opened()
    failed = str(model.welcome[0])
    await door.opened()

    assert "The disk is full." in failed
    assert door.state is DoorState.OPEN
    model.close()
    await door.close()


async def test_the_head_says_whether_it_is_locked_and_warns_of_a_phrase_that_nobody_wrote_down(desk: Desk) -> None:
    front = MemoryFront(Bus())
    await front.keys.create(password="correct horse")
    door = await opened(front)
    model = WalletModel(desk, door)

    open_words, warning = [str(each) for each in model.lock], str(model.warning)
    front.keys.lock()
    locked = [str(each) for each in model.lock]

    assert open_words == ["Locks in 9 min", "Lock"]
    assert locked == ["Locked", "Unlock…"]
    assert "was not confirmed" in warning
    model.close()


def test_a_fee_is_paid_in_the_coin() -> None:
    sent = replace(sent_of(prepared(send()), SendState.FINAL), gas_used=21_000, gas_price=2 * 10**9)

    text = " ".join(str(each.text) for each in details(sent, CHAIN.confirmations, ETH.units(42_000 * 10**9)))

    assert "21,000 at 2 gwei = 0.000042 ETH" in text


async def test_without_a_chain_a_table_offers_to_practise_and_begins_again_on_one(desk: Desk) -> None:
    front = rich()
    front.on, front.offline = "", "No chain is in use."
    door = await opened(front)
    model = BalancesModel(desk, door, WalletModel(desk, door))
    await read(model)
    offered = model.empty
    model.empty_action()
    front.on, front.offline = CHAIN.name, ""
    front.bus.publish(WalletChanged())
    await model.tasks.finished()

    assert str(offered.action) == "Practise"
    assert ("practise", ()) in door.doing.calls  # type: ignore[attr-defined] # what is asked is noted
    assert model.rows()
    model.close()


async def test_what_is_shown_stays_while_the_wallet_changes_on_the_same_account(desk: Desk) -> None:
    front = rich()
    door = await opened(front)
    head = WalletModel(desk, door)
    model = BalancesModel(desk, door, head)
    await read(model)
    before, total = model.rows(), head.total
    front.bus.publish(WalletChanged())

    assert (model.rows(), head.total) == (before, total)
    assert total
    model.close()
    head.close()
