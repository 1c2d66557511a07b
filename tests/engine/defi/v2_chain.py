"""A real pair of the V2 family in the bare EVM, and our value of it, moved side by side."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from engine.adapters.practice.contracts import Contracts
from engine.adapters.practice.forks import Fork, pancakeswap, sushiswap
from engine.defi.pools.v2 import V2Pool
from engine.defi.pools.v2liquidity import UNISWAP_PART, V2Shares
from tests.engine.defi.anvil_evm import AnvilEvm
from tests.engine.defi.contracts import contracts, creation_code
from tests.engine.defi.evm import Evm, mapping

WETH_BALANCES, WETH_ALLOWANCES = 3, 4
"""Where WETH9 keeps them."""
FEE_TO = "0x00000000000000000000000000000000000fee70"
TRADER = "0x0000000000000000000000000000000000007ade"
FOREVER = 2**63


class RealV2:
    """Factory, router and one pair with two plain tokens, of SushiSwap or a fork of it."""

    def __init__(
        self, fee_to: bool = False, fork: Callable[[Contracts], Fork] = sushiswap, evm: Evm | AnvilEvm | None = None
    ) -> None:
        self.evm, made = evm or Evm(), fork(contracts())
        self.fee = (9975, 10_000) if fork is pancakeswap else (997, 1000)
        self.factory = self.evm.deploy(made.factory, ("address", TRADER))
        tokens = [self.evm.deploy(creation_code("sushi/WETH9Mock")) for _ in range(2)]
        self.token0, self.token1 = sorted(tokens, key=str.lower)
        self.router = self.evm.deploy(made.router, ("address", self.factory), ("address", self.token0))
        create = "createPair(address,address)"
        self.pair = str(self.evm.call(self.factory, create, self.token0, self.token1, out="address")[0])
        self.has_fee_to = fee_to
        if fee_to:
            self.evm.call(self.factory, "setFeeTo(address)", FEE_TO, sender=TRADER, out="")

    def balance(self, token: str, owner: str) -> int:
        return int(self.evm.ask(token, "balanceOf(address)", owner)[0])

    def give(self, token: str, owner: str, amount: int) -> None:
        """Make more of a token and give it to the owner."""
        self.evm.store(token, mapping(WETH_BALANCES, owner), self.balance(token, owner) + amount)

    def endow_trader(self) -> None:
        """Give the trader much of both tokens, and the router the right to take them."""
        for token in (self.token0, self.token1):
            self.evm.store(token, mapping(mapping(WETH_ALLOWANCES, TRADER), self.router), 2**256 - 1)
            self.give(token, TRADER, 2**200)

    def ask_router(self, method: str, *numbers: int) -> int:
        """Call one of the router's methods that only reckon with three numbers."""
        return int(self.evm.ask(self.router, f"{method}(uint256,uint256,uint256)", *numbers)[0])

    def add_liquidity(self, desired0: int, desired1: int, least0: int, least1: int) -> tuple[int, int, int]:
        """Let the router add the trader's liquidity; return what it took and the shares for it."""
        method = "addLiquidity(address,address,uint256,uint256,uint256,uint256,address,uint256)"
        arguments = (self.token0, self.token1, desired0, desired1, least0, least1, TRADER, FOREVER)
        took0, took1, liquidity = self.evm.call(
            self.router, method, *arguments, sender=TRADER, out="uint256,uint256,uint256"
        )
        return took0, took1, liquidity

    def send_shares(self, amount: int) -> None:
        """Let the trader send shares to the pair, as one does to burn them."""
        self.evm.call(self.pair, "transfer(address,uint256)", self.pair, amount, sender=TRADER, out="")

    def hold(self, reserve0: int, reserve1: int) -> None:
        """Give the pair these reserves."""
        for token, reserve in ((self.token0, reserve0), (self.token1, reserve1)):
            self.evm.store(token, mapping(WETH_BALANCES, self.pair), reserve)
        self.evm.call(self.pair, "sync()", out="")

    def pool(self) -> V2Pool:
        """Return our value of the pair as it is."""
        reserve0, reserve1, _ = self.evm.ask(self.pair, "getReserves()", out="uint112,uint112,uint32")
        return V2Pool(self.pair, self.token0, self.token1, reserve0, reserve1, *self.fee)

    def shares(self) -> V2Shares:
        """Return our value of the pair and its shares as they are."""
        (supply,), (k_last,) = self.evm.ask(self.pair, "totalSupply()"), self.evm.ask(self.pair, "kLast()")
        return V2Shares(self.pool(), supply, k_last, UNISWAP_PART if self.has_fee_to else None)

    def mint(self, amount0: int, amount1: int) -> int:
        """Send both amounts to the pair and mint for the trader."""
        self.give(self.token0, self.pair, amount0)
        self.give(self.token1, self.pair, amount1)
        return int(self.evm.call(self.pair, "mint(address)", TRADER)[0])

    def burn(self, liquidity: int) -> tuple[int, int]:
        """Send shares of the trader to the pair and burn them."""
        self.send_shares(liquidity)
        amount0, amount1 = self.evm.call(self.pair, "burn(address)", TRADER, out="uint256,uint256")
        return amount0, amount1

    def swap(self, token_in: str, amount_in: int, amount_out: int) -> None:
        """Send `amount_in` to the pair and demand `amount_out`."""
        self.give(token_in, self.pair, amount_in)
        out0, out1 = (0, amount_out) if token_in == self.token0 else (amount_out, 0)
        self.evm.call(self.pair, "swap(uint256,uint256,address,bytes)", out0, out1, TRADER, b"", out="")


def any_size(random: Random, bits: int) -> int:
    """Return a whole number from 1 of which every length up to `bits` is equally likely."""
    return random.getrandbits(random.randrange(1, bits + 1)) or 1
