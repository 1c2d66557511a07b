"""A capture played through the dialect and the rule of its venue, for one pair: its book, its prints, its counts."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import NamedTuple

from engine.adapters.exchanges.book.sync import BookSync, Follow, Outcome
from engine.adapters.exchanges.captures.doubt import Doubt
from engine.adapters.exchanges.captures.lines import CaptureLine, Kind
from engine.adapters.exchanges.captures.names import book_of
from engine.adapters.exchanges.dialect.listing import LONGEST_NATIVE
from engine.adapters.exchanges.dialect.stream import Dialect
from engine.adapters.exchanges.dialects import answer_of
from engine.adapters.exchanges.wire.heard import BookHeard, Numbered, TradesHeard
from engine.domain.market import FeedState
from engine.errors import Garbled

PAIRS = 1_000
"""Names of pairs that are remembered, to say which a capture holds."""


class Complaint(NamedTuple):
    """A line that could not be used."""

    line: int
    text: str
    is_lost: bool
    """Whether a diff of the pair may be lost in it."""


class Player:
    """Plays lines of one capture.

    Args:
        dialect: of the venue, for this capture alone.
        native: the venue's word for the pair.
        on_applied: called after each diff that is in the book now; see `BookSync`.
        on_complaint: told of each line that could not be used.
        loose: answers with pictures of the pair's book that have no time: each is taken where a diff joins it.
    """

    def __init__(
        self,
        dialect: Dialect,
        native: str,
        on_applied: Callable[[], None],
        on_complaint: Callable[[Complaint], None],
        loose: Iterable[bytes] = (),
    ) -> None:
        self.dialect, self.native = dialect, native
        self.sync = BookSync(dialect.rule(), on_applied)
        self.pairs: set[str] = set()
        """Every pair that was heard of, in the venue's words."""
        self._rule = dialect.rule()
        self._on_applied, self._has_book = on_applied, False
        self._prints = self._merged = 0
        self._number = -1
        self._addresses: set[bytes] = set()
        self._complain = on_complaint
        self._doubt = Doubt()
        self._loose = deque(answer_of(dialect, native, each) for each in loose)

    @property
    def trades(self) -> int:
        """Prints of the pair: each fill, or the merged ones where the capture has no others."""
        return self._prints or self._merged

    def play(self, lines: Iterable[CaptureLine]) -> None:
        """Take in every line."""
        for line in lines:
            try:
                self._take(line)
            except Garbled as error:
                is_lost = line.kind is not Kind.ANSWER and self._doubt.may_hold_diff(line.text, self.native)
                self._complain(Complaint(line.number, str(error), is_lost))
        self.sync.ended()

    def _take(self, line: CaptureLine) -> None:
        if line.kind is Kind.FRAME or line.kind is Kind.BARE:
            self._frame(line.text)
        elif line.kind is Kind.ANSWER:
            self._answer(line)
        elif line.kind is Kind.CONNECTED:
            self._connected(line)
        elif line.kind is Kind.UNREADABLE:
            if self._doubt.may_hold_diff(line.text, self.native):
                self.sync.spoilt()
            raise Garbled("The line has none of the formats of a capture, or is too long.")

    def _frame(self, text: bytes) -> None:
        try:
            said = self.dialect.hear(text)
        except Garbled:
            if self._doubt.may_hold_diff(text, self.native):
                self.sync.spoilt()
            raise
        for heard in said:
            if isinstance(heard, Numbered):
                if not self._is_next(heard.number):
                    return
                continue
            if native := getattr(heard, "native", ""):
                self._meet(native, text)
            if isinstance(heard, BookHeard):
                if native in {self.native, ""}:  # a bare answer does not say of which pair it is
                    self._book(heard)
            elif isinstance(heard, TradesHeard) and native == self.native and not heard.is_past:
                if heard.is_merged:
                    self._merged += len(heard.prints)
                else:
                    self._prints += len(heard.prints)

    def _is_next(self, number: int) -> bool:
        """Whether a frame is a new one; if frames of the connection are missing before it, the book is in doubt."""
        before, self._number = self._number, max(number, self._number)
        if 0 < before < number - 1:
            self.sync.spoilt()
        return number > before

    def _book(self, heard: BookHeard) -> None:
        if not self._has_book and not self._rule.asks_snapshot:
            self.sync = BookSync(self.dialect.rule(), self._on_applied)  # only now is it known how deep its book is
        self._has_book = True
        if self._loose and not heard.is_snapshot and self.sync.state is not FeedState.SYNCED:
            self._try_loose(heard)
        self.sync.hear(heard)

    def _try_loose(self, diff: BookHeard) -> None:
        """Take the first picture without a time that a diff joins; those that are too old for it join no later one."""
        for _ in range(len(self._loose)):
            follow = self._rule.joins(self._loose[0], diff)
            if follow is Follow.OLD:
                self._loose.rotate(-1)
                continue
            picture = self._loose.popleft()
            if follow is Follow.NEXT and self.sync.hear(picture) is Outcome.REPLACED:
                return

    def _answer(self, line: CaptureLine) -> None:
        if book_of(line.url) == self.native:
            self.sync.hear(answer_of(self.dialect, self.native, line.text))

    def _meet(self, native: str, text: bytes) -> None:
        if native == self.native or (len(self.pairs) < PAIRS and len(native) <= LONGEST_NATIVE):
            self.pairs.add(native)
            self._doubt.learn(text, native)

    def _connected(self, line: CaptureLine) -> None:
        """Take in that a connection was made: where nothing else shows what was missed, the second one breaks."""
        address = line.text.partition(b" ")[0]
        if address in self._addresses and self._rule.asks_snapshot and not self._rule.is_chained:
            self.sync.spoilt()
        self._addresses.add(address)
        self._number = -1
