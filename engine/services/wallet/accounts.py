"""The accounts of a wallet: those that its keys give, those that are only watched, their names, and which is in use.

Which addresses can sign is said by the keystores; what is kept here (wallet/wallet.json) can be lost without losing a
key.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import msgspec

from engine.defi.address import parsed_address
from engine.errors import InvalidInput
from engine.ports.keys import KeyAccount, KeyKind, KeyStore
from engine.services.offload import offload
from engine.services.wallet.kept import KeptFile, Struct
from engine.services.wallet.label import parsed_label

WATCH = "watch"
FIRST_NAMES = {KeyKind.DERIVED.value: "Account", KeyKind.IMPORTED.value: "Imported", WATCH: "Watched"}


@dataclass(frozen=True, slots=True)
class WalletAccount:
    """An address of the wallet."""

    address: str
    label: str
    kind: str
    """derived, imported or watch."""
    path: str = ""
    """m/44'/60'/0'/0/i, for derived ones."""
    source: str = ""
    """The id of the phrase or key; empty for one that is only watched."""
    is_confirmed: bool = True
    """Whether its phrase was proved to be written down: if not, say so until it is."""

    @property
    def can_sign(self) -> bool:
        """Whether there is a key for it."""
        return self.kind != WATCH


class _Kept(Struct, frozen=True):
    """What is in the file."""

    current: str = ""
    labels: dict[str, str] = msgspec.field(default_factory=dict)
    watched: tuple[str, ...] = ()
    chain: str = ""
    """The one that was used last, by name."""


class WalletAccounts:
    """All accounts of a wallet; `load` first. Coroutines raise StorageUnavailable where the disk refuses."""

    def __init__(self, path: Path, keys: KeyStore) -> None:
        self._file = KeptFile(path, _Kept, "The list of accounts")
        self._keys = keys
        self._kept = _Kept()
        self._turn = asyncio.Lock()
        self.on_changed: list[Callable[[], None]] = []
        """Called when accounts, a label or the one in use are others."""

    @property
    def problem(self) -> str:
        """What was wrong with the file, in a sentence; empty: nothing."""
        return self._file.problem

    @property
    def all(self) -> tuple[WalletAccount, ...]:
        """Those with keys in the order in which they came, then those that are watched."""
        owned = self._keys.accounts
        signing = {each.address for each in owned}
        watched = [each for each in self._kept.watched if each not in signing]
        kinds = {each.address: each.kind.value for each in owned} | dict.fromkeys(watched, WATCH)
        labels = _labels(kinds, self._kept.labels)
        signers = (_signer(each, labels[each.address]) for each in owned)
        return (*signers, *(WalletAccount(each, labels[each], WATCH) for each in watched))

    @property
    def current(self) -> WalletAccount | None:
        """The one in use; None if there is none at all."""
        everything = self.all
        return self.find(self._kept.current) or (everything[0] if everything else None)

    @property
    def chain(self) -> str:
        """The chain that was used last, by name; empty: none yet."""
        return self._kept.chain

    async def use_chain(self, name: str) -> None:
        """Remember which chain is used."""
        if name != self._kept.chain:
            await self._change(lambda kept: msgspec.structs.replace(kept, chain=name))

    @property
    def unconfirmed(self) -> tuple[WalletAccount, ...]:
        """Those whose phrase nobody proved to have written down."""
        return tuple(each for each in self.all if not each.is_confirmed)

    def find(self, address: str) -> WalletAccount | None:
        """Return an account by its address, however its letters are written."""
        wanted = address.lower()
        return next((each for each in self.all if each.address.lower() == wanted), None)

    def label(self, address: str) -> str:
        """Return what an account is called, empty if it is none of the wallet's."""
        found = self.find(address)
        return "" if found is None else found.label

    async def load(self) -> None:
        """Read the file; one that is damaged is set aside, see `problem`."""
        self._kept = await offload(self._file.read)

    async def use(self, address: str) -> None:
        """Use another account from now on.

        Raises:
            InvalidInput: it is none of the wallet's.
        """
        account = self._known(address)
        await self._change(lambda kept: msgspec.structs.replace(kept, current=account.address))

    async def rename(self, address: str, label: str) -> None:
        """Call an account something else; an empty label gives it its first one back.

        Raises:
            InvalidInput: it is none of the wallet's, or the label cannot be shown.
        """
        account, text = self._known(address), parsed_label(label, may_be_empty=True)
        await self._change(lambda kept: _labelled(kept, account.address, text))

    async def watch(self, address: str, label: str = "") -> WalletAccount:
        """Watch an address without having its key.

        Raises:
            InvalidInput: it is no address, or is in the wallet already, or the label cannot be shown.
        """
        parsed, text = parsed_address(address), parsed_label(label, may_be_empty=True)
        if self.find(parsed) is not None:
            raise InvalidInput(f"{parsed} is in this wallet already, as {self.label(parsed)}.")

        def changed(kept: _Kept) -> _Kept:
            watched = (*(each for each in kept.watched if each != parsed), parsed)
            return _labelled(msgspec.structs.replace(kept, watched=watched), parsed, text)

        await self._change(changed)
        return self._known(parsed)

    async def unwatch(self, address: str) -> None:
        """Watch an address no longer.

        Raises:
            InvalidInput: it is not watched, or has a key (that is removed with its keystore).
        """
        account = self._known(address)
        if account.can_sign:
            raise InvalidInput(f"{account.label} has a key here; remove that instead.")

        def changed(kept: _Kept) -> _Kept:
            watched = tuple(each for each in kept.watched if each != account.address)
            return _labelled(msgspec.structs.replace(kept, watched=watched), account.address, "")

        await self._change(changed)

    def _known(self, address: str) -> WalletAccount:
        found = self.find(address)
        if found is None:
            raise InvalidInput(f"{address[:60]!r} is no account of this wallet.")
        return found

    async def _change(self, change: Callable[[_Kept], _Kept]) -> None:
        """Write first, then believe it; first names are written too, so that they stay what they are."""
        async with self._turn:
            named = {each.address: each.label for each in self.all}
            changed = change(msgspec.structs.replace(self._kept, labels=self._kept.labels | named))
            if changed == self._kept:
                return
            await offload(self._file.write, changed)
            self._kept = changed
        for listener in tuple(self.on_changed):
            listener()


def _labels(kinds: dict[str, str], kept: dict[str, str]) -> dict[str, str]:
    """Return what each account is called: its kept name, or its kind with the first number that is free."""
    taken = set(kept.values())
    found: dict[str, str] = {}
    for address, kind in kinds.items():
        label = kept.get(address)
        if label is None:
            label = next(name for n in count(1) if (name := f"{FIRST_NAMES[kind]} {n}") not in taken)
            taken.add(label)
        found[address] = label
    return found


def _signer(account: KeyAccount, label: str) -> WalletAccount:
    return WalletAccount(
        address=account.address,
        label=label,
        kind=account.kind.value,
        path=account.path,
        source=account.source,
        is_confirmed=account.is_confirmed,
    )


def _labelled(kept: _Kept, address: str, label: str) -> _Kept:
    labels = {**kept.labels, address: label}
    if not label:
        del labels[address]  # it gets a first name again
    return msgspec.structs.replace(kept, labels=labels)
