"""Connects to a chain: endpoints that are of it, and contracts that are what they were given out to be."""

from __future__ import annotations

import ssl
from collections.abc import Sequence

import httpx

from engine.adapters.chain.checks import verified
from engine.adapters.chain.client import RpcClient
from engine.adapters.chain.endpoint import Endpoint, endpoint
from engine.adapters.chain.node import READ_S, Node
from engine.adapters.chain.pool import Pool
from engine.defi import abi
from engine.defi.chain import ChainSpec
from engine.errors import ChainUnavailable
from engine.services.offload import offload


async def connect(
    spec: ChainSpec, endpoints: Sequence[Endpoint | str] = (), *,
    checks: bool = True, timeout_s: float = READ_S, transport: httpx.AsyncBaseTransport | None = None,
) -> RpcClient:  # fmt: skip
    """Return a client of a chain; `close` it.

    `client.spec` is the chain with the exchanges, farms and tokens that are as they should be; `client.refused` says of
    the others why nothing is traded there.

    Args:
        spec: the chain.
        endpoints: in the order in which they are tried; none: those of the spec.
        checks: whether to look at the contracts as well, and not only at the chain's id.
        timeout_s: how long a node may take for the next bytes of an answer.
        transport: for tests.

    Raises:
        WrongChain: the endpoints that answer are of another chain.
        ChainUnavailable: none answers, or there is none.
        InvalidInput: an address of an endpoint is none.
    """
    wanted = [endpoint(each) if isinstance(each, str) else each for each in endpoints or spec.rpc]
    if not wanted:
        raise ChainUnavailable(f"There is no endpoint for {spec.title} yet. Add the address of a node.")
    needs_tls = any(each.url.startswith("https://") for each in wanted)
    tls = await offload(ssl.create_default_context) if needs_tls else None
    await offload(abi.load)
    nodes = [Node(each, tls, transport=transport, timeout_s=timeout_s) for each in wanted]
    client = RpcClient(spec, pool := Pool(spec.chain_id, spec.title, nodes, spec.block_s))
    try:
        await pool.meet()
        if checks:
            found = await verified(client, spec)
            client.spec, client.refused, client.multicall = found.spec, dict(found.refused), found.spec.multicall
    except BaseException:
        await client.close()
        raise
    return client
