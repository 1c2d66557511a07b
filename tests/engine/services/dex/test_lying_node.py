"""A node that answers anything at all in the right shape: what comes of it is a value or a sentence, never a fault."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from engine.adapters.chain.known import known_chains
from engine.bus import Bus
from engine.defi.address import checksummed
from engine.defi.effects import APPROVAL, DEPOSIT, TRANSFER, event
from engine.defi.intents import send, wrap
from engine.errors import CrsError
from engine.ports.chain import BlockHead, Call, ChainClient, FeeHistory, Log, Outcome, Simulated
from engine.ports.clock import SystemClock
from engine.services.dex.farms import Farms
from engine.services.dex.pools import PoolBook
from engine.services.dex.positions import Positions
from engine.services.dex.prices import PoolPrices
from engine.services.dex.quotes import Quotes
from engine.services.dex.staking import Staking
from engine.services.wallet.allowances import Allowances
from engine.services.wallet.balances import Balances
from engine.services.wallet.simulation import Simulator
from engine.services.wallet.tokennames import TokenNames

SPEC = next(each for each in known_chains() if each.name == "ethereum")
ME = checksummed("0x" + "12" * 20)
OTHERS = [each.address for each in SPEC.tokens] + [ME, SPEC.wrapped.address, checksummed("0x" + "e" * 40)]
HASH = "0x" + "ab" * 32


class Liar:
    """Everything that a node says, by a seed."""

    chain_id, health = SPEC.chain_id, "well"

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - a test

    def word(self) -> bytes:
        kind = self._chance.randrange(6)
        if kind == 0:
            return bytes(32)
        if kind == 1:
            return (1).to_bytes(32, "big")
        if kind == 2:
            return bytes(12) + bytes.fromhex(self._chance.choice(OTHERS)[2:])
        if kind == 3:
            return b"\xff" * 32
        return self._chance.getrandbits(self._chance.choice((8, 24, 96, 112, 160, 255))).to_bytes(32, "big")

    def data(self) -> bytes:
        if not self._chance.randrange(8):
            return self._chance.randbytes(self._chance.randrange(70))
        return b"".join(self.word() for _ in range(self._chance.choice((0, 1, 1, 1, 2, 3, 7, 12, 20))))

    def count(self) -> int:
        return self._chance.choice((0, 1, 10, 20_000_000, 2**63 - 1))

    async def block_number(self) -> int:
        return self.count()

    async def block(self, tag: object = "latest") -> BlockHead | None:
        if not self._chance.randrange(8):
            return None
        return BlockHead(self.count(), HASH, HASH, self.count(), self.count(), self.count(), self.count())

    async def call(self, call: Call, tag: object = "latest") -> bytes:
        return self.data()

    async def read(self, calls: Sequence[Call], tag: object = "latest") -> list[Outcome]:
        return [Outcome(bool(self._chance.randrange(9)), self.data()) for _ in calls]

    async def balance(self, address: str) -> int:
        return int.from_bytes(self.word(), "big")

    async def nonce(self, address: str, *, pending: bool = True) -> int:
        return self.count()

    async def code(self, address: str) -> bytes:
        return self.data()

    async def estimate_gas(self, call: Call) -> int:
        return self.count()

    def log(self) -> Log:
        topics = (event(self._chance.choice((TRANSFER, APPROVAL, DEPOSIT))), *(self.word() for _ in range(3)))
        address = self._chance.choice(OTHERS)
        return Log(address, topics[: self._chance.randrange(5)], self.data(), self.count(), HASH, self.count())

    async def simulate(self, calls: Sequence[Call]) -> list[Simulated]:
        return [
            Simulated(
                bool(self._chance.randrange(9)), self.data(), self.count(), tuple(self.log() for _ in range(5)), ""
            )
            for _ in calls
        ]

    async def fee_history(self, blocks: int, percentiles: Sequence[float]) -> FeeHistory:
        rows = self._chance.randrange(3)
        return FeeHistory((self.count(),) * (rows + 1), (0.5,) * rows, ((self.count(),) * 3,) * rows)

    async def logs(self, *_: object) -> list[Log]:
        return [self.log() for _ in range(self._chance.randrange(6))]

    async def transaction(self, transaction: str) -> None:
        return None

    async def receipt(self, transaction: str) -> None:
        return None


def asked(chain: ChainClient, folder: Path) -> dict[str, Any]:
    """Everything that only looks."""
    first, second = SPEC.tokens[:2]
    names, farms = TokenNames(chain, SPEC), Farms(chain, SPEC)
    book = PoolBook(chain, SPEC, folder / "pools.json")
    prices = PoolPrices(book, SPEC, SystemClock())

    async def staking() -> object:
        return await Staking(chain, SPEC, prices).views(await farms.find(ME))

    return {
        "positions": lambda: Positions(chain, SPEC).of(ME),
        "farms": lambda: farms.find(ME),
        "staking": staking,
        "quotes": lambda: Quotes(chain, SPEC, book, bus=Bus()).best(first, second, 10**6),
        "coin": lambda: Quotes(chain, SPEC, book, bus=Bus()).best(SPEC.native, first, 10**6, exact_in=False),
        "worths": lambda: prices.worths(SPEC.tokens),
        "allowances": lambda: Allowances(chain, SPEC, names).list(ME),
        "balances": lambda: Balances(chain, SPEC, SystemClock()).refresh(ME, [SPEC.native, *SPEC.tokens]),
        "simulation": lambda: Simulator(chain, SPEC, names).run(
            [send(SPEC, ME, OTHERS[0], first.units(5)), wrap(SPEC, ME, 5)], (), 7
        ),
    }


NAMES = ("positions", "farms", "staking", "quotes", "coin", "worths", "allowances", "balances", "simulation")


@pytest.mark.parametrize("what", NAMES)
async def test_whatever_a_node_says_there_is_a_value_or_a_sentence(what: str, tmp_path: Path) -> None:
    await survived(what, tmp_path, 12)


@pytest.mark.soak
@pytest.mark.parametrize("what", NAMES)
async def test_whatever_it_says_100_times(what: str, tmp_path: Path) -> None:
    await survived(what, tmp_path, 100)


async def survived(what: str, folder: Path, times: int) -> None:
    for seed in range(times):
        work: Awaitable[object] = asked(cast(ChainClient, Liar(seed)), folder)[what]()
        try:
            await work
        except CrsError:
            continue
        except Exception as fault:
            raise AssertionError(f"seed {seed}: {fault!r}") from fault
