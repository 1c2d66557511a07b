"""A transaction between intent and signature: what it would do, what it costs, and what speaks against it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from engine.defi.intent import Approval, Intent
from engine.defi.token import TokenAmount
from engine.ports.chain import UnsignedTransaction


class FeePreset(StrEnum):
    """How much of a hurry there is."""

    SLOW = "slow"
    NORMAL = "normal"
    FAST = "fast"


@dataclass(frozen=True, slots=True)
class FeeChoice:
    """What is paid for gas: of fee history, or given by the user; wei per gas."""

    preset: FeePreset | None
    """None: the user's own figures."""
    max_fee: int
    max_priority_fee: int
    base_fee: int | None
    """Of the next block, as it was when this was worked out."""
    wait_s: float | None = None
    """About how long until it is mined, if that can be told."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a simulation says about one balance."""

    account: str
    amount: TokenAmount
    """Negative: it leaves."""


@dataclass(frozen=True, slots=True)
class Simulation:
    """What the chain says it would do."""

    ok: bool
    reason: str
    """Why it would fail, in the contract's words or ours; empty if it would not."""
    gas_used: int
    changes: tuple[Change, ...]
    """Of the sender's and the recipient's balances, gas apart."""
    approvals: tuple[Approval, ...]
    """Allowances of the sender that it would set."""
    block: int
    is_complete: bool
    """False: the node can only call it, so that changes are what the call returned and its kind promises."""


class Weight(StrEnum):
    """How much a remark weighs."""

    NOTE = "note"
    WARNING = "warning"
    """Has to be acknowledged by name before it is signed."""
    REFUSAL = "refusal"
    """It is not signed."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about a transaction that its signer should know."""

    weight: Weight
    code: str
    """For programs: "price-impact", "unlimited-approval", "look-alike"."""
    text: str


@dataclass(frozen=True, slots=True)
class ConfirmLine:
    """A line of the human-readable confirmation."""

    title: str
    text: str
    tone: str = ""
    """"", "out", "in", "muted", "warning", "danger"."""
    detail: str = ""
    """For whoever wants to look closer: a whole address, the data."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """All there is to see before a signature. Signing anything else than `transaction` is not possible."""

    intent: Intent
    transaction: UnsignedTransaction
    fee: FeeChoice
    fees: tuple[FeeChoice, ...]
    """The presets to choose from."""
    simulation: Simulation
    remarks: tuple[Remark, ...]
    lines: tuple[ConfirmLine, ...]
    prepared_ns: int
    """By the machine's clock; a simulation older than some blocks has to be made again."""
    digest: str = field(default="")
    """Of every field that is signed: what a confirmation is given for."""

    @property
    def refusals(self) -> tuple[Remark, ...]:
        """Why it is not signed."""
        return tuple(each for each in self.remarks if each.weight is Weight.REFUSAL)

    @property
    def warnings(self) -> tuple[Remark, ...]:
        """What has to be acknowledged."""
        return tuple(each for each in self.remarks if each.weight is Weight.WARNING)

    @property
    def can_sign(self) -> bool:
        """Whether nothing forbids it."""
        return not self.refusals
