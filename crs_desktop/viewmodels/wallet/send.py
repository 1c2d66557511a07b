"""The form that pays somebody: a token, an amount, an address; says at once what is wrong and who that is."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.hook import Hook, Link
from crs_desktop.viewmodels.wallet.figures import address_in_full, exact, plain
from crs_desktop.viewmodels.wallet.front import Holdings, WalletFront
from crs_desktop.viewmodels.words import NOTHING, Sentence, say, verbatim
from engine.defi.address import parsed_address
from engine.defi.intent import Intent
from engine.defi.prepared import FeePreset
from engine.defi.token import NATIVE, SYMBOL_SHOWN, Token, TokenAmount
from engine.errors import CrsError, InvalidInput
from engine.services.wallet.clipboard import pasted

MOST_FOUND = 8
MOST_NAME = 40


class TokenChoice(NamedTuple):
    """A token to choose from."""

    key: str
    text: str


class Found(NamedTuple):
    """An address that a name was completed to."""

    address: str
    text: str


class SendForm:
    """What is typed, and what follows from it."""

    def __init__(self, front: WalletFront, token: str = "", to: str = "", *, copied: str = "") -> None:
        """`copied` is the address that was last put into the clipboard here."""
        self._front, self._copied = front, copied
        self.holdings: Holdings | None = None
        known = [_key(each) for each in front.tokens()]
        self.token_key = token if token in known else (known[0] if known else NATIVE)
        self.to_text, self.amount_text = to, ""
        self.fee = FeePreset.NORMAL
        self.problems: dict[str, Sentence] = {}
        self.problem: Sentence = NOTHING
        self.busy: Sentence = NOTHING
        self._changed: Hook[SendForm] = Hook()

    def on_change(self, call: Callable[[SendForm], object]) -> Link[SendForm]:
        """Be told when anything is to be shown anew."""
        return self._changed.add(call)

    # -- what is shown ------------------------------------------------------------------------------

    @property
    def tokens(self) -> list[TokenChoice]:
        """The tokens of the chain, those that there is something of first."""
        held = {each.amount.token.key for each in self.holdings.rows if each.amount.units} if self.holdings else set()
        known = sorted(self._front.tokens(), key=lambda each: (not each.is_native, each.key not in held))
        return [TokenChoice(_key(each), _named(each)) for each in known]

    @property
    def token(self) -> Token | None:
        """The token that is chosen."""
        return next((each for each in self._front.tokens() if _key(each) == self.token_key), None)

    @property
    def available(self) -> TokenAmount | None:
        """How much of it there is; None while that is not known."""
        token = self.token
        if token is None or self.holdings is None:
            return None
        found = next((each.amount for each in self.holdings.rows if each.amount.token == token), None)
        return found if found is not None else TokenAmount(token, 0)

    @property
    def available_text(self) -> Sentence:
        """The same in words."""
        have = self.available
        return say("{amount} available", amount=exact(have)) if have is not None else say("Reading the balance…")

    @property
    def recipient(self) -> str:
        """The address that is paid, "" while what is typed is none."""
        return self._resolved()[0]

    @property
    def in_full(self) -> str:
        """The address with its digits grouped."""
        return address_in_full(self.recipient) if self.recipient else ""

    @property
    def who(self) -> tuple[Sentence, str]:
        """Whose address that is, and the tone of that."""
        address, why = self._resolved()
        if not address:
            return (why, "error") if self.to_text.strip() and "to" in self.problems else (NOTHING, "muted")
        current = self._front.current
        if current is not None and address == current.address:
            return say("This is the account itself: nothing moves but the fee."), "warn"
        label = plain(self._front.label(address), MOST_NAME)
        if label:
            return verbatim(label), "good"
        return say("Not in your address book: compare every digit."), "muted"

    @property
    def alike(self) -> Sentence:
        """That it could be taken for another address; NOTHING if not."""
        address = self.recipient
        said = pasted(self._copied, address) if address else ""
        if not said and address and not self._front.label(address):
            said = self._front.look_alike(address)
        return verbatim(plain(said)) if said else NOTHING

    def completions(self) -> list[Found]:
        """Return the lines of the address book and own accounts that fit what is typed."""
        typed = self.to_text.strip().casefold()
        chain = self._front.chain
        current = self._front.current
        names = [
            (each.label, each.address)
            for each in self._front.contacts()
            if each.chain_id is None or chain is None or each.chain_id == chain.spec.chain_id
        ]
        names += [(each.label, each.address) for each in self._front.accounts if each != current]
        found = [
            Found(address, f"{plain(label, MOST_NAME)} · {address}")
            for label, address in names
            if not typed or typed in label.casefold() or address.casefold().startswith(typed)
        ]
        return found[:MOST_FOUND]

    # -- what the user does -------------------------------------------------------------------------

    def set_token(self, key: str) -> None:
        """Pay with another token."""
        self.token_key = key
        self.problems.pop("amount", None)
        self._changed.fire(self)

    def set_to(self, text: str) -> None:
        """Take what was typed as the recipient: an address, or a name of the book."""
        self.to_text = text
        self.problems.pop("to", None)
        self._changed.fire(self)

    def set_amount(self, text: str) -> None:
        """Take what was typed as the amount."""
        self.amount_text = text
        self.problems.pop("amount", None)
        self._changed.fire(self)

    def set_fee(self, preset: FeePreset) -> None:
        """Be in more or less of a hurry."""
        self.fee = preset
        self._changed.fire(self)

    async def read(self) -> None:
        """Read what there is to pay with."""
        try:
            self.holdings = await self._front.holdings()
        except CrsError as error:
            self.problem = verbatim(str(error))
        self._changed.fire(self)

    async def use_max(self) -> None:
        """Take all there is; of the coin, all but the most that the fee can be."""
        have, token = self.available, self.token
        if have is None or token is None or self.busy != NOTHING:
            return
        if not token.is_native:
            self.set_amount(have.text)
            return
        self.busy, self.problem = say("Working out the fee…"), NOTHING
        self._changed.fire(self)
        try:
            probe = self._front.send(TokenAmount(token, 1), self.recipient or self._own)
            prepared = await self._front.pipeline.prepare(probe, self.fee)
        except CrsError as error:
            self.problem = verbatim(str(error))
        else:
            left = have.units - prepared.transaction.gas * prepared.transaction.max_fee
            if left <= 0:
                self.problems["amount"] = say("What there is does not pay the fee.")
            else:
                self.amount_text = TokenAmount(token, left).text
        finally:
            self.busy = NOTHING
            self._changed.fire(self)

    def intent(self) -> Intent | None:
        """Return what is wanted; None, and `problems` say why, if it is not complete."""
        self.problem = NOTHING
        self.problems = {}
        address, why = self._resolved()
        if not address:
            self.problems["to"] = why
        amount = self._amount()
        if self.problems or amount is None:
            self._changed.fire(self)
            return None
        try:
            return self._front.send(amount, address)
        except CrsError as error:
            self.problem = verbatim(str(error))
            self._changed.fire(self)
            return None

    # -- inside -------------------------------------------------------------------------------------

    @property
    def _own(self) -> str:
        return self._front.current.address if self._front.current is not None else ""

    def _resolved(self) -> tuple[str, Sentence]:
        """Return the address that is meant, or "" and why there is none."""
        typed = self.to_text.strip()
        if not typed:
            return "", say("To whom? An address, or a name of your address book.")
        named = {each.address for each in self._front.contacts() if each.label.casefold() == typed.casefold()}
        named |= {
            each.address for each in self._front.accounts if each.label and each.label.casefold() == typed.casefold()
        }
        if len(named) == 1:
            return next(iter(named)), NOTHING
        if len(named) > 1:
            return "", say("Several addresses are called that: choose one of the list.")
        try:
            return parsed_address(typed), NOTHING
        except InvalidInput as error:
            return "", verbatim(str(error))

    def _amount(self) -> TokenAmount | None:
        token, have = self.token, self.available
        if token is None:
            self.problems["amount"] = say("Choose a token.")
            return None
        if not self.amount_text.strip():
            self.problems["amount"] = say("How much?")
            return None
        try:
            amount = token.of(fmt.parse(self.amount_text))
        except InvalidInput as error:
            self.problems["amount"] = verbatim(str(error))
            return None
        if not amount.units:
            self.problems["amount"] = say("Nothing would be sent: the amount is 0.")
            return None
        if have is not None and amount.units > have.units:
            missing = exact(TokenAmount(token, amount.units - have.units))
            self.problems["amount"] = say(
                "You need {missing} more: {have} available.", missing=missing, have=exact(have)
            )
            return None
        return amount


def _key(token: Token) -> str:
    return NATIVE if token.is_native else token.address


def _named(token: Token) -> str:
    symbol, name = plain(token.symbol, SYMBOL_SHOWN) or "?", plain(token.name, MOST_NAME)
    return f"{symbol} · {name}" if name and name != symbol else symbol
