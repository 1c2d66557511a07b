"""A no of the key process, in a sentence that is ours: what libraries say may repeat a phrase or a key."""

from __future__ import annotations

from engine.errors import CrsError, InvalidInput, KeysLocked, StorageCorrupt, WatchOnly, WrongPassphrase

ERRORS: dict[str, type[CrsError]] = {
    "input": InvalidInput,
    "password": WrongPassphrase,
    "locked": KeysLocked,
    "watch": WatchOnly,
    "damaged": StorageCorrupt,
}
"""What each word becomes on the other side of the pipe."""


class Refusal(Exception):  # noqa: N818 - an answer, not a failure
    """Why not; the sentence holds nothing that was given."""

    def __init__(self, word: str, sentence: str) -> None:
        super().__init__(sentence)
        self.word, self.sentence = word, sentence

    @classmethod
    def input(cls, sentence: str) -> Refusal:
        """Return a no to something given."""
        return cls("input", sentence)

    @classmethod
    def password(cls) -> Refusal:
        """Return a no to a password."""
        return cls("password", "This is not the wallet's password. Nothing was changed; try again.")
