"""What a keystore tells without its password."""

from __future__ import annotations

from engine.adapters.keys.keyfile import PATH, Keyfile
from engine.ports.keys import KeyAccount, KeyKind, Removal


def accounts_of(file: Keyfile) -> tuple[KeyAccount, ...]:
    """Return the accounts of a keystore."""
    kind = KeyKind.DERIVED if file.is_phrase else KeyKind.IMPORTED
    return tuple(
        KeyAccount(
            address=each.address,
            kind=kind,
            source=file.id,
            path=PATH.format(each.index) if file.is_phrase else "",
            is_confirmed=file.crs.is_confirmed,
        )
        for each in file.crs.accounts
    )


def removal_of(file: Keyfile) -> Removal:
    """Return what it would mean to remove a keystore."""
    accounts = accounts_of(file)
    count = f"{len(accounts)} account{'s' if len(accounts) != 1 else ''}"
    if not file.is_phrase:
        sentence = (
            f"This is the only copy of the key of {accounts[0].address} that this program knows of. Unless you have "
            "its keystore or the key itself elsewhere, what is on the address is lost for good."
        )
        return Removal(accounts, sentence, is_only_copy=True)
    if not file.crs.is_confirmed:
        sentence = (
            f"This phrase was never confirmed as written down, and this may be its only copy: without its words the "
            f"{count} under it are lost for good."
        )
        return Removal(accounts, sentence, is_only_copy=True)
    sentence = (
        f"The {count} of this phrase go with it. Its {file.crs.words} words give them back; look that you have them."
    )
    return Removal(accounts, sentence, is_only_copy=False)
