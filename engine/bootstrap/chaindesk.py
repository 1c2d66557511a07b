"""The services of one chain over one client: everything that is asked, quoted, signed and followed there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.adapters.chain.client import RpcClient
from engine.bus import Bus
from engine.defi.chain import ChainSpec
from engine.defi.intent import IntentKind
from engine.defi.policy import Limits
from engine.domain.number import NANOS_PER_SECOND
from engine.ports.clock import Clock
from engine.ports.keys import KeyStore
from engine.services.dex.analytics import Analytics
from engine.services.dex.carrying import Carrier
from engine.services.dex.compounding import Compounding, Tools
from engine.services.dex.farms import Farms
from engine.services.dex.liquidity import Liquidity
from engine.services.dex.orders import DexOrders
from engine.services.dex.pools import PoolBook
from engine.services.dex.positions import Positions
from engine.services.dex.prices import PoolPrices
from engine.services.dex.quotes import Quotes
from engine.services.dex.routemarket import RouteMarket
from engine.services.dex.seal import Seal
from engine.services.dex.staking import Staking
from engine.services.dex.swap import Swaps
from engine.services.task import TaskOwner
from engine.services.wallet.address_book import AddressBook
from engine.services.wallet.allowances import Allowances
from engine.services.wallet.balances import Balances
from engine.services.wallet.events import TransactionChanged
from engine.services.wallet.history import History
from engine.services.wallet.ledger import Ledger
from engine.services.wallet.pipeline import SendPipeline
from engine.services.wallet.portfolio import WalletPortfolio
from engine.services.wallet.sent import IN_BLOCK
from engine.services.wallet.tokens import TokenRegistry
from engine.services.wallet.tracker import TransactionTracker


@dataclass(frozen=True, slots=True)
class Common:
    """What all chains of a wallet share."""

    folder: Path
    """Where the wallet's files are."""
    bus: Bus
    clock: Clock
    keys: KeyStore
    ledger: Ledger
    book: AddressBook
    tokens: TokenRegistry
    limits: Limits
    seal: Seal
    """By which orders are known to be written here."""


class ChainDesk:
    """One chain that is connected; `close` it."""

    def __init__(self, client: RpcClient, common: Common) -> None:
        spec = client.spec

        def now() -> int:
            return common.clock.wall() // NANOS_PER_SECOND

        self.client = client
        self.spec: ChainSpec = spec
        self.pipeline = SendPipeline(
            client,
            spec,
            common.keys,
            common.ledger,
            common.book,
            common.clock,
            limits=common.limits,
            tokens=common.tokens.lookup(spec),
        )
        self.names = self.pipeline.names
        self.tracker = TransactionTracker(client, spec, common.ledger, common.clock)
        self.history = History(client, spec, common.ledger, self.names, common.bus)
        self.allowances = Allowances(
            client, spec, self.names, lambda address: common.book.title(address, spec.chain_id)
        )
        self.pools = PoolBook(client, spec, common.folder / f"pools-{spec.name}.json")
        self.quotes = Quotes(client, spec, self.pools, bus=common.bus)
        self.swaps = Swaps(client, spec, now)
        self.prices = PoolPrices(self.pools, spec, common.clock)
        self.balances = Balances(client, spec, common.clock, common.bus)
        self.portfolio = WalletPortfolio(self.balances, common.tokens, self.prices, spec)
        self.positions = Positions(client, spec)
        self.liquidity = Liquidity(client, spec, now)
        self.farms = Farms(client, spec)
        self.staking = Staking(client, spec, self.prices)
        self.analytics = Analytics(client, spec, self.prices)
        self.carrier = Carrier(self.pipeline, spec, common.keys, common.clock)
        market, store = RouteMarket(self.quotes, self.swaps), common.ledger.store
        self.orders = DexOrders(client, spec, store, self.carrier, market, common.bus, seal=common.seal)
        tools = Tools(self.farms, self.liquidity, market, self.carrier)
        self.compounding = Compounding(client, spec, store, tools, common.bus, seal=common.seal)
        self._sent = common.bus.subscribe(TransactionChanged, self._changed)
        self._tasks = TaskOwner(f"wallet on {spec.name}")

    def follow(self) -> None:
        """Send again what may have been lost on the way, and follow what waits; from now on, in the background."""
        self._tasks.start(self._follow())

    def _changed(self, event: TransactionChanged) -> None:
        self.tracker.wake()
        if event.kind == IntentKind.ADD_LIQUIDITY and event.state in IN_BLOCK:
            self.pools.look_again()  # whoever adds first makes the pool

    async def _follow(self) -> None:
        await self.orders.open()
        await self.compounding.open()
        await self.pipeline.resume()
        self.orders.start()
        self.compounding.start()
        await self.tracker.run()

    async def close(self) -> None:
        """Follow nothing any more and let go of the nodes."""
        self._sent.close()
        await self._tasks.join()
        await self.orders.close()
        await self.compounding.close()
        await self.client.close()
