"""The DeFi wallet of a profile, put together when first opened: keys, accounts, what was sent, a chain at a time.

Nothing of it is imported or read before; opening it asks no network. A chain is connected when it is gone to, the
practice chain is started then. It lives on the loop that opened it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from importlib import import_module

from engine.adapters.chain.own import PRACTICE as PRACTICE
from engine.adapters.chain.own import OwnChains
from engine.adapters.chain.rpc import connect
from engine.adapters.keys.keyring import AUTO_LOCK_S, KeyProcess
from engine.adapters.sql.walletstore import FILE, SqliteWalletStore
from engine.bootstrap.chaindesk import ChainDesk, Common
from engine.bootstrap.practice import Practice, Progress, gift
from engine.bus import Bus
from engine.defi import abi
from engine.defi.policy import DEFAULT_LIMITS, Limits
from engine.ports.clock import Clock, SystemClock
from engine.ports.secrets import SecretStore
from engine.profile import Profile
from engine.services.dex.seal import Seal
from engine.services.offload import offload
from engine.services.wallet.accounts import WalletAccounts
from engine.services.wallet.address_book import AddressBook
from engine.services.wallet.events import WalletChanged, WalletLocked
from engine.services.wallet.ledger import Ledger
from engine.services.wallet.tokens import TokenRegistry


class WalletEngine:
    """A wallet that is open; made by `open_wallet`. `close` it."""

    def __init__(
        self,
        profile: Profile,
        store: SqliteWalletStore,
        keys: KeyProcess,
        secrets: SecretStore | None,
        clock: Clock,
        bus: Bus,
        limits: Limits,
    ) -> None:
        folder = profile.wallet_dir
        self.profile, self.bus, self.clock, self.keys = profile, bus, clock, keys
        self.store = store
        self.accounts = WalletAccounts(folder / "wallet.json", keys)
        self.book = AddressBook(folder / "addresses.json", self._own)
        self.ledger = Ledger(store, clock, bus)
        self.tokens = TokenRegistry(folder / "tokens.json")
        self.practice = Practice(profile)
        self.chains = OwnChains(folder / "chains.json", secrets)
        """What is known of chains, and the user's endpoints."""
        self.desk: ChainDesk | None = None
        """The chain in use; None until one is gone to."""
        seal = Seal(secrets, folder)
        self._common = Common(folder, bus, clock, keys, self.ledger, self.book, self.tokens, limits, seal)
        self._turn = asyncio.Lock()
        keys.on_changed.append(lambda: bus.publish(WalletChanged()))
        keys.on_locked.append(lambda _reason: bus.publish(WalletLocked(True)))
        keys.on_unlocked.append(lambda: bus.publish(WalletLocked(False)))

    async def go_to(self, name: str, *, progress: Progress = lambda *_: None) -> ChainDesk:
        """Use a chain; the one before is let go of once this one answered.

        Raises:
            InvalidInput: there is no such chain.
            PracticeUnavailable, ChainUnavailable, WrongChain: it cannot be used now; the one before stays in use.
        """
        async with self._turn:
            if self.desk is not None and self.desk.spec.name == name:
                return self.desk
            desk = await self._connected(name, progress)
            before, self.desk = self.desk, desk
            if before is not None:
                await before.close()
            desk.follow()
            await self.accounts.use_chain(name)
            self.bus.publish(WalletChanged())
            return desk

    async def practise(self, *, progress: Progress = lambda *_: None) -> ChainDesk:
        """Go to the practice chain, and give the account in use something to begin with if it has no coin there."""
        desk = await self.go_to(PRACTICE, progress=progress)
        account = self.accounts.current
        if account is not None and not await desk.client.balance(account.address):
            await self.practice.give(account.address, gift(desk.spec))
        return desk

    async def close(self) -> None:
        """Lock the keys, end what runs, let go of files and nodes."""
        async with self._turn:
            desk, self.desk = self.desk, None
            if desk is not None:
                await desk.close()
            await self.keys.close()
            await self.book.close()
            await self.practice.close()
            await offload(self.store.close)

    async def _connected(self, name: str, progress: Progress) -> ChainDesk:
        if name == PRACTICE:
            return ChainDesk(await connect(await self.practice.start(progress=progress)), self._common)
        progress(0.0, f"Connecting to {self.chains.spec(name).title}")
        client = await connect(self.chains.spec(name), await self.chains.endpoints(name))
        return ChainDesk(client, self._common)

    def _own(self) -> Iterable[tuple[str, str]]:
        return [(each.address, each.label) for each in self.accounts.all]


async def open_wallet(
    profile: Profile,
    secrets: SecretStore | None,
    *,
    clock: Clock | None = None,
    bus: Bus | None = None,
    auto_lock_s: int = AUTO_LOCK_S,
    limits: Limits = DEFAULT_LIMITS,
    progress: Callable[[str], None] = lambda _: None,
) -> WalletEngine:
    """Return a profile's wallet, locked, on no chain yet.

    Raises:
        StorageUnavailable, StorageCorrupt, StorageTooNew: its files cannot be used.
    """
    clock, bus = clock or SystemClock(), bus or Bus()
    progress("Loading what a wallet needs…")
    await offload(abi.load)
    for module in ("httpcore", "anyio._backends._asyncio"):  # httpx loads them with its first request, on the loop
        await offload(import_module, module)
    store = await offload(SqliteWalletStore, profile.wallet_dir / FILE)
    keys = KeyProcess(profile.wallet_dir / "keys", secrets, clock=clock, auto_lock_s=auto_lock_s)
    wallet = WalletEngine(profile, store, keys, secrets, clock, bus, limits)
    progress("Reading accounts and addresses…")
    await keys.load()
    await wallet.accounts.load()
    await wallet.book.load()
    await wallet.tokens.load()
    await wallet.chains.load()
    return wallet
