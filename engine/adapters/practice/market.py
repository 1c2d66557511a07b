"""Lets the agents trade: signs what they decide and lets it wait for the next block."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from fractions import Fraction

from engine.adapters.practice.agents import Agents, Trade
from engine.adapters.practice.deploy import AGENT, CROWD
from engine.adapters.practice.ledger import Ledger
from engine.adapters.practice.manifest import Deployed
from engine.adapters.practice.refusal import Refusal
from engine.adapters.practice.sender import Sender, Wire
from engine.defi.abi import encode

GAS = 600_000
"""Of one swap; V3 crossing many ticks takes the most."""
PATIENCE_S = 600
_log = logging.getLogger(__name__)


class Market:
    """The two accounts that trade by themselves."""

    def __init__(self, wire: Wire, ledger: Ledger, deployed: Deployed) -> None:
        self._ledger, self._deployed = ledger, deployed
        self._agents = Agents(deployed)
        self._senders = {name: Sender(wire, name) for name in (AGENT, CROWD)}

    def trade(self, prices: Mapping[str, Fraction]) -> int:
        """Let at most one arbitrage and one trade of the crowd wait for the next block; return how many do."""
        wanted = {
            AGENT: self._agents.arbitrage(self._ledger.state(), prices),
            CROWD: self._agents.noise(prices),
        }
        return sum(self._waits(name, trade) for name, trade in wanted.items() if trade is not None)

    def forget_nonces(self) -> None:
        """Ask for nonces again: the chain went back."""
        for each in self._senders.values():
            each.forget_nonce()

    def _waits(self, name: str, trade: Trade) -> bool:
        sender = self._senders[name]
        dex = self._deployed.exchange(trade.pool.dex)
        raw = sender.signed(bytes.fromhex(dex.router[2:]), self._call(trade, sender.address), 0, GAS)
        try:
            self._ledger.take(raw)
        except Refusal as refusal:
            sender.forget_nonce()
            _log.info("an agent's trade was refused", extra={"reason": str(refusal)})
            return False
        return True

    def _call(self, trade: Trade, to: str) -> bytes:
        given, wanted = self._deployed.token(trade.given), self._deployed.token(trade.wanted)
        if trade.pool.fee:
            swap = "exactInputSingle((address,address,uint24,address,uint256,uint256,uint160))"
            return encode(swap, (given, wanted, trade.pool.fee, to, trade.amount, 1, trade.root_limit))
        swap = "swapExactTokensForTokens(uint256,uint256,address[],address,uint256)"
        return encode(swap, trade.amount, 1, [given, wanted], to, self._ledger.now() + PATIENCE_S)
