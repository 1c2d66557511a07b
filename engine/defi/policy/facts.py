"""What the rules look at, and the lines they draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.defi.callwords import CallWords
from engine.defi.chain import ChainSpec
from engine.defi.intent import Intent
from engine.defi.prepared import FeeChoice, Remark, Simulation, Weight
from engine.defi.token import Token
from engine.ports.chain import UnsignedTransaction

GWEI = 10**9


@dataclass(frozen=True, slots=True)
class Limits:
    """Where a note becomes a warning, and a warning a refusal."""

    slippage_warning_bps: int = 300
    slippage_refusal_bps: int = 1_500
    impact_warning_bps: int = 300
    impact_refusal_bps: int = 1_500
    deadline_warning_s: int = 3_600
    deadline_refusal_s: int = 86_400
    fee_warning_times: int = 3
    """Times the fast preset."""
    fee_refusal_times: int = 50
    fee_warning_share: int = 3
    """A fee above one part in so many of all the coin there is; who pays it may be whoever suggests it."""
    price_warning: int = 10_000 * GWEI
    """Wei per gas: a node may call anything usual, no chain ever was so dear for long."""
    price_refusal: int = 1_000_000 * GWEI
    sandwich_warning_bps: int = 100
    """Of what is expected, that somebody could take."""


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known of a transaction before it is signed; amounts in smallest units, times in seconds."""

    intent: Intent
    transaction: UnsignedTransaction
    fee: FeeChoice
    fees: tuple[FeeChoice, ...]
    simulation: Simulation
    chain: ChainSpec
    client_chain_id: int
    """What the node says it is."""
    now_s: int
    """The later of the newest block's time and this machine's clock."""
    balance: int
    """Wei of the sender, less what its waiting transactions may take."""
    held: Mapping[Token, int] = field(default_factory=dict)
    """Of the tokens that leave, as they will be when the transaction's turn comes."""
    payee: str = ""
    """Who is paid, approved or receives, if not the sender."""
    payee_has_code: bool = False
    payee_title: str = ""
    """Its name in the address book; empty: none."""
    payee_is_known: bool = True
    """Whether something was sent there before, or it is in the address book."""
    look_alike: str = ""
    """What the payee could be mistaken for: a label and an address."""
    payee_is_token: str = ""
    """The symbol of the token whose contract the payee is."""
    to_has_code: bool = True
    allow_unlimited: bool = False
    call: CallWords | None = None
    """What the signed call itself says; None: it is not one that we know, or there is none."""
    stray_moves: tuple[str, ...] = ()
    """Pieces of collections that would leave though nobody said so, a line each."""
    imitations: tuple[str, ...] = ()
    """A sentence for each token of the intent that is called as a known one is and is another."""
    replaced: UnsignedTransaction | None = None
    """What waits with the same number."""
    perhaps_sent: str = ""
    """What the last one was for that a node refused, if its number is used up since and nobody here knows by what."""
    waits_behind: int = 0
    """Transactions of the sender that come first and that no node knows any more."""
    base_fee: int = 0
    """What the base chain of a rollup takes besides, in wei."""


def note(code: str, text: str) -> Remark:
    """Return a note."""
    return Remark(Weight.NOTE, code, text)


def warning(code: str, text: str) -> Remark:
    """Return a warning."""
    return Remark(Weight.WARNING, code, text)


def refusal(code: str, text: str) -> Remark:
    """Return a refusal."""
    return Remark(Weight.REFUSAL, code, text)
