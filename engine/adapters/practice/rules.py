"""The rules of the practice chain's EVM: Prague's, a chain id of its own, a floor under the fee.

On a chain where nobody else trades EIP-1559 would let the base fee fall to nothing, and no fee could be practised.
"""

from __future__ import annotations

from eth.abc import BlockHeaderAPI, MessageAPI, StateAPI, TransactionContextAPI
from eth.constants import POST_MERGE_DIFFICULTY, POST_MERGE_NONCE
from eth.vm.forks.london.headers import calculate_expected_base_fee_per_gas
from eth.vm.forks.prague import PragueVM
from eth.vm.forks.prague.computation import PragueComputation
from eth.vm.forks.prague.headers import create_prague_header_from_parent
from eth.vm.forks.prague.state import PragueState
from eth_typing import Address
from eth_utils.exceptions import ValidationError

CHAIN_ID = 0x435253
"""4411987: the letters CRS. Not 1337 or 31337, by which a wallet would take other test chains for this one."""
GAS_LIMIT = 60_000_000
"""Of a block; that of Ethereum since 2025."""
BASE_FEE_FLOOR = 1_000_000_000
"""Wei per gas."""
TRANSFER = 0xDDF252AD1BE2C89B69C2B068FC378DAA952BA7F163C4A11628F55A4DF523B3EF
"""keccak("Transfer(address,address,uint256)")."""
COIN = b"\xee" * 20
"""Who writes the line of a transfer of the coin itself, in a simulation (execution-apis, eth_simulateV1)."""


class PracticeVM(PragueVM):
    """Makes and checks blocks."""

    @staticmethod
    def create_header_from_parent(  # type: ignore[override]
        parent: BlockHeaderAPI | None, **fields: object
    ) -> BlockHeaderAPI:
        """Return the header of the block after `parent`; None: of the first."""
        base_fee = next_base_fee(parent)
        fields.setdefault("gas_limit", GAS_LIMIT)
        fields.setdefault("difficulty", POST_MERGE_DIFFICULTY)
        fields.setdefault("nonce", POST_MERGE_NONCE)
        header: BlockHeaderAPI = create_prague_header_from_parent(parent, **fields)
        return header.copy(base_fee_per_gas=base_fee)

    @classmethod
    def validate_gas(cls, header: BlockHeaderAPI, parent_header: BlockHeaderAPI) -> None:
        """Hold a block against the two rules that differ from Ethereum's."""
        if header.gas_limit != GAS_LIMIT or header.base_fee_per_gas != next_base_fee(parent_header):
            raise ValidationError("The block has another gas limit or base fee than this chain's rules give it.")


class _Traced(PragueComputation):
    """Writes a line for each transfer of the coin, in the frame that makes it: a frame that fails takes it along."""

    def __init__(self, state: StateAPI, message: MessageAPI, transaction_context: TransactionContextAPI) -> None:
        super().__init__(state, message, transaction_context)
        if message.value and message.should_transfer_value:
            topics = (TRANSFER, *(int.from_bytes(each, "big") for each in (message.sender, message.storage_address)))
            place = transaction_context.get_next_log_counter()
            self._log_entries.append((place, Address(COIN), topics, message.value.to_bytes(32, "big")))


class _TracedState(PragueState):
    computation_class = _Traced


class TracingVM(PracticeVM):
    """The same rules for a simulation that tells of transfers of the coin."""

    _state_class = _TracedState


def next_base_fee(parent: BlockHeaderAPI | None) -> int:
    """Return the base fee of the block after `parent`, wei per gas: EIP-1559's, but not below the floor."""
    if parent is None:
        return BASE_FEE_FLOOR
    return max(BASE_FEE_FLOOR, calculate_expected_base_fee_per_gas(parent))
