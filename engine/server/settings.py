"""What a server is told: where its data lies, what it listens on, which databases and markets it uses.

Options of the command line win over `server.toml` in the data directory, which wins over the defaults here.
"""

from __future__ import annotations

import re
import tomllib
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct, field

from engine.errors import InvalidSetting
from engine.server.lastdatabase import remembered

ROLES = ("all", "core", "api", "ws")
MARKETS = ("demo", "none")
MAILERS = ("console", "file", "smtp")
HASHES = ("argon2id", "bcrypt")
LIMITS = ("on", "off")
ALOUD = ("warnings", "all")
TIERS = ("login", "orders", "market", "ai")
CASH = ("USDT", "USD", "USDC", "EUR")
MOST_TIMES = 1_000_000
MOST_PORT = 65_535
SYMBOL = re.compile(r"[A-Z0-9]{1,15}/[A-Z0-9]{1,15}(:[A-Z0-9]{1,15})?")
AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,18})?")


class Mail(Struct, forbid_unknown_fields=True, frozen=True):
    """How check codes reach people: printed, written into `mail/` of the data directory, or sent."""

    backend: str = "file"
    sender: str = "CRS <no-reply@localhost>"
    host: str = "localhost"
    port: int = 587
    username: str = ""
    password_file: str = ""
    """Holds the SMTP password, so that it is in no setting."""
    starttls: bool = True
    ca_file: str = ""
    """Certificates to trust instead of the system's, for a mail server of one's own."""


class Streams(Struct, forbid_unknown_fields=True, frozen=True):
    """What sockets may cost."""

    ping_s: float = 15.0
    pong_s: float = 20.0
    """How long a client may take to answer a ping."""
    message_bytes: int = 16_384
    """Of one message that a client sends."""
    asks_per_s: int = 20
    """Messages that a client may send."""
    subscriptions: int = 1_024
    """Channels of one socket."""
    sockets_per_address: int = 4_000
    sockets_per_user: int = 100
    queue_messages: int = 1_000
    """What may wait for a client that does not keep up, before it is closed."""
    queue_bytes: int = 1_048_576
    stalled_s: float = 10.0
    """How long it may take nothing while something waits."""


class ServerSettings(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Everything that can be set; each field says what it is for."""

    data_dir: Path
    """Keys, control file, mail of development and, unless `database` says otherwise, the databases."""
    host: str = "127.0.0.1"
    port: int = 8080
    ops_host: str = "127.0.0.1"
    ops_port: int = 0
    """Metrics and control, for this machine only; 0 takes any free port (it is in `control.json`)."""
    market: str = "demo"
    """At the root: `demo`, or `none` where there are upstream markets only."""
    seed: int = 7
    """Of the demo market."""
    upstream: tuple[str, ...] = ()
    """Public exchanges whose markets are distributed here, each under its name: `/binance/v1/…`."""
    upstream_pairs: tuple[str, ...] = ()
    """What is followed of them, as far as they list it; empty = a short list for each."""
    upstream_urls: dict[str, str] = field(default_factory=dict)
    """Other addresses of them, by name: `binance = "http://127.0.0.1:9000"`; for tests and development."""
    paper_start: dict[str, str] = field(default_factory=lambda: dict.fromkeys(CASH, "10000"))
    """What each account of an upstream market begins with, by asset, as far as a pair there is quoted in it."""
    role: str = "all"
    shard: str = "main"
    database: str = ""
    """A PostgreSQL URL; empty = SQLite in the data directory. Told nothing, it is the one that was used last."""
    redis: str = ""
    """A Redis URL; empty = limits, sessions and events stay in this process."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses and networks whose `X-Forwarded-For` is believed."""
    allowed_origins: tuple[str, ...] = ()
    """Web origins that may open a WebSocket; programs send none."""
    behind_tls: bool = False
    """Whether a proxy in front ends TLS: browsers are told to come by https only."""
    registration: bool = True
    """Whether people can sign up by themselves."""
    password_hash: str = "argon2id"  # noqa: S105 - a name of a method
    """How new passwords are hashed: argon2id or bcrypt; both are understood, the other kind is renewed at sign-in."""
    max_body_bytes: int = 65_536
    limits: str = "on"
    """`off` lets everybody ask as much as he likes: for benches and tests."""
    limit_times: dict[str, float] = field(default_factory=dict)
    """Factors by tier (`login`, `orders`, `market`, `ai`): `orders = 10` is ten times as many."""
    limit_times_of: dict[str, dict[str, float]] = field(default_factory=dict)
    """The same for those named `user:7`, `key:3` or `ip:192.0.2.1`: more for a market maker."""
    never_block: tuple[str, ...] = ("127.0.0.0/8", "::1/128")
    """Networks that are never blocked, and may hold as many connections as they like."""
    max_connections: int = 4_096
    max_connections_of_one: int = 256
    """Of one address, or of one IPv6 /64."""
    request_timeout_s: float = 10.0
    """How long the head of a request may take to arrive, and how long its body."""
    slow_request_ms: int = 500
    log_aloud: str = "warnings"
    """What goes to standard error besides the file: `warnings`, or `all` for whoever collects logs elsewhere."""
    drain_s: float = 5.0
    """How long requests under way may take to end when the server is asked to stop."""
    mail: Mail = field(default_factory=Mail)
    streams: Streams = field(default_factory=Streams)

    @property
    def is_readable_outside(self) -> bool:
        """Whether plain HTTP leaves this machine, as far as the settings tell."""
        return not self.behind_tls and not _is_here(self.host)

    @property
    def is_gateway(self) -> bool:
        """Whether the exchange runs in another process."""
        return self.role in ("api", "ws")

    @property
    def serves_requests(self) -> bool:
        """Whether REST is answered here."""
        return self.role in ("all", "api")

    @property
    def serves_streams(self) -> bool:
        """Whether WebSockets are answered here."""
        return self.role in ("all", "ws")

    @property
    def file(self) -> Path:
        """Where the settings are written down."""
        return self.data_dir / "server.toml"

    @property
    def control_file(self) -> Path:
        """Where a running server says how it is reached by commands of this machine."""
        return self.data_dir / "control.json"

    @property
    def accounts_url(self) -> str:
        """The database of users and sessions, as SQLAlchemy writes it."""
        return sqlalchemy_url(self.database) or f"sqlite:///{self.data_dir / 'accounts.sqlite'}"

    @property
    def exchange_url(self) -> str:
        """The database of the exchange's journal and its projections."""
        return sqlalchemy_url(self.database) or f"sqlite:///{self.data_dir / 'crs.sqlite'}"


def sqlalchemy_url(url: str) -> str:
    """Return a PostgreSQL URL with our driver named; an empty one stays empty."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def load_settings(data_dir: str | Path, **options: Any) -> ServerSettings:  # noqa: ANN401 - fields of the struct
    """Return the settings of a data directory; options that are None say nothing.

    Raises:
        InvalidSetting: the file cannot be read, or a value is none that is possible; names it.
    """
    where = Path(data_dir).expanduser().absolute()
    path = where / "server.toml"
    told: dict[str, Any] = {}
    try:
        if path.exists():
            told = tomllib.loads(path.read_text(encoding="utf-8"))
        told |= {name: value for name, value in options.items() if value is not None}
        if "database" not in told and (last := remembered(where)) is not None:
            told["database"] = last
        settings = msgspec.convert(told | {"data_dir": str(where)}, ServerSettings, dec_hook=_decoded)
    except (OSError, ValueError, msgspec.ValidationError) as error:
        raise InvalidSetting(f"The settings of the server in {path} cannot be used: {error}.") from error
    for name, value, known in (
        ("role", settings.role, ROLES),
        ("market", settings.market, MARKETS),
        ("limits", settings.limits, LIMITS),
        ("mail.backend", settings.mail.backend, MAILERS),
        ("password_hash", settings.password_hash, HASHES),
        ("log_aloud", settings.log_aloud, ALOUD),
    ):
        if value not in known:
            raise InvalidSetting(f"{name} must be one of {', '.join(known)}, not {value!r}.")
    _check_limits(settings)
    _check_addresses(settings)
    mail = settings.mail
    if mail.backend == "smtp" and mail.username and not mail.starttls and not _is_here(mail.host):
        raise InvalidSetting(f"mail: the password would travel readable to {mail.host}; leave starttls on.")
    check_upstream(settings)
    if settings.role != "all" and not settings.redis:
        raise InvalidSetting(f"Role {settings.role} needs --redis: the processes talk through it.")
    return settings


def check_upstream(settings: ServerSettings) -> None:
    """Refuse settings of upstream markets that cannot be.

    Raises:
        InvalidSetting: names the setting.
    """
    if not settings.upstream:
        return
    if settings.role != "all":
        raise InvalidSetting(
            f"Role {settings.role} cannot distribute upstream markets yet: they need role all, in one process."
        )
    from engine.adapters.exchanges.venues import SPECS  # not needed where there are none

    if len(set(settings.upstream)) < len(settings.upstream):
        raise InvalidSetting("upstream: one of them is named twice.")
    for name in (*settings.upstream, *settings.upstream_urls):
        if name not in SPECS:
            raise InvalidSetting(f"upstream: {name[:40]!r} is no public exchange here; choose of {', '.join(SPECS)}.")
    for name, url in settings.upstream_urls.items():
        parts = urlsplit(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and _is_here(parts.hostname or "")):
            raise InvalidSetting(f"upstream_urls: {name} must be an https URL, or http on this machine.")
    for symbol in settings.upstream_pairs:
        if not SYMBOL.fullmatch(symbol):
            raise InvalidSetting(f"upstream_pairs: {symbol[:40]!r} is no pair; write it like BTC/USDT.")
    for asset, amount in settings.paper_start.items():
        if not AMOUNT.fullmatch(amount):
            raise InvalidSetting(f"paper_start: {asset[:20]} must be a decimal such as 10000, not {amount[:40]!r}.")


def _is_here(host: str) -> bool:
    """Whether a host is this machine itself."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _check_addresses(settings: ServerSettings) -> None:
    for name, port in (("port", settings.port), ("ops_port", settings.ops_port)):
        if not 0 <= port <= MOST_PORT:
            raise InvalidSetting(f"{name} must be 0 (any free port) to {MOST_PORT}, not {port}.")
    for name, url, schemes in (
        ("database", settings.database, ("postgresql://", "postgres://", "postgresql+psycopg://")),
        ("redis", settings.redis, ("redis://", "rediss://", "unix://")),
    ):
        if url and not url.startswith(schemes):  # what it says stays unsaid: a password may be in it
            raise InvalidSetting(f"{name} must be a URL that begins with {schemes[0]}.")


def _check_limits(settings: ServerSettings) -> None:
    for name, networks in (("never_block", settings.never_block), ("trusted_proxies", settings.trusted_proxies)):
        for network in networks:
            try:
                ip_network(network)
            except ValueError as error:
                raise InvalidSetting(f"{name} names {network!r}, which is no network: {error}.") from None
    for factors in (settings.limit_times, *settings.limit_times_of.values()):
        for tier, factor in factors.items():
            if tier not in TIERS:
                raise InvalidSetting(f"There is no tier {tier!r} to limit; there are {', '.join(TIERS)}.")
            if not 0 < factor <= MOST_TIMES:
                raise InvalidSetting(f"The factor of {tier} must be above 0 and at most {MOST_TIMES:,}, not {factor}.")


def _decoded(kind: type, value: object) -> object:
    if kind is Path:
        return Path(str(value))
    raise NotImplementedError(f"no setting is a {kind}")
