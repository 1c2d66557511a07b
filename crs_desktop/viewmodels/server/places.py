"""The servers of a profile and where it traded last: one small file, without any secret.

Written atomically, like the layout. A file that cannot be read is set aside under another name, with a sentence.
"""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from crs_desktop.viewmodels.kept_file import KeptFile
from crs_desktop.viewmodels.server.address import normal, short
from crs_desktop.viewmodels.words import NOTHING, Sentence, say

MOST = 32
"""Servers of one profile."""


class Server(Struct, frozen=True):
    """A server that was added, and who signed in there last."""

    url: str
    email: str = ""
    account: str = ""
    """The account in use there, "" before the first sign-in."""
    accounts: tuple[str, ...] = ()
    """Those that the user has there, as far as it is known."""

    @property
    def name(self) -> str:
        """How it is called on the screen."""
        return short(self.url)


class Known(Struct, frozen=True):
    """What the file holds; `last` is the address of the server in use, "" for PAPER."""

    servers: tuple[Server, ...] = ()
    last: str = ""


class Places:
    """What a profile knows of servers; every change is written at once."""

    def __init__(self, path: Path | None) -> None:
        """Read the file; without a path (in tests) nothing is kept."""
        self._file = KeptFile(path, Known)
        self.problem: Sentence = NOTHING
        self.known = self._read()

    @property
    def servers(self) -> tuple[Server, ...]:
        """All of them, in the order in which they were added."""
        return self.known.servers

    @property
    def last(self) -> Server | None:
        """The server that was used last; None for PAPER."""
        return self.get(self.known.last)

    def get(self, url: str) -> Server | None:
        """Return the server with an address."""
        return next((each for each in self.known.servers if each.url == url), None)

    def add(self, url: str) -> Sentence:
        """Keep a server; return why not, or NOTHING."""
        if self.get(url) is not None:
            return NOTHING
        if len(self.servers) >= MOST:
            return say("There are {most} servers already. Remove one first.", most=MOST)
        return self._put(replace(self.known, servers=(*self.servers, Server(url))))

    def remove(self, url: str) -> Sentence:
        """Forget a server."""
        last = "" if self.known.last == url else self.known.last
        return self._put(Known(tuple(each for each in self.servers if each.url != url), last))

    def signed_in(self, url: str, email: str, accounts: tuple[str, ...]) -> Sentence:
        """Remember who signed in, and which accounts there are."""
        server = self.get(url) or Server(url)
        account = server.account if server.account in accounts else next(iter(accounts), "")
        return self._change(replace(server, email=email, accounts=accounts, account=account))

    def use(self, url: str, account: str = "") -> Sentence:
        """Remember where one trades now; "" is PAPER."""
        server = self.get(url)
        if server is not None:
            self._change(replace(server, account=account))
        return self._put(replace(self.known, last=url))

    def _change(self, server: Server) -> Sentence:
        known = self.known.servers
        if self.get(server.url) is None:
            known = (*known, server)
        return self._put(replace(self.known, servers=tuple(server if e.url == server.url else e for e in known)))

    def _put(self, known: Known) -> Sentence:
        self.known = known
        why = self._file.write(known)
        return say("It could not be kept: {why}.", why=why) if why else NOTHING

    def _read(self) -> Known:
        known, file = self._file.read(), self._file
        if file.aside is not None:
            self.problem = say(
                "The list of servers in {file} could not be read. It was set aside as {aside}.",
                file=file.name, aside=file.aside.name,
            )  # fmt: skip
        elif file.refused:
            self.problem = say("The list of servers could not be read: {why}.", why=file.refused)
        return Known(tuple(each for each in known.servers[:MOST] if normal(each.url)[0] == each.url), known.last)
