"""Our figures against the chain's own: V2's `getAmountsOut` and `getAmountsIn`, V3's QuoterV2, at the same block."""

from __future__ import annotations

from dataclasses import dataclass

from engine.defi import abi
from engine.defi.chain import ChainSpec, DexKind, DexSpec
from engine.defi.intents.swap import packed_path
from engine.defi.pools.v3 import V3Pool
from engine.defi.refusal import WouldRevert
from engine.defi.routes.path import Path, walked, walked_back
from engine.errors import InvalidInput, Reverted
from engine.ports.chain import Call, ChainClient
from engine.services.dex.quoterow import QuoteRow


@dataclass(frozen=True, slots=True)
class Compared:
    """A path by itself, on pools that no other part of the swap has moved."""

    line: str
    ours: int
    """Units that come out; exact-out: that go in."""
    theirs: int | None
    """None: the chain could not say."""
    reason: str = ""

    @property
    def is_equal(self) -> bool:
        """Whether both are the same to the unit."""
        return self.ours == self.theirs


async def verify(chain: ChainClient, spec: ChainSpec, row: QuoteRow) -> list[Compared]:
    """Ask the chain for each path of a row, at the row's block.

    Raises:
        InvalidInput: the row's tokens keep a part of transfers, which no quoter knows of, or its exchanges are mixed.
        ChainUnavailable: nobody answers.
    """
    if row.tax:
        raise InvalidInput("Quoters do not know what a token keeps of a transfer; the simulation of the swap does.")
    found = []
    for path, line in zip(row.paths, row.lines, strict=True):
        dex = spec.dex(path.edges[0].market.dex)
        if dex is None or len(path.dexes) > 1:
            raise InvalidInput("No contract of one exchange can quote a path through several.")
        ours = _ours(path, row.is_exact_in)
        try:
            answer = await chain.call(_question(dex, path, row.is_exact_in), row.block)
        except Reverted as error:
            found.append(Compared(line, ours, None, error.reason))
            continue
        found.append(Compared(line, ours, _answer(dex, answer, row.is_exact_in)))
    return found


def _ours(path: Path, exact_in: bool) -> int:
    try:
        return (
            walked(path.edges, path.amount_in).amount_out
            if exact_in
            else walked_back(path.edges, path.amount_out).amount_in
        )
    except WouldRevert as refusal:
        raise InvalidInput(str(refusal)) from refusal


def _question(dex: DexSpec, path: Path, exact_in: bool) -> Call:
    amount = path.amount_in if exact_in else path.amount_out
    if dex.kind is DexKind.V2:
        name = f"getAmounts{'Out' if exact_in else 'In'}(uint256,address[])"
        return Call(dex.router, abi.encode(name, amount, list(path.tokens)))
    fees = [each.market.pool.fee for each in path.edges if isinstance(each.market.pool, V3Pool)]
    tokens = path.tokens
    packed = packed_path(tokens, fees) if exact_in else packed_path(tokens[::-1], fees[::-1])
    return Call(dex.quoter, abi.encode(f"quoteExact{'Input' if exact_in else 'Output'}(bytes,uint256)", packed, amount))


def _answer(dex: DexSpec, answer: bytes, exact_in: bool) -> int:
    if dex.kind is DexKind.V2:
        (amounts,) = abi.decode("(uint256[])", answer)
        return int(amounts[-1] if exact_in else amounts[0])
    return int.from_bytes(answer[:32], "big")
