"""Phrases: BIP-39 words, the seed that they give, and the accounts of BIP-44 under it.

The words are those of all languages of BIP-39 when they are taken in, and English ones when they are made. A refusal
says at which place a word is wrong, never which word it is. Loaded in the key process only.

Source: BIP-39, BIP-32, BIP-44; SLIP-44 for the coin's number, 60.
"""

from __future__ import annotations

import hashlib
import os
import unicodedata
from dataclasses import dataclass, field

import msgspec
from eth_account.hdaccount import key_from_seed
from eth_account.hdaccount.mnemonic import Mnemonic
from eth_account.types import Language

from engine.adapters.keys.keyfile import PATH
from engine.adapters.keys.refusal import Refusal

COUNTS = (12, 15, 18, 21, 24)
MADE_COUNTS = (12, 24)
INDEX_BITS = 11
MOST_INDEX = 2**31 - 1
LANGUAGES = (Language.ENGLISH, *(each for each in Language if each is not Language.ENGLISH))
"""In the order in which they are tried."""


class Kept(msgspec.Struct, frozen=True):
    """What a keystore of a phrase holds."""

    entropy: bytes
    language: str
    passphrase: str

    def __repr__(self) -> str:
        return "Kept"


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase in the open."""

    words: tuple[str, ...] = field(repr=False)
    entropy: bytes = field(repr=False)
    language: str
    passphrase: str = field(repr=False, default="")

    def seed(self) -> bytes:
        """Return the 64 bytes under which all accounts are."""
        return bytes(Mnemonic.to_seed(" ".join(self.words), self.passphrase))

    def packed(self) -> bytes:
        """Return what is kept of it."""
        return msgspec.msgpack.encode(Kept(self.entropy, self.language, self.passphrase))


def account_key(seed: bytes, index: int) -> bytes:
    """Return the private key of the account m/44'/60'/0'/0/index."""
    if not 0 <= index <= MOST_INDEX:
        raise Refusal.input("There is no account of that number.")
    return bytes(key_from_seed(seed, PATH.format(index)))


def new_phrase(count: int) -> Phrase:
    """Return a new phrase, from what the system gives at random."""
    if count not in MADE_COUNTS:
        raise Refusal.input("A new phrase has 12 or 24 words.")
    return _of(os.urandom(count * 4 // 3), Language.ENGLISH.value, "")


def unpacked(data: bytes) -> Phrase:
    """Return a phrase from what was kept of it."""
    try:
        kept = msgspec.msgpack.decode(data, type=Kept)
        return _of(kept.entropy, kept.language, kept.passphrase)
    except Exception:
        raise Refusal("damaged", "A keystore holds no phrase although it says so.") from None


def parsed(text: str, passphrase: str) -> Phrase:
    """Return a phrase that somebody gave.

    Raises:
        Refusal: another number of words, a word of no list (says which place), or a checksum that does not fit.
    """
    words = tuple(unicodedata.normalize("NFKD", text).lower().split())
    if len(words) not in COUNTS:
        raise Refusal.input(f"A phrase has 12, 15, 18, 21 or 24 words; these are {len(words)}.")
    known = [each for each in LANGUAGES if set(words) <= set(Mnemonic(each).wordlist)]
    if not known:
        raise Refusal.input(f"Word {_unknown(words)} of {len(words)} is not in the list of BIP-39: look for a typo.")
    for language in known:
        entropy = _entropy(words, language)
        if entropy is not None:
            return Phrase(words, entropy, language.value, passphrase)
    raise Refusal.input(
        "Every word is in the list, but they do not fit together: the phrase's checksum is wrong. "
        "A word is another one, or two are exchanged."
    )


def _entropy(words: tuple[str, ...], language: Language) -> bytes | None:
    """Return what the words say, None if their checksum does not fit."""
    listed = {word: number for number, word in enumerate(Mnemonic(language).wordlist)}
    bits = 0
    for word in words:
        bits = bits << INDEX_BITS | listed[word]
    check_bits = len(words) // 3
    entropy = (bits >> check_bits).to_bytes(check_bits * 4, "big")
    fits = bits & (1 << check_bits) - 1 == hashlib.sha256(entropy).digest()[0] >> 8 - check_bits
    return entropy if fits else None


def _unknown(words: tuple[str, ...]) -> int:
    """Return the place, from 1, of the first word that is not in the list which knows most of them."""
    lists = [set(Mnemonic(each).wordlist) for each in LANGUAGES]
    best = max(lists, key=lambda each: sum(word in each for word in words))
    return next(place for place, word in enumerate(words, 1) if word not in best)


def _of(entropy: bytes, language: str, passphrase: str) -> Phrase:
    words = Mnemonic(Language(language)).to_mnemonic(entropy).split()
    return Phrase(tuple(unicodedata.normalize("NFKD", each) for each in words), entropy, language, passphrase)
