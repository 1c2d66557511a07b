"""The servers of a profile and the way in: their sessions, the place for secrets, an engine over an account.

Everything that is heavy to import (network, keyring, cryptography) is imported off the loop when it is first wanted.
"""

from __future__ import annotations

import asyncio
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from crs_desktop.run import Run
from crs_desktop.shell.server.passphrase import PassphraseDialog
from crs_desktop.viewmodels.server.places import Places
from crs_desktop.viewmodels.words import NOTHING, Sentence
from engine.domain.order import AccountId
from engine.errors import SecretsLocked, SignInNeeded
from engine.services.offload import offload

if TYPE_CHECKING:
    from engine.ports.secrets import SecretStore
    from engine.services.session import ServerSession


class ServerDoor:
    """One session per server and run; `close` ends them, and signs nobody out."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._sessions: dict[str, ServerSession] = {}
        self._secrets: SecretStore | None = None
        self._places: Places | None = None
        self._turn = asyncio.Lock()

    @property
    def places(self) -> Places:
        """The servers that are known, read when first asked for."""
        if self._places is None:
            self._places = Places(self._run.profile.servers_file)
        return self._places

    async def connect(self, url: str) -> ServerSession:
        """Return the session with a server, as it was left in the last run if it was left signed in.

        Raises:
            CrsError: it cannot be reached, is something else, or the secrets cannot be read.
        """
        async with self._turn:
            session = self._sessions.get(url)
            if session is None:
                session = await self._met(url)
            if not session.is_signed_in:
                await session.resume()
            return session

    async def secrets(self) -> SecretStore:
        """Return the place for secrets of the profile, open; the passphrase of a vault is asked for.

        Raises:
            SecretsLocked: there is no vault to open, or nobody knows its passphrase.
        """
        async with self._turn:
            if self._secrets is None:
                choice = await asyncio.get_running_loop().run_in_executor(
                    None, import_module, "engine.adapters.secrets.choice"
                )
                store = await offload(choice.secrets_of, self._run.profile)
                if not store.is_open and not await offload(lambda: bool(store.exists)):
                    raise SecretsLocked("There is no vault here, and no keyring; the key is elsewhere.")
                self._secrets = store if store.is_open else await self._unlocked(store)
            return self._secrets

    async def open(self, url: str, account: str) -> Any:  # noqa: ANN401 - the engine's type is heavy to import
        """Open an account on a server that one is signed in to.

        Raises:
            SignInNeeded: nobody is signed in there.
            CrsError: as `open_remote`.
        """
        session = await self.connect(url)
        if not session.is_signed_in:
            raise SignInNeeded(session.text or "Sign in first.")
        owned = [each.account for each in session.accounts]
        chosen = AccountId(account) if account in owned else None
        remote, beside = await self._remote(), self._run.engine
        lock = beside.share_lock() if beside is not None else None
        engine = await remote.open_remote(self._run.profile, session, chosen, lock=lock)
        try:
            await self.note(session, url, account=str(engine.venue.account))
        except BaseException:  # stopped at the last moment: nobody else has it yet
            await engine.close()
            raise
        return engine

    async def note(self, session: ServerSession, url: str, *, account: str = "") -> Sentence:
        """Keep who is signed in, and (`account`) where one trades now; return why that failed, or NOTHING."""
        owned = tuple(each.account for each in session.accounts)

        def keep() -> Sentence:
            problem = self.places.add(url)
            if problem == NOTHING:
                problem = self.places.signed_in(url, session.email, owned)
            return self.places.use(url, account) if account and problem == NOTHING else problem

        return await offload(keep)

    async def on_paper(self) -> None:
        """Keep that one trades on paper now."""
        if self.places.known.last:
            await offload(self.places.use, "")

    def session(self, url: str) -> ServerSession | None:
        """Return the session with a server, if there was one in this run."""
        return self._sessions.get(url)

    async def forget(self, url: str) -> None:
        """Sign out of a server and forget it."""
        session = self._sessions.pop(url, None)
        if session is not None:
            await session.sign_out()
            await (await self._remote()).close_server(session)
        await offload(self.places.remove, url)

    async def close(self) -> None:
        """End the connections of every session; safe to call twice."""
        sessions, self._sessions = list(self._sessions.values()), {}
        for session in sessions:
            await (await self._remote()).close_server(session)

    # -- inside -------------------------------------------------------------------------------------

    async def _remote(self) -> Any:  # noqa: ANN401 - a module
        return await asyncio.get_running_loop().run_in_executor(None, import_module, "engine.bootstrap.remote")

    async def _met(self, url: str) -> ServerSession:
        """Return a new session; whoever answers is looked at first, then a passphrase is asked for if need be."""
        remote = await self._remote()
        session: ServerSession = await remote.find_server(self._run.profile, url, self._secrets)
        try:
            if not session.secrets.is_open:
                session.secrets = await self._unlocked(session.secrets)
        except BaseException:
            await remote.close_server(session)
            raise
        self._secrets = session.secrets
        self._sessions[url] = session
        return session

    async def _unlocked(self, vault: Any) -> SecretStore:  # noqa: ANN401 - the vault's type is heavy to import
        answered: asyncio.Future[bool | None] = asyncio.get_running_loop().create_future()

        def answer(given: bool | None) -> None:
            if not answered.done():
                answered.set_result(given)

        is_new = not await offload(lambda: bool(vault.exists))
        take = partial(offload, vault.create if is_new else vault.unlock)
        dialog = PassphraseDialog(self._run.window, is_new=is_new, take=take, answer=answer)
        dialog.open()
        try:
            given = await answered
        except asyncio.CancelledError:
            dialog.reject()
            raise
        if given is None:
            raise SecretsLocked("Without its passphrase nothing is opened. Try again to be asked anew.")
        if given:
            opened: SecretStore = vault
            return opened
        memory: SecretStore = import_module("engine.adapters.secrets.memory").MemorySecrets()
        return memory
