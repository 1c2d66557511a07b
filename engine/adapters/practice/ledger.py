"""The chain itself: blocks one after the other, the state after each, and what waits to be mined.

Synchronous, and used by one thread at a time. Blocks are made by py-evm; this keeps them, finds transactions, goes
back to an earlier block, and tells the time: seconds since 1970, moved on by `increase_time`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import rlp
from eth._utils.address import generate_contract_address
from eth.abc import BlockHeaderAPI, StateAPI
from eth.consensus.context import ConsensusContext
from eth.constants import CREATE_CONTRACT_ADDRESS
from eth.db.atomic import AtomicDB
from eth.db.chain import ChainDB
from eth.vm.chain_context import ChainContext
from eth_hash.auto import keccak
from eth_typing import Address
from eth_utils.exceptions import ValidationError

from engine.adapters.practice.block import Included, Line, Mined, decoded
from engine.adapters.practice.nodes import Nodes
from engine.adapters.practice.pool import Pool, Waiting
from engine.adapters.practice.reach import reachable
from engine.adapters.practice.refusal import Refusal, bad
from engine.adapters.practice.rules import CHAIN_ID, GAS_LIMIT, PracticeVM, TracingVM, next_base_fee
from engine.adapters.practice.words import Json

MINER = keccak(b"CRS practice chain: who makes the blocks")[12:]
KEPT_STATES = 128
"""Newest blocks whose state can be asked for, as many as a full node keeps; also that of each snapshot."""
GENESIS_AT = 1_735_689_600
"""2025-01-01, when the prepared chain begins: its first blocks are in the past wherever a clock is about right."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a snapshot was taken."""

    number: int
    hash: bytes
    waiting: tuple[Waiting, ...]
    ahead_s: int


class Ledger:
    """Blocks, state and pool of one chain."""

    def __init__(self, nodes: Nodes, blocks: Sequence[Mined] = (), ahead_s: int = 0) -> None:
        self.nodes = nodes
        self.pool = Pool()
        self.ahead_s = ahead_s
        """How far its clock is ahead of this machine's."""
        self._chaindb = ChainDB(AtomicDB(nodes))
        self._consensus = ConsensusContext(self._chaindb.db)
        self._context = ChainContext(CHAIN_ID)
        self.blocks = list(blocks)
        self._numbers: dict[bytes, int] = {each.header.hash: each.number for each in blocks}
        self._places: dict[bytes, tuple[int, int]] = {}
        for each in blocks:
            self._index(each)
        self._marks: list[Mark] = []

    @classmethod
    def begin(cls, balances: Mapping[Address, int], at: int = GENESIS_AT) -> Ledger:
        """Return a new chain on which these accounts have so many wei."""
        ledger = cls(Nodes())
        blank = PracticeVM.create_header_from_parent(None, timestamp=at)
        state = ledger.vm(blank).state
        for address, wei in balances.items():
            state.set_balance(address, wei)
        state.persist()
        ledger._append(Mined(blank.copy(state_root=state.state_root), ()))
        return ledger

    # What is there

    @property
    def head(self) -> BlockHeaderAPI:
        """The newest block's header."""
        return self.blocks[-1].header

    def now(self) -> int:
        """Return the time of a block that is made now: later than the newest."""
        return max(int(time.time()) + self.ahead_s, int(self.head.timestamp) + 1)

    def advance(self, seconds: int) -> None:
        """Move the clock on, from the newest block's time where that is ahead of it already."""
        self.ahead_s = max(self.now() - 1, int(time.time()) + self.ahead_s) + seconds - int(time.time())

    def next_header(self, at: int | None = None) -> BlockHeaderAPI:
        """Return the header of the block that comes next, still empty."""
        number = int(self.head.block_number) + 1
        return PracticeVM.create_header_from_parent(
            self.head, timestamp=at or self.now(), coinbase=MINER, mix_hash=keccak(number.to_bytes(32, "big"))
        )

    def vm(self, header: BlockHeaderAPI, *, traced: bool = False) -> PracticeVM:
        """Return a machine whose state is that of the header."""
        made = TracingVM if traced else PracticeVM
        return made(header, self._chaindb, self._context, self._consensus)

    def state(self, block: Mined | None = None) -> StateAPI:
        """Return the state after a block (the newest).

        Raises:
            Refusal: the state of so old a block is not kept any more.
        """
        header = self.head if block is None else block.header
        if header.state_root not in self.nodes:
            raise Refusal(f"The state after block {header.block_number} is not kept any more.")
        return self.vm(header).state

    def number_of(self, hash_: bytes) -> int | None:
        """Return the number of a block of this chain by its hash."""
        return self._numbers.get(hash_)

    def place_of(self, transaction: bytes) -> tuple[Mined, int] | None:
        """Return the block with a transaction, and its place there."""
        found = self._places.get(transaction)
        return None if found is None else (self.blocks[found[0]], found[1])

    # Taking and mining

    def take(self, raw: bytes) -> Waiting:
        """Let a signed transaction wait for a block.

        Raises:
            Refusal: it can never be mined, or is no transaction.
        """
        waiting = _read(raw)
        if waiting.hash in self._places:
            raise Refusal("already known")
        self._check(waiting)
        self.pool.add(waiting)
        return waiting

    def _check(self, waiting: Waiting) -> None:
        transaction, state = waiting.transaction, self.state()
        if transaction.gas > GAS_LIMIT:
            raise Refusal("exceeds block gas limit")
        if transaction.max_priority_fee_per_gas > transaction.max_fee_per_gas:
            raise Refusal("max priority fee per gas higher than max fee per gas")
        if transaction.gas < transaction.intrinsic_gas:
            raise Refusal(f"intrinsic gas too low: gas {transaction.gas}, minimum needed {transaction.intrinsic_gas}")
        nonce = state.get_nonce(waiting.sender)
        if waiting.nonce < nonce:
            raise Refusal(f"nonce too low: next nonce {nonce}, tx nonce {waiting.nonce}")
        cost, has = transaction.gas * transaction.max_fee_per_gas + transaction.value, state.get_balance(waiting.sender)
        if cost > has:
            raise Refusal(f"insufficient funds for gas * price + value: balance {has}, tx cost {cost}")

    def mine(self, at: int | None = None, only: Sequence[Waiting] | None = None) -> Mined:
        """Make a block now of what can be mined (or of `only` these) and return it; what cannot be is dropped."""
        header = self.next_header(at)
        vm = self.vm(header)
        ready = list(self.pool.ready(next_base_fee(self.head), vm.state.get_nonce)) if only is None else list(only)
        taken, receipts, included, blocked = [], [], [], set[Address]()
        for waiting in ready:
            if waiting.sender in blocked:
                continue
            if header.gas_used + waiting.transaction.gas > header.gas_limit:
                blocked.add(waiting.sender)
                continue
            self.pool.remove(waiting)
            try:
                receipt, computation = vm.apply_transaction(header, waiting.transaction)
            except ValidationError:
                blocked.add(waiting.sender)
                continue
            included.append(_included(waiting, header, receipt, computation, vm.state))
            header = vm.add_receipt_to_header(header, receipt)
            taken.append(waiting.transaction)
            receipts.append(receipt)
        filled = vm.set_block_transactions_and_withdrawals(vm.get_block(), header, taken, receipts)
        block = Mined(vm.mine_block(filled).block.header, tuple(included))
        self._append(block)
        for each in included:
            sender = Address(each.sender)
            self.pool.forget_below(sender, self.state().get_nonce(sender))
        return block

    # Going back

    def mark(self) -> int:
        """Remember this place and return the number to come back by."""
        self._marks.append(Mark(self.blocks[-1].number, self.head.hash, tuple(self.pool), self.ahead_s))
        return len(self._marks)

    def revert(self, number: int) -> bool:
        """Go back to a mark, which is used up with all later ones; False if there is none."""
        if not 1 <= number <= len(self._marks):
            return False
        mark = self._marks[number - 1]
        del self._marks[number - 1 :]
        if mark.number >= len(self.blocks) or self.blocks[mark.number].header.hash != mark.hash:
            return False
        self.cut(mark.number)
        self.ahead_s = mark.ahead_s
        self.pool.clear()
        for each in mark.waiting:
            self.pool.add(each)
        return True

    def cut(self, number: int) -> list[Mined]:
        """Take back all blocks after that number and return them."""
        gone = self.blocks[number + 1 :]
        del self.blocks[number + 1 :]
        for block in gone:
            self._numbers.pop(block.header.hash, None)
            for each in block.transactions:
                self._places.pop(each.hash, None)
        return gone

    def put_back(self, blocks: Sequence[Mined]) -> None:
        """Let the transactions of blocks that were taken back wait again."""
        for each in _all(blocks):
            with suppress(Refusal):
                self.take(each.raw)

    def tidy(self) -> int:
        """Forget states that nobody can ask for any more; return how many nodes that were."""
        newest = self.blocks[-KEPT_STATES:]
        marked = [self.blocks[each.number] for each in self._marks if each.number < len(self.blocks)]
        wanted = reachable(self.nodes.kv_store, {each.header.state_root for each in (*newest, *marked)})
        wanted.update(each.header.hash for each in self.blocks[-2 * KEPT_STATES :])
        wanted.update(each.header.hash for each in marked)
        return self.nodes.keep_only(wanted)

    # Within

    def _append(self, block: Mined) -> None:
        self._chaindb.db[block.header.hash] = rlp.encode(block.header)
        self.blocks.append(block)
        self._numbers[block.header.hash] = block.number
        self._index(block)

    def _index(self, block: Mined) -> None:
        for place, each in enumerate(block.transactions):
            self._places[each.hash] = (block.number, place)


def _all(blocks: Sequence[Mined]) -> Iterator[Included]:
    for block in blocks:
        yield from block.transactions


def _read(raw: bytes) -> Waiting:
    try:
        transaction = decoded(raw)
        transaction.validate()
        sender = transaction.sender
        if transaction.chain_id != CHAIN_ID:
            raise Refusal(f"invalid chain id for signer: have {transaction.chain_id} want {CHAIN_ID}")
        if transaction.type_id not in (None, 1, 2, 4):
            raise Refusal("transaction type not supported")
        return Waiting(transaction, raw, sender, transaction.hash)
    except Refusal:
        raise
    except Exception as error:  # whatever the libraries make of bytes that are no transaction
        raise bad(f"This is no signed transaction: {error}") from error


def _included(waiting: Waiting, header: BlockHeaderAPI, receipt: Json, computation: Json, state: StateAPI) -> Included:
    transaction = waiting.transaction
    contract = None
    if transaction.to == CREATE_CONTRACT_ADDRESS:
        contract = generate_contract_address(waiting.sender, waiting.nonce)
    return Included(
        raw=waiting.raw,
        sender=bytes(waiting.sender),
        hash=bytes(waiting.hash),
        ok=not computation.is_error,
        gas_used=receipt.gas_used - header.gas_used,
        gas_price=str(state.get_gas_price(transaction)),
        lines=tuple(
            Line(bytes(log.address), tuple(each.to_bytes(32, "big") for each in log.topics), bytes(log.data))
            for log in receipt.logs
        ),
        contract=contract,
    )
