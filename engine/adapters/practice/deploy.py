"""Deploy everything on an empty chain: wrapped ether, tokens, four exchanges, pools, farms.

Spoken in JSON-RPC, so that the worker's chain and an anvil get the same: addresses depend only on who deploys and in
which order. Returns the manifest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import isqrt

from engine.adapters.practice import forks
from engine.adapters.practice.catalogue import (
    CHEF_PER_BLOCK,
    CHEF_POOLS,
    COINS,
    FARM,
    PAIRS,
    PLAIN,
    RANGES,
    SPACING,
    STAKED,
    STAKING_REWARD,
    TAX_BPS,
    TAXED,
    Coin,
    PairSeed,
    RangeSeed,
)
from engine.adapters.practice.contracts import Contracts, own
from engine.adapters.practice.manifest import Deployed, Exchange, Farm, PoolMade, TokenMade
from engine.adapters.practice.rules import CHAIN_ID
from engine.adapters.practice.sender import Sender, Wire, address_of
from engine.defi.address import checksummed

OPERATOR, AGENT, CROWD, FAUCET = "operator", "agent", "crowd", "faucet"
BALANCES = {
    OPERATOR: 200_000 * 10**18,
    AGENT: 10_000 * 10**18,
    CROWD: 10_000 * 10**18,
    FAUCET: 10_000_000 * 10**18,
}
"""Wei of the chain's own accounts at the beginning."""
TRADER_DOLLARS = 20_000_000
"""Of each token, for each of the two to trade with."""
WRAPPED = 60_000 * 10**18
"""Wei that the operator turns into WETH for the pools."""
FOREVER = 2**255
SEED_VERSION = 1
"""Count it up when what is deployed, or its order, changes: prepared chains are then made anew."""
LAST_TICK = 887_272
ORDER_FEE_TIERS = (500, 3_000, 10_000)
STEPS = 4 + len(COINS) + len(PAIRS) + len(RANGES) + len(STAKED) + 2
Progress = Callable[[float, str], None]


def deploy(wire: Wire, contracts: Contracts, progress: Progress = lambda *_: None) -> Deployed:
    """Make everything and say where it is.

    Raises:
        NoContracts: bytecode is missing.
        Refusal: the chain did not take a transaction; it is not empty, or not this chain.
    """
    return _Deployment(Sender(wire, OPERATOR), contracts, progress).run()


@dataclass
class _Deployment:
    operator: Sender
    contracts: Contracts
    progress: Progress
    tokens: dict[str, str] = field(default_factory=dict)
    pairs: dict[tuple[str, str, str], str] = field(default_factory=dict)
    pools: list[PoolMade] = field(default_factory=list)
    done: int = 0

    def run(self) -> Deployed:
        """Deploy in the one order that gives the addresses."""
        self.tokens["WETH"] = self.operator.deploy(self.contracts.artifact("sushi/WETH9Mock").bytecode)
        self.operator.send(self.tokens["WETH"], "deposit()", value=WRAPPED)
        multicall = self.operator.deploy(self.contracts.artifact("sushi/Multicall2").bytecode)
        self._tokens()
        exchanges = [self._v2(*each) for each in V2_EXCHANGES]
        for pair in PAIRS:
            self._pair(pair, next(each for each in exchanges if each.name == pair.dex))
        exchanges.append(self._v3())
        for seed in RANGES:
            self._range(seed, exchanges[-1])
        farms = (*(self._staking(place, *each) for place, each in enumerate(STAKED)), self._chef())
        self._traders(exchanges)
        return Deployed(
            chain_id=CHAIN_ID,
            multicall=multicall,
            operator=self.operator.address,
            agent=address_of(AGENT),
            faucet=address_of(FAUCET),
            tokens=tuple(self._made(COINS[symbol], address) for symbol, address in self.tokens.items()),
            exchanges=tuple(exchanges),
            pools=tuple(self.pools),
            farms=farms,
        )

    def _step(self, what: str) -> None:
        self.done += 1
        self.progress(min(self.done / STEPS, 1.0), what)

    def _made(self, coin: Coin, address: str) -> TokenMade:
        return TokenMade(coin.symbol, coin.name, coin.decimals, address, str(coin.dollars))

    def _tokens(self) -> None:
        for coin in (*PLAIN, TAXED):
            taxed = coin is TAXED
            types = "(string,string,uint8,uint256,uint256)" if taxed else "(string,string,uint8,uint256)"
            values: list[object] = [coin.name, coin.symbol, coin.decimals, coin.supply * 10**coin.decimals]
            values += [TAX_BPS] if taxed else []
            code = own("FeeToken" if taxed else "Token").bytecode
            self.tokens[coin.symbol] = self.operator.deploy(code, types, *values)
            self._step(f"token {coin.symbol}")

    def _v2(self, name: str, title: str, fee: tuple[int, int], fork_of: Callable[[Contracts], forks.Fork]) -> Exchange:
        fork = fork_of(self.contracts)
        factory = self.operator.deploy(fork.factory, "(address)", self.operator.address)
        router = self.operator.deploy(fork.router, "(address,address)", factory, self.tokens["WETH"])
        for address in self.tokens.values():
            self.operator.send(address, "approve(address,uint256)", router, FOREVER)
        self._step(title)
        return Exchange(name, title, "v2", factory, router, fee=fee, init_code_hash=fork.init_code_hash.hex())

    def _pair(self, seed: PairSeed, dex: Exchange) -> None:
        first, second = COINS[seed.first], COINS[seed.second]
        self.operator.send(
            dex.router,
            "addLiquidity(address,address,uint256,uint256,uint256,uint256,address,uint256)",
            *(self.tokens[seed.first], self.tokens[seed.second]),
            *(first.units(seed.dollars), second.units(seed.dollars)),
            *(0, 0, self.operator.address, FOREVER),
        )
        found = self.operator.ask(
            dex.factory, "getPair(address,address)", self.tokens[seed.first], self.tokens[seed.second]
        )
        address = checksummed("0x" + found[12:32].hex())
        self.pairs[(seed.dex, seed.first, seed.second)] = address
        self.pools.append(PoolMade(seed.dex, address, seed.first, seed.second, 0))
        self._step(f"pool {seed.first}/{seed.second} of {dex.title}")

    def _v3(self) -> Exchange:
        make, code = self.operator.deploy, self.contracts.artifact
        weth = self.tokens["WETH"]
        factory = make(code("uniswap_v3/UniswapV3Factory").bytecode)
        manager = make(
            code("uniswap_v3/NonfungiblePositionManager").bytecode,
            "(address,address,address)",
            factory,
            weth,
            self.operator.address,
        )
        quoter = make(code("uniswap_v3/QuoterV2").bytecode, "(address,address)", factory, weth)
        lens = make(code("uniswap_v3/TickLens").bytecode)
        v2 = "0x" + "00" * 20
        router = make(
            code("uniswap-swap-contracts/SwapRouter02").bytecode,
            "(address,address,address,address)",
            v2,
            factory,
            manager,
            weth,
        )
        for address in self.tokens.values():
            self.operator.send(address, "approve(address,uint256)", manager, FOREVER)
        self._step("Uniswap V3")
        return Exchange(
            "uniswap-v3",
            "Uniswap V3",
            "v3",
            factory,
            router,
            init_code_hash=POOL_HASH,
            fee_tiers=ORDER_FEE_TIERS,
            quoter=quoter,
            position_manager=manager,
            tick_lens=lens,
        )

    def _range(self, seed: RangeSeed, dex: Exchange) -> None:
        low, high = sorted((seed.first, seed.second), key=lambda symbol: int(self.tokens[symbol], 16))
        amounts = (COINS[low].units(seed.dollars), COINS[high].units(seed.dollars))
        root = isqrt((amounts[1] << 192) // amounts[0])
        manager = dex.position_manager
        make = "createAndInitializePoolIfNecessary(address,address,uint24,uint160)"
        self.operator.send(manager, make, self.tokens[low], self.tokens[high], seed.fee, root)
        found = self.operator.ask(
            dex.factory, "getPool(address,address,uint24)", self.tokens[low], self.tokens[high], seed.fee
        )
        address = checksummed("0x" + found[12:32].hex())
        tick = _signed(self.operator.ask(address, "slot0()")[32:64])
        spacing = SPACING[seed.fee]
        for reach in (LAST_TICK, seed.width):
            middle = 0 if reach == LAST_TICK else tick
            ends = ((middle - reach) // spacing * spacing, (middle + reach) // spacing * spacing)
            below = ends[0] if ends[0] >= -LAST_TICK else ends[0] + spacing
            mint = "mint((address,address,uint24,int24,int24,uint256,uint256,uint256,uint256,address,uint256))"
            values = (self.tokens[low], self.tokens[high], seed.fee, below, ends[1], *amounts, 0, 0)
            self.operator.send(manager, mint, (*values, self.operator.address, FOREVER))
        self.pools.append(PoolMade(dex.name, address, low, high, seed.fee))
        self._step(f"pool {seed.first}/{seed.second} {seed.fee / 10_000:g} % of {dex.title}")

    def _staking(self, place: int, dex: str, first: str, second: str) -> Farm:
        staked = self.pairs[(dex, first, second)] if dex else self.tokens[first]
        gift = self.tokens["GIFT"]
        me = self.operator.address
        address = self.operator.deploy(
            own("StakingRewards").bytecode, "(address,address,address,address)", me, me, gift, staked
        )
        reward = STAKING_REWARD * 10**18
        self.operator.send(gift, "transfer(address,uint256)", address, reward)
        self.operator.send(address, "notifyRewardAmount(uint256)", reward)
        what = f"{first}/{second} shares" if dex else first
        self._step(f"staking of {what}")
        return Farm(f"staking-{place + 1}", f"Stake {what}, earn GIFT", "staking-rewards", address, "GIFT", (staked,))

    def _chef(self) -> Farm:
        farm, me = self.tokens[FARM.symbol], self.operator.address
        start = int(self.operator.wire("eth_blockNumber", []), 16) + 1
        chef = self.operator.deploy(
            self.contracts.artifact("sushi/MasterChef").bytecode,
            "(address,address,uint256,uint256,uint256)",
            *(farm, me, CHEF_PER_BLOCK, start, start),
        )
        staked = [self.pairs[(dex, first, second)] for dex, first, second, _ in CHEF_POOLS]
        for pair, (*_, points) in zip(staked, CHEF_POOLS, strict=True):
            self.operator.send(chef, "add(uint256,address,bool)", points, pair, False)
        self.operator.send(farm, "transferOwnership(address)", chef)
        self._step("MasterChef")
        return Farm("chef", "Farm SushiSwap shares, earn FARM", "master-chef", chef, FARM.symbol, tuple(staked))

    def _traders(self, exchanges: list[Exchange]) -> None:
        """Give those who trade by themselves their tokens, and the routers leave to take them."""
        for name in (AGENT, CROWD):
            trader = Sender(self.operator.wire, name)
            for symbol, address in self.tokens.items():
                amount = COINS[symbol].units(TRADER_DOLLARS)
                if symbol == "WETH":
                    self.operator.send(address, "deposit()", value=amount)
                self.operator.send(address, "transfer(address,uint256)", trader.address, amount)
                for each in exchanges:
                    trader.send(address, "approve(address,uint256)", each.router, FOREVER)
            self._step(f"the {name}")


V2_EXCHANGES = (
    ("uniswap-v2", "Uniswap V2", (997, 1_000), forks.uniswap),
    ("sushiswap", "SushiSwap", (997, 1_000), forks.sushiswap),
    ("pancakeswap", "PancakeSwap", (9_975, 10_000), forks.pancakeswap),
)
POOL_HASH = "e34f199b19b2b4f47f68442619d555527d244f78a3297ea89325f843f87b8b54"
"""Of Uniswap V3's pools: keccak of their creation code, in every deployment of Uniswap's own bytecode."""


def _signed(word: bytes) -> int:
    return int.from_bytes(word, "big", signed=True)
