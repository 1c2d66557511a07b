"""What the logs of a transaction say about balances and allowances.

Read are ERC-20's and ERC-721's `Transfer` and `Approval`, `ApprovalForAll`, ERC-1155's transfers, the deposits and
withdrawals of the wrapped coin, and the transfers of the coin itself that simulations report as if a token at
0xeeee…eeee had moved. Logs are what a contract says of itself: balances that were read count more than they.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from engine.defi.address import ZERO, checksummed, keccak
from engine.defi.intent import UNLIMITED
from engine.defi.token import NATIVE
from engine.ports.chain import Log

COIN = "0x" + "e" * 40
"""Stands for the coin of the chain in simulated logs, in small letters."""
WORD = 32


@dataclass(frozen=True, slots=True)
class Move:
    """Units of a token (or the coin: `NATIVE`) that went from one account to another."""

    token: str
    source: str
    target: str
    units: int
    is_collectible: bool = False
    """One of its kind (ERC-721) or of many kinds (ERC-1155): a unit is a piece."""


@dataclass(frozen=True, slots=True)
class Grant:
    """An allowance that was set."""

    token: str
    owner: str
    spender: str
    units: int
    is_for_all: bool = False
    """Over every piece of a collection."""


@cache
def event(signature: str) -> bytes:
    """Return the topic of an event."""
    return keccak(signature.encode())


TRANSFER = "Transfer(address,address,uint256)"
APPROVAL = "Approval(address,address,uint256)"
APPROVAL_FOR_ALL = "ApprovalForAll(address,address,bool)"
PERMIT2_APPROVAL = "Approval(address,address,address,uint160,uint48)"
TRANSFER_SINGLE = "TransferSingle(address,address,address,uint256,uint256)"
TRANSFER_BATCH = "TransferBatch(address,address,address,uint256[],uint256[])"
DEPOSIT = "Deposit(address,uint256)"
WITHDRAWAL = "Withdrawal(address,uint256)"
SYNC = "Sync(uint112,uint112)"
V3_SWAP = "Swap(address,address,int256,int256,uint160,uint128,int24)"


def moves(logs: Iterable[Log], wrapped: str) -> list[Move]:
    """Return what moved, in order; `wrapped` is the wrapped coin, whose deposits and withdrawals are no transfers."""
    return [move for log in logs for move in _moves_of(log, wrapped)]


def grants(logs: Iterable[Log]) -> list[Grant]:
    """Return the allowances that were set, in order; the last of a pair counts."""
    return [grant for log in logs if (grant := _grant_of(log)) is not None]


def net(found: Iterable[Move], account: str) -> dict[str, int]:
    """Return by how much each token of an account changed; tokens that came and went are left out."""
    changes: dict[str, int] = defaultdict(int)
    for move in found:
        if move.source == account:
            changes[move.token] -= move.units
        if move.target == account:
            changes[move.token] += move.units
    return {token: units for token, units in changes.items() if units}


def pools_touched(logs: Iterable[Log]) -> int:
    """Return how many pools of Uniswap's kinds took part: each may write more the next second than it did now."""
    kinds = (event(SYNC), event(V3_SWAP))
    return len({log.address for log in logs if log.topics and log.topics[0] in kinds})


def _moves_of(log: Log, wrapped: str) -> list[Move]:
    if not log.topics:
        return []
    kind, count = log.topics[0], len(log.topics)
    if kind == event(TRANSFER) and count in (3, 4):
        return [_transfer(log)] if count == 4 or len(log.data) >= WORD else []
    if kind == event(TRANSFER_SINGLE) and count == 4 and len(log.data) >= 2 * WORD:
        units = _number(log.data[WORD : 2 * WORD])
        return [Move(log.address, _address(log.topics[2]), _address(log.topics[3]), units, is_collectible=True)]
    if kind == event(TRANSFER_BATCH) and count == 4:
        units = sum(_last_list(log.data))
        return [Move(log.address, _address(log.topics[2]), _address(log.topics[3]), units, is_collectible=True)]
    if log.address == wrapped and count == 2 and len(log.data) >= WORD:
        units, holder = _number(log.data[:WORD]), _address(log.topics[1])
        if kind == event(DEPOSIT):
            return [Move(wrapped, ZERO, holder, units)]
        if kind == event(WITHDRAWAL):
            return [Move(wrapped, holder, ZERO, units)]
    return []


def _transfer(log: Log) -> Move:
    source, target = _address(log.topics[1]), _address(log.topics[2])
    if len(log.topics) == 4:
        return Move(log.address, source, target, 1, is_collectible=True)
    token = NATIVE if log.address.lower() == COIN else log.address
    return Move(token, source, target, _number(log.data[:WORD]))


def _grant_of(log: Log) -> Grant | None:
    if len(log.topics) < 3:
        return None
    owner, spender = _address(log.topics[1]), _address(log.topics[2])
    if log.topics[0] == event(APPROVAL_FOR_ALL):
        given = bool(_number(log.data[:WORD]))
        return Grant(log.address, owner, spender, UNLIMITED if given else 0, is_for_all=True)
    if log.topics[0] == event(PERMIT2_APPROVAL) and len(log.topics) == 4:  # owner, token, spender
        units = _number(log.data[:WORD])
        return Grant(spender, owner, _address(log.topics[3]), UNLIMITED if units == 2**160 - 1 else units)
    if log.topics[0] != event(APPROVAL):
        return None
    if len(log.topics) == 4:  # one piece of a collection; the zero address takes it back
        return None if spender == ZERO else Grant(log.address, owner, spender, 1)
    return Grant(log.address, owner, spender, _number(log.data[:WORD]))


def _last_list(data: bytes) -> Sequence[int]:
    """The second of two lists of numbers; empty if the data are something else."""
    at = _number(data[WORD : 2 * WORD])
    count = _number(data[at : at + WORD]) if at + WORD <= len(data) else 0
    start = at + WORD
    if count > (len(data) - start) // WORD:
        return ()
    return [_number(data[start + i * WORD : start + (i + 1) * WORD]) for i in range(count)]


def _number(word: bytes) -> int:
    return int.from_bytes(word, "big")


def _address(word: bytes) -> str:
    return checksummed("0x" + word[-20:].hex())
