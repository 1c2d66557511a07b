"""What goes through the pipe between the program and the process that holds its keys.

One frame is four bytes of length (little endian) and a message in msgpack. None of these shows what is in it: not as
`repr`, not in an error. What was sent is wiped from the buffer it was sent from.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from engine.adapters.keys.keyfile import Crypto, Derived
from engine.ports.chain import UnsignedTransaction

LENGTH_BYTES = 4
MOST_BYTES = 16_000_000
"""Of a frame: a transaction with data is far smaller."""
Read = Callable[[int], bytes]
"""Returns up to so many bytes, b"" at the end."""


class Sealed(msgspec.Struct, frozen=True):
    """A keystore as it is on the disk."""

    source: str
    is_phrase: bool
    crypto: Crypto
    accounts: tuple[Derived, ...]


class Message(msgspec.Struct, frozen=True, tag=True):
    """The base of all messages: nothing in them is for people to read."""

    def __repr__(self) -> str:
        return type(self).__name__


class Create(Message, frozen=True, tag=True):
    """Make a phrase; without a password it is sealed as the others are."""

    source: str
    words: int
    password: str | None


class ImportPhrase(Message, frozen=True, tag=True):
    """Take in a phrase."""

    source: str
    phrase: str
    passphrase: str
    password: str | None


class ImportKey(Message, frozen=True, tag=True):
    """Take in a key."""

    source: str
    key: str
    password: str | None


class ImportKeystore(Message, frozen=True, tag=True):
    """Take in the keystore of another program."""

    source: str
    text: str
    its_password: str
    password: str | None


class Unlock(Message, frozen=True, tag=True):
    """Open all keystores."""

    sealed: tuple[Sealed, ...]
    password: str


class Derive(Message, frozen=True, tag=True):
    """Derive an account of a phrase that is open."""

    source: str
    index: int


class Confirm(Message, frozen=True, tag=True):
    """Compare words of a phrase that is open."""

    source: str
    words: dict[int, str]


class Sign(Message, frozen=True, tag=True):
    """Sign a transaction; whole numbers as text, for msgpack ends at 64 bits."""

    chain_id: int
    sender: str
    nonce: int
    to: str | None
    value: str
    data: bytes
    gas: int
    max_fee: str
    max_priority_fee: str
    is_legacy: bool


class Reveal(Message, frozen=True, tag=True):
    """Open a phrase with its password, whether the wallet is unlocked or not."""

    sealed: Sealed
    password: str


class Export(Message, frozen=True, tag=True):
    """Seal the key of one account under another password."""

    sealed: Sealed
    address: str
    password: str
    new: str


class Reseal(Message, frozen=True, tag=True):
    """Seal everything under another password."""

    sealed: tuple[Sealed, ...]
    password: str
    new: str


class Check(Message, frozen=True, tag=True):
    """Say whether this is the password; whoever holds keys already holds the same ones afterwards."""

    sealed: Sealed
    password: str


class Forget(Message, frozen=True, tag=True):
    """Hold these no longer."""

    source: str
    addresses: tuple[str, ...]


class Done(Message, frozen=True, tag=True):
    """It is done; `yes` answers a question."""

    yes: bool = True


class Made(Message, frozen=True, tag=True):
    """A phrase or a key, sealed; `words` of one that was just made."""

    crypto: Crypto
    accounts: tuple[Derived, ...]
    word_count: int = 0
    words: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


class Account(Message, frozen=True, tag=True):
    """An account that was derived."""

    derived: Derived


class Signed(Message, frozen=True, tag=True):
    """A transaction as a node takes it."""

    hash: str
    raw: bytes


class Words(Message, frozen=True, tag=True):
    """A phrase in the open."""

    words: tuple[str, ...]
    passphrase: str


class Text(Message, frozen=True, tag=True):
    """A keystore of one key."""

    text: str


class Resealed(Message, frozen=True, tag=True):
    """What replaces each keystore, in the order of the question; None for one with another password."""

    crypto: tuple[Crypto | None, ...]


class Unlocked(Message, frozen=True, tag=True):
    """The keystores that are open, but for these: by source, a sentence each."""

    shut: dict[str, str]


class Refused(Message, frozen=True, tag=True):
    """Why not, in a sentence that is ours; `word` says which error it is (`refusal.ERRORS`)."""

    word: str
    sentence: str


Request = (
    Create
    | ImportPhrase
    | ImportKey
    | ImportKeystore
    | Unlock
    | Derive
    | Confirm
    | Sign
    | Reveal
    | Export
    | Reseal
    | Check
    | Forget
)
Reply = Done | Unlocked | Made | Account | Signed | Words | Text | Resealed | Refused

_encoder = msgspec.msgpack.Encoder()
_requests = msgspec.msgpack.Decoder(Request)
_replies = msgspec.msgpack.Decoder(Reply)


def to_sign(transaction: UnsignedTransaction) -> Sign:
    """Return the question for a transaction: each of its fields."""
    return Sign(
        chain_id=transaction.chain_id,
        sender=transaction.sender,
        nonce=transaction.nonce,
        to=transaction.to,
        value=str(transaction.value),
        data=transaction.data,
        gas=transaction.gas,
        max_fee=str(transaction.max_fee),
        max_priority_fee=str(transaction.max_priority_fee),
        is_legacy=transaction.is_legacy,
    )


def frame(message: Request | Reply) -> bytearray:
    """Return a message as it goes through the pipe; `wipe` it afterwards."""
    buffer = bytearray()
    _encoder.encode_into(message, buffer, LENGTH_BYTES)
    buffer[:LENGTH_BYTES] = (len(buffer) - LENGTH_BYTES).to_bytes(LENGTH_BYTES, "little")
    return buffer


def wipe(buffer: bytearray) -> None:
    """Overwrite what was sent."""
    buffer[:] = bytes(len(buffer))


def read_request(read: Read) -> Request | None:
    """Return the next question, None at the end of the pipe."""
    body = _body(read)
    return None if body is None else _requests.decode(body)


def read_reply(read: Read) -> Reply | None:
    """Return the next answer, None at the end of the pipe.

    Raises:
        ValueError, MsgspecError: it is nonsense.
    """
    body = _body(read)
    return None if body is None else _replies.decode(body)


def _body(read: Read) -> bytes | None:
    head = _exactly(read, LENGTH_BYTES)
    if head is None:
        return None
    size = int.from_bytes(head, "little")
    if size > MOST_BYTES:
        raise ValueError("a frame of impossible size")
    return _exactly(read, size)


def _exactly(read: Read, count: int) -> bytes | None:
    parts, missing = [], count
    while missing:
        part = read(missing)
        if not part:
            return None
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)
