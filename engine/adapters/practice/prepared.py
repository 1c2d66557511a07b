"""Make a new practice chain with everything on it: once, at set-up or at first use; afterwards it is only loaded."""

from __future__ import annotations

from typing import Any

from eth_typing import Address

from engine.adapters.practice.contracts import Contracts
from engine.adapters.practice.deploy import BALANCES, Progress, deploy
from engine.adapters.practice.ledger import GENESIS_AT, Ledger
from engine.adapters.practice.manifest import Deployed
from engine.adapters.practice.methods import Methods
from engine.adapters.practice.pool import Waiting
from engine.adapters.practice.sender import Wire, key_of
from engine.adapters.practice.words import Json

BLOCK_S = 12
"""Seconds between the blocks of the deployment, on the chain's clock; they are in the past."""


def make(contracts: Contracts, progress: Progress = lambda *_: None) -> tuple[Ledger, Deployed]:
    """Return a chain with everything deployed, and where it is. Takes seconds; always gives the same blocks.

    Raises:
        NoContracts: bytecode is missing.
    """
    balances = {Address(key_of(name).public_key.to_canonical_address()): wei for name, wei in BALANCES.items()}
    ledger = Ledger.begin(balances, GENESIS_AT)

    def mined(waiting: Waiting) -> None:
        ledger.mine(int(ledger.head.timestamp) + BLOCK_S, only=[waiting])

    deployed = deploy(wire_of(Methods(ledger, mined)), contracts, progress)
    return ledger, deployed


def wire_of(methods: Methods) -> Wire:
    """Return how to ask these methods within the process."""
    table = methods.table()

    def ask(method: str, params: list[Any]) -> Json:
        return table[method](params)

    return ask
