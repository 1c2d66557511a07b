"""The address book: whom an address belongs to; what is removed can be had back."""

from __future__ import annotations

from crs_desktop.viewmodels.columns import Cell, Column, Empty, Row
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.hook import Hook, Link
from crs_desktop.viewmodels.wallet.door import WalletDoor
from crs_desktop.viewmodels.wallet.figures import plain
from crs_desktop.viewmodels.wallet.front import Contact, WalletFront
from crs_desktop.viewmodels.wallet.table import WalletTable
from crs_desktop.viewmodels.words import NOTHING, Sentence, say, verbatim
from engine.defi.address import parsed_address
from engine.errors import CrsError, InvalidInput

COLUMNS = (
    Column("Name", "name", "left"),
    Column("Address", "address", "left"),
    Column("Chain", "chain", "left", spare=2),
    Column("Note", "note", "left", spare=1),
    Column("", "edit", "left", action=True),
)
MOST_LABEL, MOST_NOTE = 40, 120


class BookModel(WalletTable):
    """Enter changes a line, Delete removes it."""

    columns = COLUMNS

    def __init__(self, desk: Desk, door: WalletDoor) -> None:
        super().__init__(desk, door, "wallet book")

    async def read(self) -> None:
        """Nothing is to be read: the book is in memory."""

    def rows(self) -> list[Row]:
        """Return a row for each line, by name."""
        return [self._row(each) for each in sorted(self.front.contacts(), key=lambda each: each.label.casefold())]

    @property
    def nothing(self) -> Empty:
        """What the book is for."""
        return Empty(
            say("Nobody is in the address book. With a name you see at once whom you pay, and look-alikes are told."),
            say("Add an address…"),
        )

    def nothing_action(self) -> None:
        """Add one."""
        self.door.doing.edit_contact(None)

    def open(self, key: str) -> None:
        """Change a line."""
        contact = self._contact(key)
        if contact is not None:
            self.door.doing.edit_contact(contact)

    def remove(self, key: str) -> None:
        """Remove a line; a toast offers it back."""
        contact = self._contact(key)
        if contact is not None:
            self.door.doing.drop_contact(contact)

    def _contact(self, key: str) -> Contact | None:
        return next((each for each in self.front.contacts() if _key(each) == key), None)

    def _row(self, each: Contact) -> Row:
        titles = {state.spec.chain_id: state.spec.title for state in self.front.chains}
        where = (
            Cell(say("all"), "muted") if each.chain_id is None else Cell(titles.get(each.chain_id, str(each.chain_id)))
        )
        cells = (
            Cell(plain(each.label, MOST_LABEL)), Cell(each.address), where, Cell(plain(each.note, MOST_NOTE), "muted"),
            Cell(say("Change"), "accent"),
        )  # fmt: skip
        return Row(_key(each), cells)


def _key(contact: Contact) -> str:
    return f"{contact.address}:{contact.chain_id}"


class ContactForm:
    """A line of the book while it is written."""

    def __init__(self, front: WalletFront, before: Contact | None = None, *, address: str = "") -> None:
        self._front, self.before = front, before
        self.label = before.label if before is not None else ""
        self.address = before.address if before is not None else address
        self.note = before.note if before is not None else ""
        self.chain_id = before.chain_id if before is not None else None
        self.problem: Sentence = NOTHING
        self.warning: Sentence = NOTHING
        """That the address could be taken for another one."""
        self._changed: Hook[ContactForm] = Hook()
        self._look()

    def on_change(self, call: object) -> Link[ContactForm]:
        """Be told when anything is to be shown anew."""
        return self._changed.add(call)  # type: ignore[arg-type]

    def set(self, name: str, text: str) -> None:
        """Take what was typed."""
        setattr(self, name, text)
        self.problem = NOTHING
        self._look()
        self._changed.fire(self)

    async def keep(self) -> bool:
        """Put it into the book; whether that worked."""
        try:
            if not self.label.strip():
                raise InvalidInput("A name is needed, so that you know the address again.")
            contact = Contact(
                self.label.strip()[:MOST_LABEL],
                parsed_address(self.address),
                self.chain_id,
                self.note.strip()[:MOST_NOTE],
            )
            await self._front.keep(contact, self.before)
        except CrsError as error:
            self.problem = verbatim(str(error))
            self._changed.fire(self)
            return False
        return True

    def _look(self) -> None:
        self.warning = NOTHING
        try:
            address = parsed_address(self.address)
        except InvalidInput:
            return
        if self.before is None or address != self.before.address:
            alike = self._front.look_alike(address)
            self.warning = verbatim(alike) if alike else NOTHING
