"""The servers of a profile and where it traded last: one small file, without any secret.

Written atomically, like the layout. A file that cannot be read is set aside under another name, with a sentence.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

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
        self._path = path
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
        if self._path is None:
            return NOTHING
        temporary = self._path.with_suffix(".part")
        try:
            with temporary.open("wb") as file:
                file.write(msgspec.json.format(msgspec.json.encode(known), indent=1) + b"\n")
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self._path)
        except OSError as error:
            return say("It could not be kept: {why}.", why=error.strerror or "the disk refuses")
        return NOTHING

    def _read(self) -> Known:
        if self._path is None:
            return Known()
        try:
            known = msgspec.json.decode(self._path.read_bytes(), type=Known)
        except FileNotFoundError:
            return Known()
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return self._set_aside(self._path)
        return Known(tuple(each for each in known.servers[:MOST] if normal(each.url)[0] == each.url), known.last)

    def _set_aside(self, path: Path) -> Known:
        aside = path.with_suffix(".damaged.json")
        try:
            path.replace(aside)
        except OSError:
            return Known()
        self.problem = say(
            "The list of servers in {file} could not be read. It was set aside as {aside}.",
            file=path.name, aside=aside.name,
        )  # fmt: skip
        return Known()
