"""The security of the account that is signed in: sessions, second factor, password, API keys.

Whatever the server calls sensitive asks for a proof of presence first (`StepUpNeeded`): the model keeps what was to be
done, shows what proves it (`proof`), and goes on when `prove` was accepted. What is shown once (recovery codes, a key's
secret) is in `codes` and `secret` until `dismiss`.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from ipaddress import ip_network
from typing import NamedTuple

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.columns import Cell, Column, Row
from crs_desktop.viewmodels.hook import Hook, Link
from crs_desktop.viewmodels.server.access import Access
from crs_desktop.viewmodels.server.password import length_problem
from crs_desktop.viewmodels.words import NOTHING, Sentence, say, verbatim
from engine.domain.number import Nanos
from engine.errors import CrsError, InvalidInput, StepUpNeeded
from engine.wire.auth import Key, KeySecret, MfaOffer, Session

SCOPES = ("read", "trade")
MOST_NAME = 60
Act = Callable[[], Awaitable[None]]

SESSIONS = (
    Column("Device", "device", "left"),
    Column("Address", "ip", "left"),
    Column("Signed in", "created", spare=1),
    Column("Last seen", "seen"),
    Column("", "end", "left", action=True),
)
KEYS = (
    Column("Name", "name", "left"),
    Column("Key", "key", "left", spare=2),
    Column("May", "scopes", "left"),
    Column("From", "addresses", "left"),
    Column("Last used", "used", spare=1),
    Column("", "end", "left", action=True),
)


class Proof(NamedTuple):
    """What proves that it is you: a code of the authenticator, else the password."""

    by_code: bool


class SecurityModel:
    """What the security dialog shows and does."""

    def __init__(self, access: Access) -> None:
        self._access, self._security = access, access.security
        self.sessions: tuple[Session, ...] = ()
        self.keys: tuple[Key, ...] = ()
        self.is_read = False
        """Whether sessions and keys have been read."""
        self.offer: MfaOffer | None = None
        """The secret of an authenticator that is being set up."""
        self.codes: tuple[str, ...] = ()
        """Recovery codes, shown once."""
        self.secret: KeySecret | None = None
        """A new API key, shown once."""
        self.proof: Proof | None = None
        self.problem: Sentence = NOTHING
        self.note: Sentence = NOTHING
        self.busy = False
        self._then: Act | None = None
        self._changed: Hook[SecurityModel] = Hook()

    @property
    def mfa(self) -> bool:
        """Whether a second factor is in force."""
        user = self._access.user
        return user is not None and user.mfa

    def on_change(self, call: Callable[[SecurityModel], object]) -> Link[SecurityModel]:
        """Be told when anything is to be shown anew."""
        return self._changed.add(call)

    # -- rows ---------------------------------------------------------------------------------------

    def session_rows(self) -> list[Row]:
        """Return a row per session; the one in use says so."""
        return [_session_row(each) for each in self.sessions]

    def key_rows(self) -> list[Row]:
        """Return a row per API key."""
        return [_key_row(each) for each in self.keys]

    # -- acts ---------------------------------------------------------------------------------------

    async def read(self) -> None:
        """Read sessions and keys."""
        await self._do(self._read)

    async def end_session(self, session_id: str) -> None:
        """End another session."""

        async def act() -> None:
            await self._security.revoke_session(session_id)
            await self._read()
            self.note = say("The session is ended.")

        await self._do(act)

    async def end_others(self) -> None:
        """End every session but this one."""

        async def act() -> None:
            await self._security.revoke_others()
            await self._read()
            self.note = say("Every other session is ended.")

        await self._do(act)

    async def enroll(self) -> None:
        """Begin to set up an authenticator."""

        async def act() -> None:
            self.offer = await self._security.enroll()

        await self._do(act)

    async def confirm(self, code: str) -> None:
        """Put the authenticator in force by its first code."""

        async def act() -> None:
            self.codes = tuple(await self._security.confirm(_code(code)))
            self.offer = None
            await self._access.reload()
            self.note = say("The second factor is in force.")

        await self._do(act)

    async def disable(self, code: str) -> None:
        """Ask for no second factor any more."""

        async def act() -> None:
            await self._security.disable(_code(code))
            await self._access.reload()
            self.note = say("No second factor is asked for any more.")

        await self._do(act)

    async def renew_codes(self) -> None:
        """Make new recovery codes."""

        async def act() -> None:
            self.codes = tuple(await self._security.renew_recovery_codes())

        await self._do(act)

    async def change_password(self, current: str, new: str) -> bool:
        """Set another password; whether it worked."""

        async def act() -> None:
            wrong = length_problem(new)
            if wrong is not None:
                raise InvalidInput(str(wrong))
            await self._security.change_password(current, new)
            self.note = say("The password is changed; every other session is ended.")

        return await self._do(act)

    async def make_key(self, name: str, scopes: tuple[str, ...], addresses: str) -> bool:
        """Make an API key; its secret is then in `secret`. Whether it worked."""

        async def act() -> None:
            self.secret = await self._security.add_key(_name(name), _scopes(scopes), networks(addresses))
            self.keys = tuple(await self._security.keys())

        return await self._do(act)

    async def end_key(self, key_id: str) -> None:
        """Let an API key work no more."""

        async def act() -> None:
            await self._security.revoke_key(int(key_id))
            self.keys = tuple(await self._security.keys())
            self.note = say("The key works no more.")

        await self._do(act)

    async def sign_out(self, *, everywhere: bool = False) -> bool:
        """Sign out, here or everywhere; whether it worked."""

        async def act() -> None:
            if everywhere:
                await self._security.revoke_others()
            await self._access.sign_out()

        return await self._do(act)

    async def prove(self, text: str) -> None:
        """Prove one's presence by what was asked for, and go on with what waits for it."""
        proof, then = self.proof, self._then
        if proof is None or then is None:
            return

        async def act() -> None:
            await self._access.step_up(**({"code": _code(text)} if proof.by_code else {"password": text}))
            self.proof = self._then = None
            await then()

        await self._do(act, then)

    def cancel_proof(self) -> None:
        """Do not do what a proof is asked for."""
        self.proof = self._then = None
        self.problem = NOTHING
        self._changed.fire(self)

    def dismiss(self) -> None:
        """Forget what was shown once, what was asked and said."""
        self.codes, self.secret, self.offer, self.proof, self._then = (), None, None, None, None
        self.problem = self.note = NOTHING
        self._changed.fire(self)

    # -- inside -------------------------------------------------------------------------------------

    async def _read(self) -> None:
        self.sessions = tuple(await self._security.sessions())
        self.keys = tuple(await self._security.keys())
        self.is_read = True

    async def _do(self, act: Act, then: Act | None = None) -> bool:
        """Do something; `then` is what waits if a proof is asked for first. Whether it was done."""
        if self.busy:
            return False
        self.busy, self.problem, self.note = True, NOTHING, NOTHING
        self._changed.fire(self)
        try:
            await act()
        except StepUpNeeded as error:
            by_code = "totp" in error.methods and (self.mfa or "password" not in error.methods)
            self.proof, self._then = Proof(by_code), then or act
            return False
        except CrsError as error:
            self.problem = verbatim(str(error))
            return False
        finally:
            self.busy = False
            self._changed.fire(self)
        return True


def networks(text: str) -> tuple[str, ...]:
    """Return the addresses and networks in a text, separated by commas or spaces.

    Raises:
        InvalidInput: one is none; names it.
    """
    found = []
    for each in re.split(r"[,\s]+", text.strip()):
        if not each:
            continue
        try:
            network = ip_network(each, strict=False)
        except ValueError:
            raise InvalidInput(f"{each} is no address such as 203.0.113.7 or 203.0.113.0/24.") from None
        found.append(str(network.network_address) if network.num_addresses == 1 else str(network))
    return tuple(found)


def grouped_secret(secret: str) -> str:
    """Return a secret in groups of four, as people copy it by hand."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


def _code(text: str) -> str:
    code = text.strip().replace(" ", "")
    if not code:
        raise InvalidInput("Enter the code that your authenticator shows now.")
    return code


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name:
        raise InvalidInput("Give the key a name, so that you know it again.")
    if len(name) > MOST_NAME:
        raise InvalidInput(f"The name may have {MOST_NAME} characters.")
    return name


def _scopes(scopes: tuple[str, ...]) -> tuple[str, ...]:
    chosen = tuple(each for each in SCOPES if each in scopes)
    if not chosen:
        raise InvalidInput("Choose what the key may do: read, trade, or both.")
    return chosen


def _session_row(session: Session) -> Row:
    here = session.current
    return Row(
        session.session_id,
        (
            Cell(session.device),
            Cell(session.ip, "muted"),
            Cell(_when(session.created_ms), "muted"),
            Cell(say("now, here") if here else _when(session.seen_ms), "accent" if here else "muted"),
            Cell("") if here else Cell(say("End"), "error"),
        ),
    )


def _key_row(key: Key) -> Row:
    return Row(
        str(key.key_id),
        (
            Cell(key.name),
            Cell(f"{key.api_key[:8]}…", "muted", key.api_key),
            Cell(", ".join(key.scopes)),
            Cell(", ".join(key.addresses)) if key.addresses else Cell(say("anywhere"), "warn"),
            Cell(say("never") if key.used_ms is None else _when(key.used_ms), "muted"),
            Cell(say("Revoke"), "error"),
        ),
    )


def _when(ms: int) -> str:
    return fmt.date_clock(Nanos(ms * 1_000_000))[:16]
