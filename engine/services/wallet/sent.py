"""A transaction from its signature on: what it was for, and what became of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from engine.defi.intent import Approval, Intent, IntentKind
from engine.defi.token import Token, TokenAmount
from engine.ports.chain import UnsignedTransaction
from engine.ports.wallet_store import StoredTransaction


class SendState(StrEnum):
    """Where a transaction is on its way."""

    KEPT = "kept"
    """Signed and on the disk; no node has said that it knows it."""
    PENDING = "pending"
    DROPPED = "dropped"
    """No node knows it any more; it can still come back, and its number is still taken."""
    CONFIRMED = "confirmed"
    """In a block, carried out; `depth` says how deep."""
    FAILED = "failed"
    """In a block, and the contract said no; the fee is gone."""
    REPLACED = "replaced"
    """Another one took its number."""
    REFUSED = "refused"
    """No node took it; it was never on its way."""
    FINAL = "final"
    """Carried out, and too deep to come back."""
    FINAL_FAILED = "final-failed"
    FINAL_REPLACED = "final-replaced"


SETTLED = frozenset({SendState.FINAL, SendState.FINAL_FAILED, SendState.FINAL_REPLACED, SendState.REFUSED})
"""Nothing more will become of these."""
ALIVE = frozenset({SendState.KEPT, SendState.PENDING, SendState.DROPPED})
"""These may still be mined, so their number is taken."""
IN_BLOCK = frozenset({SendState.CONFIRMED, SendState.FAILED, SendState.FINAL, SendState.FINAL_FAILED})


@dataclass(frozen=True, slots=True)
class SentTransaction:
    """One transaction that was signed here."""

    hash: str
    transaction: UnsignedTransaction
    intent: Intent
    title: str
    """What it does, as it was confirmed."""
    call: str
    """The decoded call in words."""
    state: SendState
    kept_ns: int
    changed_ns: int
    raw: bytes = field(repr=False, default=b"")
    block: int | None = None
    block_hash: str | None = None
    depth: int = 0
    """Blocks from its own to the newest, both counted; 0: in none."""
    gas_used: int | None = None
    gas_price: int | None = None
    reason: str = ""
    replaces: str | None = None
    replaced_by: str | None = None
    """The hash of what took its number, if that is known."""
    reorgs: int = 0
    """How often its block was taken back."""

    @property
    def chain_id(self) -> int:
        """The chain it is on."""
        return self.transaction.chain_id

    @property
    def sender(self) -> str:
        """Who signed it."""
        return self.transaction.sender

    @property
    def nonce(self) -> int:
        """Its number."""
        return self.transaction.nonce

    @property
    def is_alive(self) -> bool:
        """Whether it may still be mined."""
        return self.state in ALIVE

    @property
    def is_settled(self) -> bool:
        """Whether nothing more will become of it."""
        return self.state in SETTLED


def stored(sent: SentTransaction) -> StoredTransaction:
    """Return the row of a transaction."""
    return StoredTransaction(
        sent.chain_id,
        sent.hash,
        sent.sender,
        sent.nonce,
        sent.raw,
        _unsigned_text(sent.transaction),
        intent_text(sent.intent),
        sent.title,
        sent.call,
        sent.state.value,
        sent.kept_ns,
        sent.changed_ns,
        sent.block,
        sent.block_hash,
        sent.depth,
        sent.gas_used,
        sent.gas_price,
        sent.reason,
        sent.replaces,
        sent.replaced_by,
        sent.reorgs,
    )


def restored(row: StoredTransaction) -> SentTransaction:
    """Return the transaction of a row."""
    unsigned = json.loads(row.unsigned)
    return SentTransaction(
        row.hash,
        UnsignedTransaction(**unsigned | {"data": bytes.fromhex(unsigned["data"])}),
        intent_of(row.intent),
        row.title,
        row.call,
        SendState(row.state),
        row.kept_ns,
        row.changed_ns,
        row.raw,
        row.block,
        row.block_hash,
        row.depth,
        row.gas_used,
        row.gas_price,
        row.reason,
        row.replaces,
        row.replaced_by,
        row.reorgs,
    )


def intent_text(intent: Intent) -> str:
    """Return an intent as JSON that `intent_of` reads back, to the last field."""
    return json.dumps(_json(intent), separators=(",", ":"), ensure_ascii=False)


def intent_of(text: str) -> Intent:
    """Return the intent of `intent_text`."""
    told = json.loads(text)
    amounts = {name: tuple(map(_amount, told[name])) for name in ("leaves", "arrives", "expected")}
    approval = told["approval"]
    return Intent(
        **told
        | amounts
        | {
            "kind": IntentKind(told["kind"]),
            "data": bytes.fromhex(told["data"]),
            "route": tuple(told["route"]),
            "approval": None if approval is None else Approval(**approval | {"token": Token(**approval["token"])}),
        }
    )


def _unsigned_text(transaction: UnsignedTransaction) -> str:
    return json.dumps(_json(transaction), separators=(",", ":"))


def _json(value: Any) -> Any:  # noqa: ANN401 - any field of an intent
    if hasattr(value, "__dataclass_fields__"):
        return {name: _json(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, (tuple, list)):
        return [_json(each) for each in value]
    return value


def _amount(told: dict[str, Any]) -> TokenAmount:
    return TokenAmount(Token(**told["token"]), told["units"])
