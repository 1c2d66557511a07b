"""The practice chain as the wallet knows chains: from its manifest to a `ChainSpec`.

It is that of a running chain (with its address), or of a prepared one.
"""

from __future__ import annotations

import msgspec

from engine.adapters.practice.manifest import Deployed, Exchange, Farm
from engine.defi.chain import ChainSpec, DexKind, DexSpec, FarmKind, FarmSpec
from engine.defi.token import NATIVE, Token

SOURCE = "the practice chain's own manifest"
STABLE = ("USDT", "USDC", "DAI")
BLOCK_S = 3.0
"""Between blocks while somebody looks: what the worker is started with, unless told otherwise."""


def chain_spec(deployed: Deployed, url: str = "") -> ChainSpec:
    """Return what the wallet must know, with the address of a running chain if it runs."""
    tokens = {
        each.symbol: Token(deployed.chain_id, each.address, each.symbol, each.decimals, each.name)
        for each in deployed.tokens
    }
    listed = sorted(tokens.values(), key=lambda each: each.symbol not in STABLE)
    return ChainSpec(
        chain_id=deployed.chain_id,
        name="practice",
        title="Practice chain",
        native=Token(deployed.chain_id, NATIVE, "ETH", 18, "Practice Ether"),
        wrapped=tokens["WETH"],
        block_s=BLOCK_S,
        confirmations=1,
        multicall=deployed.multicall,
        source=SOURCE,
        dexes=tuple(_dex(each) for each in deployed.exchanges),
        farms=tuple(_farm(each, tokens[each.reward]) for each in deployed.farms),
        tokens=tuple(listed),
        stables=tuple(tokens[symbol].address for symbol in STABLE),
        is_practice=True,
        rpc=(url,) if url else (),
    )


def from_json(manifest: object, url: str = "") -> ChainSpec:
    """Return it from what `practice_manifest` answers.

    Raises:
        msgspec.ValidationError: that is no manifest.
    """
    return chain_spec(msgspec.convert(manifest, Deployed), url)


def _dex(found: Exchange) -> DexSpec:
    return DexSpec(
        name=found.name,
        title=found.title,
        kind=DexKind(found.kind),
        factory=found.factory,
        router=found.router,
        source=SOURCE,
        fee=found.fee,
        init_code_hash=bytes.fromhex(found.init_code_hash),
        fee_tiers=found.fee_tiers,
        quoter=found.quoter,
        position_manager=found.position_manager,
    )


def _farm(found: Farm, reward: Token) -> FarmSpec:
    return FarmSpec(found.name, found.title, FarmKind(found.kind), found.address, reward, SOURCE)
