"""What stands where on the practice chain, as data that is kept beside its state and told to whoever asks."""

from __future__ import annotations

import msgspec


class TokenMade(msgspec.Struct, frozen=True):
    """A token."""

    symbol: str
    name: str
    decimals: int
    address: str
    dollars: str
    """Its price at the beginning, as a fraction: "3318" or "46/5"."""


class Exchange(msgspec.Struct, frozen=True):
    """An exchange; `kind` is "v2" or "v3"."""

    name: str
    title: str
    kind: str
    factory: str
    router: str
    fee: tuple[int, int] = (997, 1_000)
    """V2: what of the input counts, numerator and denominator."""
    init_code_hash: str = ""
    """Hex without 0x."""
    fee_tiers: tuple[int, ...] = ()
    quoter: str = ""
    position_manager: str = ""
    tick_lens: str = ""


class PoolMade(msgspec.Struct, frozen=True):
    """A pool that was made at the beginning."""

    dex: str
    address: str
    first: str
    second: str
    """Symbols."""
    fee: int
    """V3: hundredths of a basis point; V2: 0."""


class Farm(msgspec.Struct, frozen=True):
    """A contract that pays rewards; `kind` is "staking-rewards" or "master-chef"."""

    name: str
    title: str
    kind: str
    address: str
    reward: str
    """Symbol."""
    staked: tuple[str, ...]
    """Addresses of what can be staked; a MasterChef's pools in their order."""


class Deployed(msgspec.Struct, frozen=True):
    """All of it."""

    chain_id: int
    multicall: str
    operator: str
    agent: str
    faucet: str
    tokens: tuple[TokenMade, ...]
    exchanges: tuple[Exchange, ...]
    pools: tuple[PoolMade, ...]
    farms: tuple[Farm, ...]

    def token(self, symbol: str) -> str:
        """Return a token's address."""
        return next(each.address for each in self.tokens if each.symbol == symbol)

    def exchange(self, name: str) -> Exchange:
        """Return an exchange by its name."""
        return next(each for each in self.exchanges if each.name == name)

    def pool(self, dex: str, first: str, second: str, fee: int = 0) -> str:
        """Return a pool's address; the order of the tokens does not matter."""
        wanted = {first, second}
        return next(
            each.address
            for each in self.pools
            if each.dex == dex and {each.first, each.second} == wanted and each.fee == fee
        )


def read(text: bytes | str) -> Deployed:
    """Read a manifest.

    Raises:
        msgspec.MsgspecError: it is none, or of another version.
    """
    return msgspec.json.decode(text, type=Deployed)


def written(deployed: Deployed) -> bytes:
    """Return a manifest as JSON."""
    return msgspec.json.encode(deployed)
