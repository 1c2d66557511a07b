"""An operation as data: its path and word, what it takes, who may, what it weighs. REST and `/ws-api` share them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from engine.domain.order import AccountId
from engine.domain.pair import TradingPair
from engine.ports.exchange import PairsFollowed
from engine.server.auth.port import AccessEnded
from engine.server.facade.instrument import Instruments
from engine.server.facade.listenkeys import ListenKeys
from engine.server.facade.parameters import Parameters
from engine.server.facade.streamfeed import StreamFeed
from engine.server.facade.usage import NOTHING_USED, Usage, Used
from engine.server.facade.userdata import UserData
from engine.server.principal import Principal
from engine.server.services import Services


class Security(StrEnum):
    """What a request must show."""

    NONE = "none"
    KEY = "key"
    """A key in `X-MBX-APIKEY`, no signature."""
    READ = "read"
    """A signature by a key that may read."""
    TRADE = "trade"
    """A signature by a key that may trade."""

    @property
    def is_signed(self) -> bool:
        """Whether a signature, and so a timestamp, belongs to it."""
        return self in (Security.READ, Security.TRADE)


@dataclass(slots=True)
class Front:
    """What all requests of the facade share."""

    services: Services
    instruments: Instruments
    """The pairs by symbol."""
    streams: StreamFeed
    user_data: UserData
    usage: Usage = field(default_factory=Usage)
    listen_keys: ListenKeys = field(default_factory=ListenKeys)

    @classmethod
    def over(cls, services: Services) -> Front:
        """Return the front of a server."""
        streams = StreamFeed(services.bus, services.market)
        user_data = UserData(services.bus, services.core, services.exchange_db)
        front = cls(services, Instruments(services.market.pairs()), streams, user_data)
        services.bus.subscribe(AccessEnded, front.listen_keys.revoke)
        services.bus.subscribe(PairsFollowed, front.on_followed)
        return front

    def on_followed(self, _event: PairsFollowed) -> None:
        """Know the pairs that there are from now on."""
        self.instruments = Instruments(self.services.market.pairs())
        self.user_data.learn_pairs()

    @property
    def now_ms(self) -> int:
        """The server's clock."""
        return self.services.clock.wall() // 1_000_000


@dataclass(slots=True)
class Asked:
    """One request on its way through a handler."""

    front: Front
    told: Parameters
    principal: Principal | None = None
    used: Used = NOTHING_USED

    @property
    def services(self) -> Services:
        """The server's parts."""
        return self.front.services

    @property
    def known(self) -> Principal:
        """Who asks; only where a key is demanded."""
        assert self.principal is not None, "the pipeline refuses strangers"  # noqa: S101 - a promise of the pipeline
        return self.principal

    @property
    def account(self) -> AccountId:
        """Whose orders they are."""
        return self.known.account

    def pair(self, name: str = "symbol") -> TradingPair:
        """Return the pair that is asked for."""
        return self.front.instruments.named(self.told.symbol(name))


Handler = Callable[[Asked], Awaitable[Any]]
Weight = Callable[[Parameters], int]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation."""

    method: str
    path: str
    """Behind `base`."""
    handler: Handler
    takes: tuple[str, ...] = ()
    security: Security = Security.NONE
    weight: int | Weight = 1
    places: int = 0
    """How many orders it sends, as the limiter counts them."""
    word: str = ""
    """Its method of `/ws-api/v3`; empty if it has none."""
    base: str = "/api/v3/"

    def weighs(self, told: Parameters) -> int:
        """Return what a request of it counts."""
        return self.weight if isinstance(self.weight, int) else self.weight(told)
