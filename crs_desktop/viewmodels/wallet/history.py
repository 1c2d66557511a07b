"""What the account in use sent, and what came in: newest first, with the decoded call and the state of each."""

from __future__ import annotations

from typing import NamedTuple

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.columns import Cell, Column, Empty, Row
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.table import MISSING
from crs_desktop.viewmodels.wallet.door import WalletDoor
from crs_desktop.viewmodels.wallet.figures import brief, change, exact, gwei, into, out, plain
from crs_desktop.viewmodels.wallet.front import Transfer
from crs_desktop.viewmodels.wallet.progress import Progress
from crs_desktop.viewmodels.wallet.table import WalletTable
from crs_desktop.viewmodels.words import Sentence, say, verbatim
from engine.defi.address import ZERO, short
from engine.defi.intent import Intent
from engine.defi.token import TokenAmount
from engine.services.wallet.events import TransactionChanged
from engine.services.wallet.sent import SentTransaction

COLUMNS = (
    Column("When (UTC)", "when", "left"),
    Column("What", "what", "left"),
    Column("Out and in", "moves", "left", spare=1),
    Column("Fee", "fee", spare=3),
    Column("State", "state", "left"),
    Column("Call", "call", "left", spare=4),
    Column("Number", "nonce", spare=5),
    Column("Hash", "hash", "left", spare=2),
)
MOST_CALL, MOST_TITLE = 60, 60
INCOMING = "in:"


class HistoryModel(WalletTable):
    """Enter on a row shows it whole."""

    columns = COLUMNS
    reading_words = say("Reading what was sent and what came in…")

    def __init__(self, desk: Desk, door: WalletDoor) -> None:
        self.sent: list[SentTransaction] = []
        self.incoming: list[Transfer] = []
        super().__init__(desk, door, "wallet history")
        self._keep(self.front.bus.subscribe(TransactionChanged, lambda _event: self.read_soon()))

    async def read(self) -> None:
        """Read what was sent from here, then what came in."""
        self.sent = await self.front.sent()
        self.is_read = True
        self.hurry()
        self.incoming = await self.front.transfers()

    def forget(self) -> None:
        """Another account or chain is in use."""
        self.sent, self.incoming = [], []

    def rows(self) -> list[Row]:
        """Return a row for each, newest first."""
        chain = self.front.chain
        wanted = chain.spec.confirmations if chain is not None else 1
        own = {each.hash for each in self.sent}
        rows = [(each.kept_ns, self._sent_row(each, wanted)) for each in self.sent]
        rows += [(each.at_ns or 0, self._incoming_row(each)) for each in self.incoming if each.hash not in own]
        return [row for _, row in sorted(rows, key=lambda each: -each[0])]

    @property
    def nothing(self) -> Empty:
        """What the history is for."""
        return Empty(say("Nothing was sent from this account, and nothing that came in was found."), say("Send…"))

    def nothing_action(self) -> None:
        """Send something."""
        self.door.doing.send()

    def open(self, key: str) -> None:
        """Show a transaction whole."""
        self.door.doing.show_transaction(key.removeprefix(INCOMING).partition("#")[0])

    def _sent_row(self, each: SentTransaction, wanted: int) -> Row:
        progress = Progress(each, wanted)
        intent = each.intent
        moves = [out(amount) for amount in intent.leaves]
        if not intent.recipient or intent.recipient == intent.sender:
            moves += [into(amount) for amount in intent.arrives]
        cells = (
            Cell(fmt.date_clock(each.kept_ns)),
            Cell(plain(each.title, MOST_TITLE)),
            Cell("  ".join(moves), "muted"),
            self._fee(each),
            Cell(progress.word, progress.tone, tip=progress.text),
            Cell(plain(each.call, MOST_CALL), "muted", tip=plain(each.call)),
            Cell(str(each.nonce), "muted"),
            Cell(f"{each.hash[:10]}…", "faint", each.hash),
        )
        return Row(each.hash, cells)

    def _fee(self, each: SentTransaction) -> Cell:
        chain = self.front.chain
        if each.gas_used is None or each.gas_price is None or chain is None:
            return MISSING
        paid = TokenAmount(chain.spec.native, each.gas_used * each.gas_price)
        tip = f"{each.gas_used:,} at {gwei(each.gas_price)} gwei"
        return Cell(brief(paid), "muted", paid.text, tip)

    def _incoming_row(self, each: Transfer) -> Row:
        who = plain(self.front.label(each.sender), MOST_TITLE) or short(each.sender)
        is_gone = each.amount.units < 0  # an allowance that was used, another program with this key, or a log that lies
        what = say("Taken by {who}, not sent from here", who=who) if is_gone else say("Received from {who}", who=who)
        if each.sender == ZERO and not is_gone:
            what = say("Received, newly made")
        state, tone = (say("Left"), "down") if is_gone else (say("Received"), "up")
        cells = (
            Cell(fmt.date_clock(each.at_ns)) if each.at_ns is not None else Cell(f"{each.block:,}", "muted"),
            Cell(what),
            Cell(change(each.amount), "muted" if each.suspicion else tone),
            MISSING,
            Cell(say("Do not trust"), "warn", tip=plain(each.suspicion)) if each.suspicion else Cell(state),
            Cell("", "muted"),
            MISSING,
            Cell(f"{each.hash[:10]}…", "faint", each.hash),
        )
        return Row(f"{INCOMING}{each.hash}#{each.index}", cells)


class DetailLine(NamedTuple):
    """A line of the detail view."""

    title: Sentence
    text: Sentence
    tone: str = "text"


def _arrival(intent: Intent, amount: TokenAmount) -> DetailLine:
    if intent.recipient and intent.recipient != intent.sender:
        return DetailLine(say("They receive at least"), verbatim(f"{exact(amount)} at {intent.recipient}"))
    return DetailLine(say("Arrives at least"), verbatim(into(amount)), "up")


def details(each: SentTransaction, confirmations: int, native: TokenAmount | None = None) -> list[DetailLine]:
    """Return all there is to know of a transaction that was sent from here; `native` is the fee that was paid."""
    progress = Progress(each, confirmations)
    made, intent = each.transaction, each.intent
    lines = [
        DetailLine(say("State"), progress.word, progress.tone),
        DetailLine(say("Where it stands"), progress.text),
        *(DetailLine(say("Leaves"), verbatim(out(amount)), "down") for amount in intent.leaves),
        *(_arrival(intent, amount) for amount in intent.arrives),
        DetailLine(say("Call"), verbatim(plain(each.call) or fmt.DASH)),
        *(DetailLine(say("Route"), verbatim(plain(route))) for route in intent.route),
        DetailLine(say("From"), verbatim(made.sender)),
        DetailLine(say("To"), verbatim(made.to or fmt.DASH)),
        DetailLine(say("Number"), verbatim(str(made.nonce))),
        DetailLine(say("Gas, at most"), verbatim(f"{made.gas:,} at {gwei(made.max_fee)} gwei")),
    ]
    if each.gas_used is not None and each.gas_price is not None:
        paid = f" = {native.text} {native.token.symbol}" if native is not None else ""
        lines.append(DetailLine(say("Gas paid"), verbatim(f"{each.gas_used:,} at {gwei(each.gas_price)} gwei{paid}")))
    if each.block is not None:
        lines.append(DetailLine(say("Block"), verbatim(f"{each.block:,}")))
    if each.reorgs:
        lines.append(DetailLine(say("Times its block was taken back"), verbatim(str(each.reorgs)), "warn"))
    if each.replaces:
        lines.append(DetailLine(say("Replaces"), verbatim(each.replaces)))
    if each.replaced_by:
        lines.append(DetailLine(say("Replaced by"), verbatim(each.replaced_by)))
    lines += [
        DetailLine(say("Signed (UTC)"), verbatim(fmt.date_clock(each.kept_ns))),
        DetailLine(say("Last change (UTC)"), verbatim(fmt.date_clock(each.changed_ns))),
        DetailLine(say("Hash"), verbatim(each.hash)),
        DetailLine(say("Data"), verbatim(f"0x{made.data.hex()}"[:400] if made.data else "none"), "muted"),
    ]
    return lines
