"""The running practice chain: ledger, file, mining, faucet and agents behind one lock, spoken to with JSON-RPC.

Blocks are made at once when a transaction arrives (`instant`), at a beat (`interval_s`, while somebody asks), or when
it is told to. All methods may be called from any thread.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from engine.adapters.practice import rpc
from engine.adapters.practice.control import Control
from engine.adapters.practice.deploy import FAUCET, OPERATOR
from engine.adapters.practice.keeper import renew
from engine.adapters.practice.kept import Kept
from engine.adapters.practice.ledger import Ledger
from engine.adapters.practice.manifest import Deployed
from engine.adapters.practice.market import Market
from engine.adapters.practice.methods import Methods
from engine.adapters.practice.pool import Waiting
from engine.adapters.practice.refusal import bad
from engine.adapters.practice.rules import CHAIN_ID
from engine.adapters.practice.sender import Sender
from engine.adapters.practice.words import Json, data

WATCHED_S = 30.0
"""For how long after a request somebody is taken to look."""
INTERVAL_S = 3.0
TIDY_NODES = 40_000
"""So many new nodes, and the state is tidied."""
MOST_COIN = 10_000 * 10**18
"""Wei that the faucet gives at once."""
_log = logging.getLogger(__name__)


class Machine:
    """One chain, for as long as its process runs."""

    def __init__(self, file: Kept | None, ledger: Ledger, deployed: Deployed) -> None:
        self.ledger, self.deployed = ledger, deployed
        self.instant, self.interval_s = True, INTERVAL_S
        self._file = file
        self._lock = threading.RLock()
        self._own = False
        """While one of the chain's own accounts sends: it mines what it needs."""
        self._methods = {**Methods(ledger, self._taken).table(), **Control(self).table()}
        self._senders = {name: Sender(self.wire, name) for name in (OPERATOR, FAUCET)}
        self._asked_at = self._beaten_at = time.monotonic()
        self._nodes = len(ledger.nodes.kv_store)
        self.prices: dict[str, Fraction] = {}
        self.problem = ""
        """Why the chain is not kept, in a sentence; empty: it is."""
        self._market = Market(self.wire, ledger, deployed)

    def begin(self) -> None:
        """Do what is due when the chain is opened: farms whose rewards ran out get new ones."""
        with self._lock:
            self._own = True
            try:
                renew(self._senders[OPERATOR], self.deployed, self.ledger.now())
            finally:
                self._own = False
            self._save()

    # Asking

    def answer(self, body: bytes) -> bytes:
        """Answer a JSON-RPC body."""
        with self._lock:
            self._asked_at = time.monotonic()
            before = self.ledger.head.hash
            told = rpc.answer(body, self._methods)
            if self.ledger.head.hash != before:
                self._save()
            return told

    def wire(self, method: str, params: list[Any]) -> Json:
        """Ask from within."""
        with self._lock:
            return self._methods[method](params)

    @property
    def is_watched(self) -> bool:
        """Whether somebody asked a short while ago."""
        return time.monotonic() - self._asked_at < WATCHED_S

    def status(self) -> dict[str, Any]:
        """Return a few facts."""
        return {
            "chainId": CHAIN_ID,
            "block": self.ledger.blocks[-1].number,
            "time": self.ledger.now(),
            "aheadS": self.ledger.ahead_s,
            "waiting": len(self.ledger.pool),
            "instant": self.instant,
            "intervalS": self.interval_s,
            "problem": self.problem,
            "prices": {symbol: str(price) for symbol, price in self.prices.items()},
        }

    # Doing

    def mine(self) -> None:
        """Make a block of what waits."""
        with self._lock:
            self.ledger.mine()

    def revert(self, mark: int) -> bool:
        """Go back to a snapshot."""
        with self._lock:
            done = self.ledger.revert(mark)
            self._forget_nonces()
            return done

    def reorg(self, depth: int, *, keep: bool) -> list[str]:
        """Take back the newest blocks and return the hashes of the transactions that were in them."""
        with self._lock:
            gone = self.ledger.cut(self.ledger.blocks[-1].number - depth)
            if keep:
                self.ledger.put_back(gone)
            self._forget_nonces()
            return [data(each.hash) for block in gone for each in block.transactions]

    def set_mining(self, instant: bool | None, interval_s: float | None) -> dict[str, Any]:
        """Choose when blocks are made; None leaves it."""
        with self._lock:
            self.instant = self.instant if instant is None else instant
            self.interval_s = self.interval_s if interval_s is None else float(interval_s)
            return {"instant": self.instant, "interval_s": self.interval_s}

    def give(self, to: bytes, token: bytes | None, amount: int) -> str:
        """Give coin or a token of the manifest to an address and return the transaction's hash."""
        with self._lock:
            if token is None:
                if amount > MOST_COIN:
                    raise bad(f"The faucet gives at most {MOST_COIN // 10**18} ETH at once.")
                return self._sent(FAUCET, data(to), "", value=amount)
            symbol = next((each.symbol for each in self.deployed.tokens if each.address.lower() == data(token)), None)
            if symbol is None:
                raise bad("The faucet knows no such token.")
            if symbol == "WETH":
                if amount > MOST_COIN:
                    raise bad(f"The faucet gives at most {MOST_COIN // 10**18} WETH at once.")
                self._sent(FAUCET, data(token), "deposit()", value=amount)
                return self._sent(FAUCET, data(token), "transfer(address,uint256)", data(to), amount)
            kind = "transfer(address,uint256)" if symbol == "FARM" else "mint(address,uint256)"
            return self._sent(OPERATOR, data(token), kind, data(to), amount)

    def set_prices(self, prices: Mapping[str, Fraction]) -> None:
        """Take prices of the simulated market over, for the agents."""
        with self._lock:
            self.prices.update(prices)

    def beat(self) -> None:
        """Make a block if one is due; called about once a second."""
        with self._lock:
            due = self.interval_s and time.monotonic() - self._beaten_at >= self.interval_s
            if due and (self.is_watched or len(self.ledger.pool)):
                if self.prices and self.is_watched:
                    self._market.trade(self.prices)
                self.ledger.mine()
                self._beaten_at = time.monotonic()
                self._save()

    def close(self) -> None:
        """Write what is not written and let go of the file."""
        with self._lock:
            if self._file is not None:
                self.ledger.tidy()
                self._save()
                self._file.close()
                self._file = None

    # Within

    def _taken(self, waiting: Waiting) -> None:
        if self._own:
            self.ledger.mine(only=[waiting])
        elif self.instant:
            self.ledger.mine()

    def _sent(self, who: str, to: str, signature: str, *values: Json, value: int = 0) -> str:
        self._own = True
        try:
            told = self._senders[who].send(to, signature, *values, value=value)
        finally:
            self._own = False
        return str(told["transactionHash"])

    def _forget_nonces(self) -> None:
        for each in self._senders.values():
            each.forget_nonce()
        self._market.forget_nonces()

    def _save(self) -> None:
        if len(self.ledger.nodes.kv_store) > self._nodes + TIDY_NODES:
            self.ledger.tidy()
            self._nodes = len(self.ledger.nodes.kv_store)
        if self._file is None:
            return
        try:
            self._file.save(self.ledger)
        except (sqlite3.Error, OSError) as error:  # nothing is settled: the next block tries to write all of it
            self.problem = f"The practice chain cannot be written now: {error}"
            _log.warning("the chain could not be kept", extra={"reason": str(error)})
        else:
            self.problem = ""
