"""What a node means by an error: geth, erigon, nethermind, besu, anvil, hardhat, ganache and the services before them.

Sources: EIP-1474 (codes), go-ethereum's core/error.go and core/txpool/errors.go, and what the others answer in their
place. Codes differ from node to node, so words count more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from engine.adapters.exchanges.net.refused import plain
from engine.defi import abi
from engine.errors import ChainUnavailable, CrsError, InvalidInput, NodeRefused, NotSimulated, Reverted

METHOD_NOT_FOUND, INVALID_PARAMS, LIMIT, REVERTED = -32601, -32602, -32005, 3
"""Codes of EIP-1474, and geth's own for a contract's refusal."""


class Meaning(Enum):
    """What the caller does about it."""

    REVERTED = auto()
    """A contract said no."""
    KNOWN = auto()
    """The transaction is there already: no failure."""
    REFUSED = auto()
    """The node said no, and so will others."""
    UNKNOWN_METHOD = auto()
    TOO_WIDE = auto()
    """A span of logs is too long for this node."""
    SLOW_DOWN = auto()
    ELSEWHERE = auto()
    """This node cannot now (behind, damaged, busy); another may."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error of a node, understood."""

    meaning: Meaning
    code: int
    text: str
    """A sentence."""
    word: str = ""
    data: bytes = b""

    def error(self) -> CrsError:
        """Return it as what is raised."""
        if self.meaning is Meaning.REVERTED:
            return Reverted(self.text, self.data)
        if self.meaning in (Meaning.REFUSED, Meaning.KNOWN):
            return NodeRefused(self.text, code=self.code, word=self.word)
        if self.meaning is Meaning.UNKNOWN_METHOD:
            return NotSimulated(self.text)
        if self.meaning is Meaning.TOO_WIDE:
            return InvalidInput(self.text)
        return ChainUnavailable(self.text)


@dataclass(frozen=True, slots=True)
class Said:
    """Words by which nodes say one thing."""

    pattern: str
    word: str
    text: str


SENDING = (
    Said("nonce too low|nonce is too low|nonce.*already (been )?used|OldNonce|tx nonce.*lower", "nonce-too-low",
         "The number of this transaction was used by another one meanwhile. Prepare it again."),
    Said("nonce too high|nonce gap|nonce is too high|NonceGap|non-consecutive", "nonce-too-high",
         "An earlier transaction of this account is missing at the node. Send that one first."),
    Said("replacement transaction underpriced|ReplacementNotAllowed|could not replace", "replacement-underpriced",
         "A waiting transaction has this number, and this one does not pay enough more to take its place: "
         "at least 10 % more of both fees is wanted."),
    Said("insufficient funds|InsufficientFunds|insufficient balance for|doesn't have enough funds|enough balance to",
         "insufficient-funds", "The account does not have enough of the chain's coin for the amount and the gas."),
    Said("less than block base fee|max fee per gas less|FeeTooLow|fee cap.*(below|less)|gasprice.*less than.*base",
         "fee-below-base", "The most that it pays for gas is less than what the next block costs."),
    Said("underpriced|FeeTooLowToCompete|gas price (too|below)|tip.*(too low|below)|below the minimum", "underpriced",
         "It pays less for gas than this node takes."),
    Said("tip.*(above|higher|exceeds).*(fee|cap)|priority fee.*(higher|greater|above)|max priority fee per gas higher",
         "tip-above-fee", "The tip is more than all that it would pay for gas."),
    Said("intrinsic gas too low|GasLimitTooLow|intrinsic", "gas-too-low",
         "It has too little gas to be a transaction at all."),
    Said("exceeds block gas limit|gas limit exceeded|GasLimitExceeded|exceeds the.*gas limit|gas limit.*too high",
         "gas-too-high", "It asks for more gas than fits into a block."),
    Said("exceeds the configured cap", "fee-cap", "It would pay more for gas than this node lets anybody pay."),
    Said("invalid chain.?id|chain.?id.*(mismatch|does not match)|invalid sender|InvalidTxChainId|replay-protected",
         "wrong-chain", "The node takes this transaction for one of another chain."),
    Said("oversized data|initcode size|max code size|(transaction|data).{0,12}too (large|big)", "too-large",
         "It is larger than the chain takes."),
    Said("sender is not an EOA|not an EOA|sender.*has code", "not-an-account", "The sender is a contract."),
)  # fmt: skip
EXECUTION = (
    Said("gas required exceeds allowance|out of gas|OutOfGas", "", "it takes more gas than it may or can pay for"),
    Said("invalid opcode|bad instruction|undefined instruction", "", "the contract ran into an invalid opcode"),
    Said("stack (under|over)flow|bad jump|invalid jump|write protection|StackUnderflow", "", "the contract broke down"),
)
REVERT = re.compile(r"revert", re.IGNORECASE)
VM_ERROR = re.compile(r"vm execution error|vm exception|evm error|execution error", re.IGNORECASE)
KNOWN = re.compile(r"already known|known transaction|already imported|alreadyknown|already exists", re.IGNORECASE)
NO_METHOD = re.compile(
    r"method.*(not found|does not exist|not (available|supported|whitelisted|allowed))|unsupported method"
    r"|unknown method|not implemented|endpoint.*not.*support",
    re.IGNORECASE,
)
SLOW_DOWN = re.compile(
    r"rate.?limit|too many requests|compute units|throughput|request limit|daily (request|limit)|over.*capacity"
    r"|quota|credits|exceeded the quota|limit exceeded|request rate|try again (later|in)",
    re.IGNORECASE,
)
POOL_FULL = re.compile(r"pool is full|queue is full|pool limit", re.IGNORECASE)
TOO_WIDE = re.compile(
    r"block range|range.*(too|limit|wide|large|exceed|max|supported)|(too|more than|exceed\w*|limit\w*|max\w*)"
    r".*(results|logs|blocks|response size|range)|query timeout|response size|query returned",
    re.IGNORECASE,
)
REASON = re.compile(r"revert(?:ed)?(?: with reason string)?[:\s]+['\"]?(.+?)['\"]?$", re.IGNORECASE | re.DOTALL)
HEX = re.compile(r"^(?:Reverted\s+)?(0x[0-9a-fA-F]*)$")
MOST_DEPTH = 4
MOST_REVERT = 64 * 1024


def refusal_of(method: str, error: Any) -> Refusal:  # noqa: ANN401 - of JSON
    """Return what an error object of JSON-RPC means; nothing of it is believed beyond its shape."""
    found = error if isinstance(error, dict) else {"message": error}
    told = found.get("code")
    code = told if isinstance(told, int) else 0
    message = plain(str(found.get("message") or ""))
    meaning = _execution(method, code, message, found.get("data")) if method in EXECUTING else None
    return meaning or _sending(method, code, message) or _other(method, code, message)


EXECUTING = frozenset({"eth_call", "eth_estimateGas", "eth_simulateV1", "eth_sendRawTransaction"})


def revert_data(value: Any, depth: int = 0) -> bytes:  # noqa: ANN401
    """Return the bytes of a contract's refusal, wherever a node puts them; empty if it sent none."""
    if isinstance(value, str) and len(value) <= 2 * MOST_REVERT and (matched := HEX.match(value.strip())):
        digits = matched.group(1)[2:]
        return bytes.fromhex(digits) if len(digits) % 2 == 0 else b""
    if isinstance(value, dict) and depth < MOST_DEPTH:
        inner = [value[key] for key in ("data", "result", "return", "output", "originalError", "error") if key in value]
        inner += [each for each in list(value.values())[:8] if isinstance(each, dict)]
        return next((bytes_ for each in inner if (bytes_ := revert_data(each, depth + 1))), b"")
    return b""


def _execution(method: str, code: int, message: str, data: Any) -> Refusal | None:  # noqa: ANN401
    bytes_ = revert_data(data)
    is_revert = code == REVERTED or REVERT.search(message) or (isinstance(data, str) and data.startswith("Reverted"))
    if is_revert or (VM_ERROR.search(message) and bytes_):
        return Refusal(Meaning.REVERTED, code, abi.revert_reason(bytes_) if bytes_ else _told(message), data=bytes_)
    if method == "eth_sendRawTransaction":
        return None
    for said in EXECUTION:
        if re.search(said.pattern, message, re.IGNORECASE):
            return Refusal(Meaning.REVERTED, code, said.text)
    if VM_ERROR.search(message):
        return Refusal(Meaning.REVERTED, code, _told(plain(data) if isinstance(data, str) else message))
    return None


def _told(message: str) -> str:
    """Return the reason that stands in a node's own message, where the data are missing."""
    matched = REASON.search(message)
    words = matched.group(1).strip() if matched else ""
    return abi.revert_reason(abi.encode("Error(string)", words)) if words else abi.revert_reason(b"")


def _sending(method: str, code: int, message: str) -> Refusal | None:
    if method not in EXECUTING:
        return None
    if method == "eth_sendRawTransaction" and KNOWN.search(message):
        return Refusal(Meaning.KNOWN, code, "The node knows this transaction already.", "already-known")
    for said in SENDING:
        if re.search(said.pattern, message, re.IGNORECASE):
            return Refusal(Meaning.REFUSED, code, said.text, said.word)
    return None


def _other(method: str, code: int, message: str) -> Refusal:
    if method == "eth_getLogs" and TOO_WIDE.search(message):
        return Refusal(Meaning.TOO_WIDE, code, f"The node does not read logs of so long a span: {message}")
    if code == METHOD_NOT_FOUND or NO_METHOD.search(message):
        return Refusal(Meaning.UNKNOWN_METHOD, code, f"The node does not know {method}.")
    if code in (LIMIT, 429) or SLOW_DOWN.search(message):
        return Refusal(Meaning.SLOW_DOWN, code, "The node asks us to slow down.")
    if POOL_FULL.search(message):
        return Refusal(Meaning.ELSEWHERE, code, "The node takes no more transactions at the moment.")
    if code == INVALID_PARAMS:
        return Refusal(Meaning.REFUSED, code, f"The node does not understand {method}: {message}", "invalid-params")
    if method == "eth_sendRawTransaction":
        return Refusal(Meaning.REFUSED, code, f"The node refuses the transaction: {message or code}", "refused")
    return Refusal(Meaning.ELSEWHERE, code, f"The node fails at {method}: {message or code}")
