"""What of a wallet may be copied, and for how long it stays there. A rule only; the window carries it out.

Every program can read the clipboard, systems keep its history and carry it to other devices. So a phrase, a key and a
password are never copied; what is copied is taken away again, if it is still there. Some programs exchange a copied
address for another one: what is pasted is compared with what was copied here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.defi.lookalike import alike

CLEAR_S = 30
"""Seconds after which what was copied is taken away."""


class Copied(StrEnum):
    """What somebody wants to copy."""

    ADDRESS = "address"
    TRANSACTION = "transaction"
    """A hash."""
    AMOUNT = "amount"
    CALL_DATA = "call-data"
    """What a transaction tells a contract."""
    SIGNED = "signed"
    """A signed transaction that was not sent."""
    PHRASE = "phrase"
    PRIVATE_KEY = "private-key"
    PASSWORD = "password"  # noqa: S105 - the name of one
    KEYSTORE = "keystore"


@dataclass(frozen=True, slots=True)
class CopyRule:
    """Whether it may be copied."""

    may: bool
    clear_after_s: int | None
    """None: it may stay."""
    sentence: str
    """Why not, or what will happen."""


_CLEARED = f"It is taken from the clipboard after {CLEAR_S} s."
_NEVER = "Every program on this machine can read the clipboard: "
RULES: dict[Copied, CopyRule] = {
    Copied.ADDRESS: CopyRule(True, CLEAR_S, _CLEARED),
    Copied.TRANSACTION: CopyRule(True, CLEAR_S, _CLEARED),
    Copied.AMOUNT: CopyRule(True, CLEAR_S, _CLEARED),
    Copied.CALL_DATA: CopyRule(True, CLEAR_S, _CLEARED),
    Copied.SIGNED: CopyRule(False, None, "Whoever has a signed transaction can send it. It is not copied."),
    Copied.PHRASE: CopyRule(False, None, _NEVER + "write the words down on paper."),
    Copied.PRIVATE_KEY: CopyRule(False, None, _NEVER + "export the key as a keystore file with a password."),
    Copied.PASSWORD: CopyRule(False, None, _NEVER + "a password is typed."),
    Copied.KEYSTORE: CopyRule(False, None, "A keystore is saved to a file, which you choose."),
}


def rule(what: Copied) -> CopyRule:
    """Return the rule for something."""
    return RULES[what]


def should_clear(what: Copied, copied: str, now_there: str, elapsed_s: float) -> bool:
    """Return whether the clipboard has to be emptied now: only of what was put there from here."""
    after = RULES[what].clear_after_s
    return after is not None and elapsed_s >= after and now_there == copied


def pasted(copied: str, text: str) -> str:
    """Return a sentence if an address that was copied here comes back as another one that looks alike; else nothing."""
    if not copied or copied.lower() == text.strip().lower():
        return ""
    if why := alike(copied, text.strip()):
        return f"This is not the address that was copied here ({why}): some program may have exchanged it."
    return ""
