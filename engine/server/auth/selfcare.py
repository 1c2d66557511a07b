"""What a user does about its own safety: sessions, second factor, password, API keys."""

from __future__ import annotations

from sqlalchemy import Connection

from engine.errors import InvalidInput
from engine.server.auth import apikey, factor, letter
from engine.server.auth.factor import Proof
from engine.server.auth.identity import Identity
from engine.server.auth.registration import new_password, refuse_weak
from engine.server.auth.session import SessionRow, end_sessions, live_session, sessions_of
from engine.server.auth.signin import STEP_UP_NS, SignIn, record_wrong, refuse
from engine.server.auth.user import AccountRow, UserRow, accounts_of, user_by_id
from engine.server.principal import Principal
from engine.server.refusal import Refusal, forbidden, not_found, unauthorized
from engine.services.offload import offload
from engine.wire.auth import ChangePassword, NewKey


class SelfCare:
    """Acts of a user who is signed in; routes see to it that a proof of presence is recent where it must be."""

    def __init__(self, identity: Identity, who: Principal) -> None:
        self._identity, self._who = identity, who

    async def me(self) -> tuple[UserRow, tuple[AccountRow, ...], bool]:
        """Return the user, its accounts (a key sees its own one only), and whether a second factor is on."""

        def read(connection: Connection) -> tuple[UserRow, tuple[AccountRow, ...], bool]:
            user = self._user(connection)
            accounts = tuple(a for a in accounts_of(connection, user.id) if a.account in self._who.accounts)
            return user, accounts, factor.is_on(connection, user.id)

        return await self._identity.reading(read)

    async def sessions(self) -> list[tuple[SessionRow, str]]:
        """Return all sessions with the names of their devices."""
        now = int(self._identity.now)
        return await self._identity.reading(lambda connection: sessions_of(connection, self._who.user_id, now))

    async def end_session(self, session_id: str) -> None:
        """End a session of one's own.

        Raises:
            Refusal: there is none.
        """
        if not (session_id.isascii() and session_id.isalnum() and await self._end(only=session_id)):
            raise not_found("You have no such session.")

    async def end_others(self) -> None:
        """End all sessions but the one that asks."""
        await self._end(but=self._who.session_id)

    async def enroll(self) -> tuple[str, str]:
        """Offer a secret for an authenticator; return it and its `otpauth` address.

        Raises:
            Refusal: `mfa_on`: there is a factor already.
        """

        def offer(connection: Connection) -> tuple[str, str]:
            user = self._user(connection)
            if factor.is_on(connection, user.id):
                raise Refusal(409, "mfa_on", "A second factor is on already; switch it off first.")
            return factor.offer(connection, self._identity.parts.keys, user.id, user.email)

        return await self._identity.writing(offer)

    async def confirm(self, code: str) -> tuple[str, ...]:
        """Put the offered factor into force; return the recovery codes.

        Raises:
            Refusal: `mfa_on`, `mfa_wrong`, `mfa_resting`.
        """
        identity, keys = self._identity, self._identity.parts.keys

        def prove(connection: Connection) -> Proof | tuple[UserRow, tuple[str, ...]]:
            user = self._user(connection)
            if factor.is_on(connection, user.id):
                raise Refusal(409, "mfa_on", "A second factor is on already; switch it off first.")
            proof = factor.prove(connection, keys, user.id, code, int(identity.now), confirmed=False)
            if not proof.holds:
                record_wrong(identity, connection, user.id, proof)
                return proof
            identity.record(connection, "mfa.on", user.id)
            return user, factor.confirm(connection, keys, user.id, int(identity.now))

        result = await identity.writing(prove)
        if isinstance(result, Proof):
            refuse(result)
            raise AssertionError("a proof that holds is not returned")
        user, codes = result
        letter.changed(identity.post, user.email, "The second factor")
        return codes

    async def switch_off(self, code: str) -> None:
        """Remove the second factor, for one of its codes and a sign-in just now.

        Raises:
            Refusal: `mfa_off`, `sign_in_again`, `mfa_wrong`, `mfa_resting`.
        """
        identity = self._identity

        def prove(connection: Connection) -> Proof | UserRow:
            user = self._user(connection)
            if not factor.is_on(connection, user.id):
                raise Refusal(409, "mfa_off", "There is no second factor to switch off.")
            self._came_just_now(connection)
            proof = factor.prove(connection, identity.parts.keys, user.id, code, int(identity.now))
            if not proof.holds:
                record_wrong(identity, connection, user.id, proof)
                return proof
            factor.switch_off(connection, user.id)
            identity.record(connection, "mfa.off", user.id)
            return user

        result = await identity.writing(prove)
        if isinstance(result, Proof):
            refuse(result)
        elif isinstance(result, UserRow):
            letter.changed(identity.post, result.email, "The second factor")

    async def renew_recovery(self) -> tuple[str, ...]:
        """Replace the recovery codes and return the new ones.

        Raises:
            Refusal: `mfa_off`: there is no factor that they could stand in for; `sign_in_again`.
        """

        def renew(connection: Connection) -> tuple[str, ...]:
            if not factor.is_on(connection, self._who.user_id):
                raise Refusal(409, "mfa_off", "Recovery codes stand in for a second factor; switch one on first.")
            self._came_just_now(connection)
            self._identity.record(connection, "mfa.recovery_renewed", self._who.user_id)
            return factor.renew_recovery(connection, self._identity.parts.keys, self._who.user_id)

        return await self._identity.writing(renew)

    async def change_password(self, shown: ChangePassword) -> None:
        """Replace the password, for the current one; every other session ends."""
        identity, who = self._identity, self._who
        user = await SignIn(identity).check_password(who, shown.current)
        await refuse_weak(identity, shown.password, user.email, user.username)
        hashed = await identity.room.run(identity.parts.passwords.hashed, shown.password)

        def change(connection: Connection) -> None:
            new_password(identity, connection, who.user_id, hashed, "password.changed", but=who.session_id)

        await identity.writing(change)
        await identity.gate.look()
        letter.changed(identity.post, user.email, "The password")

    async def keys(self) -> list[tuple[apikey.KeyRow, str]]:
        """Return the API keys in force with the accounts that they are for."""

        def read(connection: Connection) -> list[tuple[apikey.KeyRow, str]]:
            names = {each.id: each.account for each in accounts_of(connection, self._who.user_id)}
            return [(row, names[row.account_id]) for row in apikey.keys_of(connection, self._who.user_id)]

        return await self._identity.reading(read)

    async def add_key(self, shown: NewKey) -> apikey.FreshKey:
        """Make an API key.

        Raises:
            InvalidInput: scopes, addresses or account are none that it can have, or there are too many.
        """
        if not shown.name.isprintable():
            raise InvalidInput("The name of a key has printable characters only.")

        def make(connection: Connection) -> apikey.FreshKey:
            made = apikey.make_key(
                connection, self._identity.parts.keys, user_id=self._who.user_id, name=shown.name,
                scopes=shown.scopes, addresses=shown.addresses, account=shown.account, now_ns=int(self._identity.now),
            )  # fmt: skip
            scopes = " ".join(sorted(shown.scopes))
            self._identity.record(connection, "key.added", self._who.user_id, key=made.id, scopes=scopes)
            return made

        made = await self._identity.writing(make)
        user = await self._identity.reading(self._user)
        letter.changed(self._identity.post, user.email, "The list of API keys")
        return made

    async def revoke_key(self, key_id: int) -> None:
        """Take a key of one's own out of force.

        Raises:
            Refusal: there is none.
        """

        def revoke(connection: Connection) -> bool:
            if not apikey.revoke_key(connection, self._who.user_id, key_id, int(self._identity.now)):
                return False
            seq = self._identity.record(connection, "key.revoked", self._who.user_id, key=key_id)
            self._identity.audit.revoke(connection, seq, f"key:{key_id}")
            return True

        if not await self._identity.writing(revoke):
            raise not_found("You have no such key.")
        await self._identity.gate.look()

    async def ticket(self) -> tuple[str, int]:
        """Return a ticket for one WebSocket and when it ends (ns)."""
        return await offload(self._identity.gate.issue_ticket, self._who)

    async def _end(self, *, only: str | None = None, but: str | None = None) -> tuple[str, ...]:
        def end(connection: Connection) -> tuple[str, ...]:
            ended = end_sessions(connection, self._who.user_id, "user", int(self._identity.now), only=only, but=but)
            if ended:
                seq = self._identity.record(connection, "session.revoked", self._who.user_id, sessions=len(ended))
                self._identity.revoke(connection, seq, ended)
            return ended

        ended = await self._identity.writing(end)
        await self._identity.gate.look()
        return ended

    def _came_just_now(self, connection: Connection) -> None:
        """Refuse what takes a factor away, unless password and code were both shown to open this session just now.

        Raises:
            Refusal: `sign_in_again`.
        """
        now = self._identity.now
        row = live_session(connection, str(self._who.session_id), now)
        if row is None or now - row.created_ns > STEP_UP_NS:
            text = "Sign out and in again first: this is done within ten minutes of a sign-in only."
            raise forbidden(text, "sign_in_again")

    def _user(self, connection: Connection) -> UserRow:
        found = user_by_id(connection, self._who.user_id)
        if found is None:
            raise unauthorized("This user is no more.", "session_ended")
        return found
