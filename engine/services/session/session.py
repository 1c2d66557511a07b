"""One person's session with one server: signing in, staying signed in, signing out.

The access token lives in memory only. Before it ends, or when the server refuses it, the next one is fetched with the
refresh token and the device's signature: once, however many ask at the same time, and whoever asked may be cancelled
without the answer being lost. A server that cannot be reached signs nobody out; only its word does.
"""

from __future__ import annotations

import asyncio
import logging
import time

from engine.bus import Bus
from engine.errors import CrsError, SecondFactorNeeded, ServerRefused, SignInNeeded, Unavailable
from engine.ports.secrets import SecretStore
from engine.ports.server import ServerApi
from engine.services.offload import offload
from engine.services.session import paths
from engine.services.session.device import Kept, device_of, kept_of, refresh_of
from engine.services.session.security import Security
from engine.services.session.state import SessionChanged, SessionState
from engine.wire.account import AccountInfo, User
from engine.wire.auth import EmailOnly, Login, Register, SteppedUp, StepUp, Ticket, Tokens, VerifyEmail

EARLY_MS = 90_000
"""How long before its end an access token is replaced; before a stream is warned, a minute before."""

FRESH_S = 5.0
"""A token this young is not replaced again, whoever was refused with the one before it."""

ENDS = (401, 403)
"""Refusals of a refresh that end the session; others (a server that is being repaired) do not."""

log = logging.getLogger(__name__)


class ServerSession:
    """Being signed in to one server; make one per server, `resume` it at the start.

    On `bus` it publishes `SessionChanged`. Nothing secret is in its `repr`.
    """

    def __init__(self, api: ServerApi, secrets: SecretStore, bus: Bus, *, device_name: str = "CRS Desktop") -> None:
        self.api, self.secrets, self.bus = api, secrets, bus
        self._device_name = device_name
        self.state = SessionState.SIGNED_OUT
        self.text = ""
        """Why the state is what it is, if there is something to say."""
        self.user: User | None = None
        """Who is signed in."""
        self.stepped_up_until_ms = 0
        """Until when sensitive acts pass (server's clock)."""
        self.security = Security(api)
        self._kept: Kept | None = None
        self._access, self._access_expires_ms, self._renewed = "", 0, float("-inf")
        self._pending: tuple[str, str] | None = None
        """E-mail and password between the password and the code."""
        self._refreshing: asyncio.Task[None] | None = None
        api.sign_with(self.token)

    def __repr__(self) -> str:
        return f"ServerSession({self.api.url}, {self.state})"

    @property
    def email(self) -> str:
        """Whose session it is, or was last."""
        return self._kept.email if self._kept is not None else ""

    @property
    def is_signed_in(self) -> bool:
        """Whether calls go out in somebody's name."""
        return self.state in (SessionState.SIGNED_IN, SessionState.REFRESHING)

    @property
    def accounts(self) -> tuple[AccountInfo, ...]:
        """The trading accounts of who is signed in."""
        return self.user.accounts if self.user is not None else ()

    # -- signing up -------------------------------------------------------------------------------

    async def register(self, email: str, username: str, password: str) -> None:
        """Sign up; the server sends a check code to the address.

        Raises:
            ServerRefused: it says what is wrong, by field.
            VenueUnavailable: it cannot be reached.
        """
        body = Register(email=email, username=username, password=password)
        await self.api.call("POST", paths.REGISTER, body=body, signed=False)

    async def verify(self, email: str, code: str, password: str | None = None) -> None:
        """Confirm the address with the code that came by e-mail, of the registration with this password, if known.

        Errors as `register`.
        """
        body = VerifyEmail(email=email, code=code, password=password)
        await self.api.call("POST", paths.VERIFY, body=body, signed=False)

    async def resend(self, email: str) -> None:
        """Have the code sent again; errors as `register`."""
        await self.api.call("POST", paths.RESEND, body=EmailOnly(email=email), signed=False)

    # -- signing in and out -----------------------------------------------------------------------

    async def remembered(self) -> str:
        """Return the e-mail address that signed in last on this server, empty if none; errors as `SecretStore.get`."""
        return (await self._load()).email

    async def resume(self) -> SessionState:
        """Go on with the session of an earlier run, if there is one; return the state then.

        Raises:
            VenueUnavailable: the server cannot be reached; what is kept stays.
            SecretsLocked, StorageUnavailable, StorageCorrupt: the secrets cannot be read.
        """
        kept = await self._load()
        if not kept.refresh_token:
            return self.state
        self._say(SessionState.SIGNING_IN)
        try:
            await self._refresh()
            await self._look_who()
        except SignInNeeded:
            return self.state
        except CrsError as error:
            self._say(SessionState.SIGNED_OUT, str(error))
            raise
        return self.state

    async def sign_in(self, email: str, password: str, code: str | None = None) -> SessionState:
        """Sign in; the state is MFA afterwards if a code is wanted: then `give_code`.

        Raises:
            ServerRefused: wrong address or password, not verified, locked; its sentence says.
            VenueUnavailable: the server cannot be reached or asks to wait (`retry_after_s`).
            SecretsLocked, StorageUnavailable, StorageCorrupt: this device's key cannot be kept; nothing was sent.
        """
        kept = await self._load()
        self._say(SessionState.SIGNING_IN)
        login = Login(email=email, password=password, device=device_of(kept, self._device_name), code=code)
        try:
            tokens = await self.api.call("POST", paths.LOGIN, Tokens, body=login, signed=False)
        except SecondFactorNeeded as error:
            self._pending = (email, password)
            self._say(SessionState.MFA, str(error))
            return self.state
        except CrsError as error:
            self._say(SessionState.MFA if self._pending else SessionState.SIGNED_OUT, str(error))
            raise
        self._pending = None
        await self._take(kept.with_session(email, tokens), tokens)
        await self._look_who()
        return self.state

    async def give_code(self, code: str) -> SessionState:
        """Go on with a sign-in that waits for a code (one-time or recovery); errors as `sign_in`."""
        if self._pending is None:
            raise SignInNeeded("Sign in with your password first.")
        return await self.sign_in(*self._pending, code=code)

    def forget_password(self) -> None:
        """Give up a sign-in that waits for a code."""
        self._pending = None
        if self.state is SessionState.MFA:
            self._say(SessionState.SIGNED_OUT)

    async def sign_out(self) -> None:
        """End the session here and on the server; here it ends even if the server cannot be told."""
        text = ""
        if self._access:
            try:
                await self.api.call("POST", paths.LOGOUT)
            except CrsError as error:
                log.info("the server was not told of the sign-out: %s", error)
                text = "Signed out here. The server could not be told; its session ends by itself."
        if self._refreshing is not None:  # what it brings must not be kept afterwards
            await asyncio.wait((self._refreshing,))
        await self._forget()
        self._say(SessionState.SIGNED_OUT, text)

    async def step_up(self, *, code: str | None = None, password: str | None = None) -> None:
        """Prove presence, so that sensitive acts pass for a while; errors as `sign_in`."""
        proof = StepUp(code=code, password=password)
        found = await self.api.call("POST", paths.STEP_UP, SteppedUp, body=proof)
        self.stepped_up_until_ms = found.until_ms
        self._access, self._access_expires_ms = found.access_token, found.access_expires_ms

    async def ticket(self) -> str:
        """Return a ticket that lets one WebSocket sign in, once, within half a minute.

        Raises:
            SignInNeeded: the session is over.
            VenueUnavailable: the server cannot be reached.
        """
        return (await self.api.call("POST", paths.TICKET, Ticket)).ticket

    async def reload(self) -> User:
        """Ask again who is signed in, e.g. after a second factor was set up; errors as `ticket`."""
        self.user = await self.api.call("GET", paths.ACCOUNT, User)
        return self.user

    # -- tokens -----------------------------------------------------------------------------------

    async def token(self, renew: bool = False) -> str:
        """Return a good access token, a new one if the last ends soon or (`renew`) was refused.

        Raises:
            SignInNeeded: nobody is signed in, or the server ended the session.
            VenueUnavailable: a new one is needed and the server cannot be reached.
        """
        if not self._access:
            raise SignInNeeded(self.text or "Sign in first.")
        ends_soon = self.api.now_ms() >= self._access_expires_ms - EARLY_MS
        if ends_soon or (renew and time.monotonic() - self._renewed > FRESH_S):
            await self._refresh()
        return self._access

    async def _refresh(self) -> None:
        """Fetch the next tokens; all who ask at the same time wait for one request."""
        if self._refreshing is None:
            self._refreshing = asyncio.get_running_loop().create_task(self._fetch())
            self._refreshing.add_done_callback(self._fetched)
        await asyncio.shield(self._refreshing)

    def _fetched(self, task: asyncio.Task[None]) -> None:
        self._refreshing = None
        if not task.cancelled():
            task.exception()  # whoever asked has it

    async def _fetch(self) -> None:
        kept = await self._load()
        before = self.state
        if before is SessionState.SIGNED_IN:
            self._say(SessionState.REFRESHING)
        try:
            tokens = await self._ask_next(kept)
        except ServerRefused as error:
            if error.status not in ENDS:
                self._say(before)
                raise
            await self._forget()
            self._say(SessionState.EXPIRED, f"You were signed out: {error}")
            raise SignInNeeded(str(error)) from error
        except Unavailable:
            self._say(before)
            raise
        await self._take(kept.with_session(kept.email, tokens), tokens)
        self._say(before)

    async def _ask_next(self, kept: Kept) -> Tokens:
        """Ask for the next tokens; once more by a fresh look at the server's clock, if that is what it minds."""
        try:
            request = refresh_of(kept, self.api.now_ms())
            return await self.api.call("POST", paths.REFRESH, Tokens, body=request, signed=False)
        except ServerRefused as error:
            if error.word != "clock":
                raise
        await self.api.measure()
        return await self.api.call(
            "POST", paths.REFRESH, Tokens, body=refresh_of(kept, self.api.now_ms()), signed=False
        )

    async def _take(self, kept: Kept, tokens: Tokens) -> None:
        """Keep a session, then use it: a token that was replaced and lost would end the session."""
        self._kept = kept
        self._access, self._access_expires_ms = tokens.access_token, tokens.access_expires_ms
        self._renewed = time.monotonic()
        try:
            await offload(self.secrets.put, self._name, kept.text())
        except Unavailable as error:
            log.warning("the session is not kept: %s", error)

    async def _look_who(self) -> None:
        await self.reload()
        self._say(SessionState.SIGNED_IN)

    async def _load(self) -> Kept:
        if self._kept is None:
            text = await offload(self.secrets.get, self._name)
            kept = await offload(kept_of, text)
            if text is None:
                await offload(self.secrets.put, self._name, kept.text())
            self._kept = kept
        return self._kept

    async def _forget(self) -> None:
        self._access, self._access_expires_ms, self.stepped_up_until_ms = "", 0, 0
        self.user, self._pending = None, None
        kept = await self._load()
        if kept.refresh_token:
            self._kept = kept.without_session()
            try:
                await offload(self.secrets.put, self._name, self._kept.text())
            except Unavailable as error:
                log.warning("the ended session is still kept: %s", error)

    @property
    def _name(self) -> str:
        return f"session {self.api.url}"

    def _say(self, state: SessionState, text: str = "") -> None:
        if (state, text) != (self.state, self.text):
            self.state, self.text = state, text
            self.bus.publish(SessionChanged(state, text, self.email))
