"""Blocks of the practice chain as they are kept: the header, and each transaction with what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
import rlp
from eth.abc import BlockHeaderAPI, SignedTransactionAPI
from eth.vm.forks.prague.blocks import PragueBlockHeader

from engine.adapters.practice.rules import PracticeVM


class Line(msgspec.Struct, array_like=True, frozen=True):
    """A log entry."""

    address: bytes
    topics: tuple[bytes, ...]
    data: bytes


class Included(msgspec.Struct, array_like=True, frozen=True):
    """A transaction in a block."""

    raw: bytes
    sender: bytes
    hash: bytes
    ok: bool
    gas_used: int
    gas_price: str
    """Wei per gas that was paid, decimal: it may be larger than 64 bits."""
    lines: tuple[Line, ...]
    contract: bytes | None


@dataclass(frozen=True, slots=True)
class Mined:
    """A block."""

    header: BlockHeaderAPI
    transactions: tuple[Included, ...]

    @property
    def number(self) -> int:
        """How many blocks are before it."""
        return int(self.header.block_number)

    @property
    def base_fee(self) -> int:
        """Wei per gas that was burned."""
        return int(self.header.base_fee_per_gas or 0)

    def packed(self) -> tuple[bytes, bytes]:
        """Return header and transactions as bytes, to be kept."""
        return rlp.encode(self.header), msgspec.msgpack.encode(self.transactions)


def unpacked(header: bytes, transactions: bytes) -> Mined:
    """Read what `Mined.packed` wrote."""
    found = msgspec.msgpack.decode(transactions, type=tuple[Included, ...])
    return Mined(rlp.decode(header, sedes=PragueBlockHeader), found)


def decoded(raw: bytes) -> SignedTransactionAPI:
    """Read a signed transaction.

    Raises:
        ValidationError, rlp.DecodingError, and others of the libraries: it is none.
    """
    builder: Any = PracticeVM.get_transaction_builder()
    return builder.decode(raw)  # type: ignore[no-any-return]
