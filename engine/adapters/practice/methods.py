"""The methods of Ethereum's JSON-RPC that a wallet needs, over a `Ledger`.

A request's parameters arrive as a list; what is refused is a `Refusal`. `latest`, `safe` and `finalized` are all the
newest block: nothing is ever reorganised here unless somebody asks for it. `pending` is the newest block too, but a
nonce counts the transactions that wait.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from eth_typing import Address

from engine.adapters.practice import execute, telling
from engine.adapters.practice.block import Mined
from engine.adapters.practice.ledger import Ledger
from engine.adapters.practice.pool import Waiting
from engine.adapters.practice.refusal import bad
from engine.adapters.practice.rules import CHAIN_ID, next_base_fee
from engine.adapters.practice.search import entries
from engine.adapters.practice.simulate import simulate
from engine.adapters.practice.words import Json, data, quantity, to_address, to_bytes, to_int, to_word

NEWEST = ("latest", "pending", "safe", "finalized")
USUAL_TIP = 100_000_000
"""Wei per gas that `eth_maxPriorityFeePerGas` suggests while blocks are empty."""
MOST_HISTORY = 1_024

Params = list[Any]


class Methods:
    """The methods by name."""

    def __init__(self, ledger: Ledger, sent: Callable[[Waiting], None]) -> None:
        self._ledger = ledger
        self._sent = sent
        """What happens after a transaction was taken: a block at once, or nothing yet."""

    def table(self) -> dict[str, Callable[[Params], Any]]:
        """Return all methods."""
        return {
            "eth_chainId": lambda _: quantity(CHAIN_ID),
            "net_version": lambda _: str(CHAIN_ID),
            "net_listening": lambda _: True,
            "web3_clientVersion": lambda _: "crs-practice/1.0 (py-evm)",
            "eth_syncing": lambda _: False,
            "eth_accounts": lambda _: [],
            "eth_blockNumber": lambda _: quantity(self._ledger.blocks[-1].number),
            "eth_gasPrice": lambda _: quantity(next_base_fee(self._ledger.head) + USUAL_TIP),
            "eth_maxPriorityFeePerGas": lambda _: quantity(USUAL_TIP),
            "eth_feeHistory": self._fee_history,
            "eth_getBlockByNumber": self._block_by_number,
            "eth_getBlockByHash": self._block_by_hash,
            "eth_getBlockReceipts": self._block_receipts,
            "eth_getBlockTransactionCountByNumber": self._count,
            "eth_call": self._call,
            "eth_estimateGas": self._estimate,
            "eth_simulateV1": self._simulate,
            "eth_getBalance": lambda p: quantity(self._state(p, 1).get_balance(_address(p))),
            "eth_getCode": lambda p: data(self._state(p, 1).get_code(_address(p))),
            "eth_getStorageAt": self._storage,
            "eth_getTransactionCount": self._nonce,
            "eth_sendRawTransaction": self._send,
            "eth_getTransactionByHash": self._transaction,
            "eth_getTransactionReceipt": self._receipt,
            "eth_getLogs": lambda p: entries(self._ledger, _at(p, 0), self.find),
        }

    def find(self, tag: Json) -> Mined | None:
        """Return the block that a tag, a number or an EIP-1898 object means; None if the chain has none such."""
        blocks = self._ledger.blocks
        if tag is None or tag in NEWEST:
            return blocks[-1]
        if tag == "earliest":
            return blocks[0]
        if isinstance(tag, dict):
            if "blockHash" in tag:
                number = self._ledger.number_of(to_bytes(tag["blockHash"], "blockHash", 32))
                return None if number is None else blocks[number]
            tag = tag.get("blockNumber")
        number = to_int(tag, "block")
        return blocks[number] if number < len(blocks) else None

    def known(self, tag: Json) -> Mined | None:
        """Return the block to look at; None means the newest.

        Raises:
            Refusal: there is no such block.
        """
        if tag is None or (isinstance(tag, str) and tag in NEWEST):
            return None
        found = self.find(tag)
        if found is None:
            raise bad("header not found")
        return found

    def _state(self, params: Params, place: int) -> Json:
        return self._ledger.state(self.known(_at(params, place)))

    def _block_by_number(self, params: Params) -> Json:
        found = self.find(_at(params, 0))
        return None if found is None else telling.block(found, bool(_at(params, 1)))

    def _block_by_hash(self, params: Params) -> Json:
        number = self._ledger.number_of(to_bytes(_at(params, 0), "hash", 32))
        return None if number is None else telling.block(self._ledger.blocks[number], bool(_at(params, 1)))

    def _block_receipts(self, params: Params) -> Json:
        found = self.find(_at(params, 0))
        return None if found is None else [telling.receipt(found, place) for place in range(len(found.transactions))]

    def _count(self, params: Params) -> Json:
        found = self.find(_at(params, 0))
        return None if found is None else quantity(len(found.transactions))

    def _call(self, params: Params) -> str:
        return data(execute.call(self._ledger, execute.asked(_at(params, 0)), self.known(_at(params, 1))))

    def _estimate(self, params: Params) -> str:
        self.known(_at(params, 1))
        return quantity(execute.estimate(self._ledger, execute.asked(_at(params, 0))))

    def _simulate(self, params: Params) -> Json:
        return simulate(self._ledger, _at(params, 0), self.known(_at(params, 1)))

    def _storage(self, params: Params) -> str:
        value = self._state(params, 2).get_storage(_address(params), to_word(_at(params, 1), "slot"))
        return data(value.to_bytes(32, "big"))

    def _nonce(self, params: Params) -> str:
        address, tag = _address(params), _at(params, 1)
        nonce = self._state(params, 1).get_nonce(address)
        return quantity(self._ledger.pool.next_nonce(address, nonce) if tag == "pending" else nonce)

    def _send(self, params: Params) -> str:
        waiting = self._ledger.take(to_bytes(_at(params, 0), "transaction"))
        self._sent(waiting)
        return data(waiting.hash)

    def _transaction(self, params: Params) -> Json:
        hash_ = to_bytes(_at(params, 0), "hash", 32)
        place = self._ledger.place_of(hash_)
        if place is not None:
            return telling.included(*place)
        found = self._ledger.pool.find(hash_)
        return None if found is None else telling.waiting(found)

    def _receipt(self, params: Params) -> Json:
        place = self._ledger.place_of(to_bytes(_at(params, 0), "hash", 32))
        return None if place is None else telling.receipt(*place)

    def _fee_history(self, params: Params) -> dict[str, Any]:
        count = min(to_int(_at(params, 0), "blockCount"), MOST_HISTORY)
        newest = self.known(_at(params, 1)) or self._ledger.blocks[-1]
        percentiles = _percentiles(_at(params, 2))
        blocks = self._ledger.blocks[max(0, newest.number - count + 1) : newest.number + 1] if count else []
        told: dict[str, Any] = {
            "oldestBlock": quantity(blocks[0].number if blocks else 0),
            "baseFeePerGas": [quantity(each.base_fee) for each in blocks],
            "gasUsedRatio": [each.header.gas_used / each.header.gas_limit for each in blocks],
        }
        if blocks:
            told["baseFeePerGas"].append(quantity(next_base_fee(blocks[-1].header)))
        if percentiles:
            told["reward"] = [_rewards(each, percentiles) for each in blocks]
        return told


def _rewards(mined: Mined, percentiles: list[float]) -> list[str]:
    """Return the tips at percentiles of the block's gas, as geth weighs them; nothing was tipped in an empty block."""
    base_fee = mined.base_fee
    tips = sorted((int(each.gas_price) - base_fee, each.gas_used) for each in mined.transactions)
    if not tips:
        return [quantity(0)] * len(percentiles)
    found, passed, place = [], tips[0][1], 0
    for percentile in percentiles:
        while passed < mined.header.gas_used * percentile / 100 and place < len(tips) - 1:
            place += 1
            passed += tips[place][1]
        found.append(quantity(tips[place][0]))
    return found


def _percentiles(value: Json) -> list[float]:
    wanted = value or []
    if not isinstance(wanted, list) or len(wanted) > 100:
        raise bad("rewardPercentiles must be a list of at most 100 numbers.")
    if not all(isinstance(each, int | float) and 0 <= each <= 100 for each in wanted) or wanted != sorted(wanted):
        raise bad("rewardPercentiles must be numbers from 0 to 100, rising.")
    return wanted


def _at(params: Params, place: int) -> Json:
    return params[place] if place < len(params) else None


def _address(params: Params) -> Address:
    return to_address(_at(params, 0), "address")
