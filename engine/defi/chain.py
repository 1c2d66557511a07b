"""Chains, and the exchanges and farms on them, as data: where each address came from goes with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from engine.defi.token import NATIVE, Token


class DexKind(StrEnum):
    """By which contracts an exchange works."""

    V2 = "v2"
    """Pairs with x·y = k (Uniswap V2 and its forks)."""
    V3 = "v3"
    """Pools with liquidity in ranges of ticks (Uniswap V3 and its forks)."""


class FarmKind(StrEnum):
    """By which contract rewards are paid."""

    STAKING_REWARDS = "staking-rewards"
    """One staked token, one rate until an end (Synthetix's StakingRewards)."""
    MASTER_CHEF = "master-chef"
    """Many pools that share what is paid for each block (SushiSwap's MasterChef)."""


@dataclass(frozen=True, slots=True)
class DexSpec:
    """A decentralised exchange on one chain."""

    name: str
    """For programs: "uniswap-v2", "sushiswap", "pancakeswap", "uniswap-v3"."""
    title: str
    kind: DexKind
    factory: str
    router: str
    source: str
    """Where the addresses come from: a page or a repository with its commit."""
    fee: tuple[int, int] = (997, 1000)
    """V2: what of the input counts, as numerator and denominator."""
    init_code_hash: bytes = b""
    """Of the pair or pool contract, 32 bytes; empty: pools are asked of the factory."""
    fee_tiers: tuple[int, ...] = ()
    """V3: in hundredths of a basis point (3000 is 0.3 %)."""
    quoter: str = ""
    position_manager: str = ""


@dataclass(frozen=True, slots=True)
class FarmSpec:
    """A contract that pays rewards for staked tokens."""

    name: str
    title: str
    kind: FarmKind
    address: str
    reward: Token
    source: str


@dataclass(frozen=True, slots=True)
class ChainSpec:
    """A chain that the wallet can be on."""

    chain_id: int
    name: str
    """For programs: "ethereum", "practice"."""
    title: str
    native: Token
    wrapped: Token
    """The coin as a token (WETH and its like)."""
    block_s: float
    """Seconds between blocks, about."""
    confirmations: int
    """Blocks after which a transaction is taken for final."""
    multicall: str
    source: str
    has_fee_market: bool = True
    """Whether transactions pay by EIP-1559."""
    dexes: tuple[DexSpec, ...] = ()
    farms: tuple[FarmSpec, ...] = ()
    tokens: tuple[Token, ...] = ()
    """Known without asking anybody; the first stable coin is what prices are told in."""
    stables: tuple[str, ...] = ()
    """Addresses of tokens that are worth about a dollar."""
    explorer: str = ""
    """Where people look transactions up; opened only when the user asks for it."""
    is_practice: bool = False
    rpc: tuple[str, ...] = field(default=(), repr=False)
    """Endpoints, in the order in which they are tried; the user's own, and they may carry a key: not for a log."""

    def dex(self, name: str) -> DexSpec | None:
        """Return an exchange by its name."""
        return next((each for each in self.dexes if each.name == name), None)

    def token(self, address_or_symbol: str) -> Token | None:
        """Return a known token by address, or by symbol where only one has it."""
        if address_or_symbol in (NATIVE, self.native.symbol):
            return self.native
        wanted = address_or_symbol.lower()
        by_address = [each for each in self.tokens if each.address.lower() == wanted]
        found = by_address or [each for each in self.tokens if each.symbol.lower() == wanted]
        return found[0] if len(found) == 1 else None
