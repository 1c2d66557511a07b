"""What became of a transaction, in the words of a toast and of a table: sent, pending, confirmed or not."""

from __future__ import annotations

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.wallet.figures import plain
from crs_desktop.viewmodels.words import Sentence, say
from engine.services.wallet.sent import SendState, SentTransaction

WORDS = {
    SendState.KEPT: say("Sent…"),
    SendState.PENDING: say("Pending"),
    SendState.DROPPED: say("Dropped"),
    SendState.CONFIRMED: say("Confirmed"),
    SendState.FAILED: say("Failed"),
    SendState.REPLACED: say("Replaced"),
    SendState.REFUSED: say("Refused"),
    SendState.FINAL: say("Done"),
    SendState.FINAL_FAILED: say("Failed"),
    SendState.FINAL_REPLACED: say("Replaced"),
}
TONES = {
    SendState.KEPT: "accent",
    SendState.PENDING: "accent",
    SendState.DROPPED: "warn",
    SendState.CONFIRMED: "text",
    SendState.FAILED: "error",
    SendState.REPLACED: "muted",
    SendState.REFUSED: "error",
    SendState.FINAL: "text",
    SendState.FINAL_FAILED: "error",
    SendState.FINAL_REPLACED: "muted",
}
SENTENCES = {
    SendState.KEPT: say("Signed and kept; no node has taken it yet."),
    SendState.PENDING: say("A node has it; it waits to be mined."),
    SendState.DROPPED: say("No node knows it any more. It can still come back; speed it up, or cancel it."),
    SendState.REPLACED: say("Another transaction took its number; this one was not carried out."),
    SendState.FINAL_REPLACED: say("Another transaction took its number; this one was not carried out."),
    SendState.FINAL: say("Too deep in the chain to be taken back."),
}
LIVELY = frozenset({SendState.KEPT, SendState.PENDING, SendState.DROPPED})


class Progress:
    """One transaction from its signature to its end; `confirmations` is how deep it has to be."""

    def __init__(self, sent: SentTransaction, confirmations: int) -> None:
        self.sent, self.confirmations = sent, max(1, confirmations)

    @property
    def title(self) -> str:
        """What it does, as it was confirmed."""
        return plain(self.sent.title, 120)

    @property
    def word(self) -> Sentence:
        """Its state in a word or two."""
        if self.sent.state is SendState.CONFIRMED:
            return say("Confirmed {depth}/{wanted}", depth=self.depth, wanted=self.confirmations)
        return WORDS[self.sent.state]

    @property
    def tone(self) -> str:
        """The tone of that."""
        return TONES[self.sent.state]

    @property
    def depth(self) -> int:
        """How many of the confirmations that are wanted it has."""
        return min(self.sent.depth, self.confirmations)

    @property
    def percent(self) -> int:
        """How far it is."""
        if self.sent.state in (SendState.FINAL, SendState.FINAL_FAILED, SendState.FINAL_REPLACED, SendState.REFUSED):
            return 100
        return self.depth * 100 // self.confirmations

    @property
    def text(self) -> Sentence:
        """Where it stands, as a sentence."""
        sent = self.sent
        if sent.reorgs and sent.state is SendState.PENDING:
            return say("Its block was taken back by the chain; it waits to be mined again.")
        if sent.state in (SendState.FAILED, SendState.FINAL_FAILED):
            return say(
                "The contract said no: {why}. The fee is gone, nothing else.", why=plain(sent.reason) or "no reason"
            )
        if sent.state is SendState.REFUSED:
            return say("No node took it: {why}", why=plain(sent.reason) or "no reason was given.")
        if sent.state is SendState.CONFIRMED:
            return say(
                "In block {block}; {depth} of {wanted} confirmations.",
                block=fmt.DASH if sent.block is None else f"{sent.block:,}", depth=self.depth,
                wanted=self.confirmations,
            )  # fmt: skip
        return SENTENCES[sent.state]

    @property
    def can_replace(self) -> bool:
        """Whether it can be sped up or cancelled."""
        return self.sent.state in LIVELY

    @property
    def is_over(self) -> bool:
        """Whether nothing more will become of it."""
        return self.sent.is_settled
