"""What the key process knows while a wallet is unlocked, and what it answers. Loaded in the key process only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.adapters.keys import foreign, phrase, seal, signing
from engine.adapters.keys.keyfile import Derived
from engine.adapters.keys.message import (
    Account,
    Check,
    Confirm,
    Create,
    Derive,
    Done,
    Export,
    Forget,
    ImportKey,
    ImportKeystore,
    ImportPhrase,
    Made,
    Reply,
    Request,
    Reseal,
    Resealed,
    Reveal,
    Sealed,
    Sign,
    Signed,
    Text,
    Unlock,
    Unlocked,
    Words,
)
from engine.adapters.keys.refusal import Refusal

OTHER = (
    "One of the wallet's keystores has another password and stays shut. Remove it with that password, and take its "
    "phrase or key in again."
)


class Custody:
    """Keys by address, phrases by their source; all of it ends with the process."""

    def __init__(self, cost: int) -> None:
        self._cost = cost
        self._master: seal.Master | None = None
        self._phrases: dict[str, phrase.Phrase] = {}
        self._keys: dict[str, bytes] = {}
        self._answers: dict[type, Callable[[Any], Reply]] = {
            Create: self._create,
            ImportPhrase: self._import_phrase,
            ImportKey: self._import_key,
            ImportKeystore: self._import_keystore,
            Unlock: self._unlock,
            Derive: self._derive,
            Confirm: self._confirm,
            Sign: self._sign,
            Reveal: self._reveal,
            Export: self._export,
            Reseal: self._reseal,
            Check: self._check,
            Forget: self._forget,
        }

    def answer(self, request: Request) -> Reply:
        """Return the answer.

        Raises:
            Refusal: why not.
        """
        return self._answers[type(request)](request)

    def _create(self, request: Create) -> Made:
        made = phrase.new_phrase(request.words)
        return self._hold_phrase(request.source, made, request.password, made.words)

    def _import_phrase(self, request: ImportPhrase) -> Made:
        found = phrase.parsed(request.phrase, request.passphrase)
        return self._hold_phrase(request.source, found, request.password)

    def _import_key(self, request: ImportKey) -> Made:
        return self._hold_key(foreign.parsed_key(request.key), request.password)

    def _import_keystore(self, request: ImportKeystore) -> Made:
        key, remark = foreign.taken_in(request.text, request.its_password)
        return self._hold_key(key, request.password, (remark,) if remark else ())

    def _unlock(self, request: Unlock) -> Unlocked:
        """Open what this password opens; one stray or damaged file does not keep the others shut."""
        masters: dict[Any, seal.Master] = {}
        shut: dict[str, Refusal] = {}
        for each in request.sealed:
            try:
                self._hold(each, _opened(each, request.password, masters))
            except Refusal as no:
                shut[each.source] = no
        if len(shut) == len(request.sealed):
            raise next(iter(shut.values()))
        strong = [each for each in masters.values() if (each.params.n or 0) >= self._cost]
        self._master = strong[0] if strong else seal.new_master(request.password, self._cost)
        return Unlocked({source: OTHER if no.word == "password" else no.sentence for source, no in shut.items()})

    def _derive(self, request: Derive) -> Account:
        key = phrase.account_key(self._phrase(request.source).seed(), request.index)
        address = foreign.address_of(key)
        self._keys[address] = key
        return Account(Derived(request.index, address))

    def _confirm(self, request: Confirm) -> Done:
        words = self._phrase(request.source).words
        given = {place: "".join(text.lower().split()) for place, text in request.words.items()}
        return Done(all(0 < place <= len(words) and words[place - 1] == word for place, word in given.items()))

    def _sign(self, request: Sign) -> Signed:
        key = self._keys.get(request.sender)
        if key is None:
            raise Refusal("watch", f"There is no key here for {request.sender}; it can only be watched.")
        return signing.signed(request, key)

    def _reveal(self, request: Reveal) -> Words:
        found = phrase.unpacked(_opened(request.sealed, request.password, {}))
        return Words(found.words, found.passphrase)

    def _export(self, request: Export) -> Text:
        plain = _opened(request.sealed, request.password, {})
        accounts = _accounts_of(request.sealed, plain)
        return Text(foreign.given_out(accounts[request.address], request.new, self._cost))

    def _reseal(self, request: Reseal) -> Resealed:
        masters: dict[Any, seal.Master] = {}
        plain: list[bytes | None] = []
        for each in request.sealed:
            try:
                plain.append(_opened(each, request.password, masters))
            except Refusal:
                plain.append(None)
        if not any(plain):
            raise Refusal.password()
        new = seal.new_master(request.new, self._cost)
        return Resealed(tuple(None if each is None else seal.sealed(each, new) for each in plain))

    def _check(self, request: Check) -> Done:
        _opened(request.sealed, request.password, {})
        return Done()

    def _forget(self, request: Forget) -> Done:
        self._phrases.pop(request.source, None)
        for address in request.addresses:
            self._keys.pop(address, None)
        return Done()

    def _hold_phrase(
        self, source: str, found: phrase.Phrase, password: str | None, words: tuple[str, ...] = ()
    ) -> Made:
        key = phrase.account_key(found.seed(), 0)
        first = Derived(0, foreign.address_of(key))
        crypto = seal.sealed(found.packed(), self._sealing(password))
        self._phrases[source], self._keys[first.address] = found, key
        return Made(crypto, (first,), len(found.words), words)

    def _hold_key(self, key: bytes, password: str | None, remarks: tuple[str, ...] = ()) -> Made:
        account = Derived(0, foreign.address_of(key))
        crypto = seal.sealed(key, self._sealing(password))
        self._keys[account.address] = key
        return Made(crypto, (account,), remarks=remarks)

    def _hold(self, file: Sealed, plain: bytes) -> None:
        if file.is_phrase:
            self._phrases[file.source] = phrase.unpacked(plain)
        self._keys.update(_accounts_of(file, plain))

    def _sealing(self, password: str | None) -> seal.Master:
        """Return what a new keystore is sealed with: the wallet's, which a first password makes."""
        if self._master is None:
            if password is None:
                raise Refusal("locked", "The wallet is locked: its password is wanted.")
            self._master = seal.new_master(password, self._cost)
        return self._master

    def _phrase(self, source: str) -> phrase.Phrase:
        found = self._phrases.get(source)
        if found is None:
            raise Refusal.input("There is no such phrase in this wallet: its keys came alone.")
        return found


def _opened(file: Sealed, password: str, masters: dict[Any, seal.Master]) -> bytes:
    """Return what is in a keystore; a key that a password gave is kept in `masters` for the next one."""
    params = file.crypto.kdfparams
    master = masters.get(params)
    if master is None:
        master = masters[params] = seal.Master(params, seal.derived(file.crypto.kdf, params, password))
    plain = seal.opened(file.crypto, master.key)
    if plain is None:
        raise Refusal.password()
    return plain


def _accounts_of(file: Sealed, plain: bytes) -> dict[str, bytes]:
    """Return the keys of a keystore by address.

    Raises:
        Refusal: the addresses that it says in the open are not those of its keys.
    """
    if file.is_phrase:
        seed = phrase.unpacked(plain).seed()
        keys = [phrase.account_key(seed, each.index) for each in file.accounts]
    else:
        foreign.check_key(plain)
        keys = [plain]
    found = {foreign.address_of(key): key for key in keys}
    if list(found) != [each.address for each in file.accounts]:
        raise Refusal(
            "damaged",
            "A keystore names an address that is not its own: it was changed. Do not pay to the addresses of this "
            "wallet; take its phrase or key in again.",
        )
    return found
