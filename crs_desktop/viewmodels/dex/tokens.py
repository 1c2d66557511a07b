"""The tokens that a form of the desk chooses from: known ones, what the account has of them, and strangers."""

from __future__ import annotations

from typing import NamedTuple

from crs_desktop.viewmodels.wallet.dexes import DexFront
from crs_desktop.viewmodels.wallet.door import DoorState, WalletDoor
from crs_desktop.viewmodels.wallet.figures import brief, plain
from crs_desktop.viewmodels.words import NOTHING, Sentence, say
from engine.defi.address import SHAPE, short
from engine.defi.chain import ChainSpec
from engine.defi.token import NATIVE, SYMBOL_SHOWN, Token, TokenAmount
from engine.errors import InvalidInput

MOST_NAME = 40
BRIEF = 7


class TokenChoice(NamedTuple):
    """A token to choose from."""

    key: str
    text: str


class TokenShelf:
    """What can be chosen on the chain in use."""

    def __init__(self, door: WalletDoor) -> None:
        self._door = door
        self.held: dict[Token, int] = {}
        """How much the account has of each, as it was last read."""
        self.strangers: dict[str, Token] = {}
        """Tokens that were given by address and that nobody here knows."""

    @property
    def dex(self) -> DexFront | None:
        """The exchanges of the chain in use."""
        front = self._door.front
        return front.dex if front is not None else None

    def known(self) -> list[Token]:
        """Return the tokens there are: the coin, those that the account has, the others."""
        dex = self.dex
        found = [*dex.tokens(), *self.strangers.values()] if dex is not None else []
        return sorted(found, key=lambda each: (not each.is_native, not self.held.get(each)))

    def by_key(self, key: str) -> Token | None:
        """Return the token of a key."""
        return next((each for each in self.known() if key_of(each) == key), None)

    def choices(self) -> list[TokenChoice]:
        """Return them for a list."""
        return [TokenChoice(key_of(each), self.named(each)) for each in self.known()]

    def named(self, token: Token) -> str:
        """Return what a token is called; a stranger is marked as one."""
        symbol, name = plain(token.symbol, SYMBOL_SHOWN) or "?", plain(token.name, MOST_NAME)
        if key_of(token) in self.strangers:
            return f"⚠ {symbol} · {short(token.address)}"
        has = self.held.get(token)
        if has:
            return f"{symbol} · {brief(TokenAmount(token, has), BRIEF)}"
        return f"{symbol} · {name}" if name and name != symbol else symbol

    def warning(self, *tokens: Token | None) -> Sentence:
        """Return a sentence about the first stranger among tokens; NOTHING without one."""
        for each in tokens:
            if each is not None and key_of(each) in self.strangers:
                return say(
                    "{symbol} at {address} is in no list here: anybody can call a token so.",
                    symbol=plain(each.symbol, SYMBOL_SHOWN) or "?", address=short(each.address),
                )  # fmt: skip
        return NOTHING

    def has(self, token: Token | None) -> TokenAmount | None:
        """Return how much of a token there is; None while that is not known."""
        return None if token is None or token not in self.held else TokenAmount(token, self.held[token])

    async def read(self) -> None:
        """Read what the account has; raises a `CrsError` if that cannot be."""
        dex = self.dex
        if dex is not None:
            held = dict(await dex.holdings())
            for each in self.strangers.values():
                held[each] = await dex.holding(each)
            self.held = held

    async def take_stranger(self, text: str) -> str:
        """Return the key of a token by its contract's address.

        Raises:
            InvalidInput: it is no address, or no token is there.
        """
        dex, address = self.dex, text.strip()
        if dex is None or not SHAPE.fullmatch(address):
            raise InvalidInput(f"No token {plain(address, 30)!r} is known here: give the address of its contract.")
        token = await dex.token(address)
        if token not in dex.tokens():
            self.strangers[key_of(token)] = token
            self.held[token] = await dex.holding(token)
        return key_of(token)

    def forget(self) -> None:
        """Another account or chain is in use."""
        self.held, self.strangers = {}, {}


def oriented(spec: ChainSpec, first: Token, second: Token) -> tuple[Token, Token]:
    """Return two tokens so that a price of the first in the second reads well: dollars last, then the coin."""

    def weight(token: Token) -> int:
        if token.address in spec.stables:
            return 2
        return 1 if token.is_native or token == spec.wrapped else 0

    return (second, first) if weight(first) > weight(second) else (first, second)


def key_of(token: Token) -> str:
    """Return what a token is chosen by."""
    return NATIVE if token.is_native else token.address


def why_shut(door: WalletDoor) -> Sentence:
    """Return why nothing at all can be done on the desk yet; NOTHING if it can."""
    if door.state is DoorState.OPENING:
        return door.progress if door.progress != NOTHING else say("Opening the wallet…")
    if door.state is DoorState.FAILED:
        return say("The wallet could not be opened. {why}", why=str(door.problem))
    front = door.front
    if front is None:
        return say("The wallet is not open yet.")
    if not front.accounts:
        return say("Swaps are paid from a wallet: create one, or practise on a chain on this computer.")
    if front.chain is None:
        return say("No chain is in use: practise on this computer, or choose one in the wallet.")
    if front.dex is None or not front.dex.spec.dexes:
        return say("No exchange of {chain} is known here.", chain=front.chain.spec.title)
    return NOTHING


def why_unsigned(door: WalletDoor) -> Sentence:
    """Return why the account in use can sign nothing; NOTHING if it can."""
    account = door.front.current if door.front is not None else None
    if account is not None and not account.can_sign:
        return say("There is no key here for this account: it is only watched.")
    return NOTHING
