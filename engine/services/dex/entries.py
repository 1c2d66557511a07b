"""What was put into a position and taken out of it, read from what the contracts wrote."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction

from engine.defi import abi
from engine.defi.abi.known import COLLECT, DECREASE_LIQUIDITY, INCREASE_LIQUIDITY, TRANSFER, V2_MINT
from engine.defi.address import ZERO
from engine.defi.chain import DexSpec
from engine.defi.liquidity.result import Basis
from engine.defi.liquidity.span import Q192, Span
from engine.defi.v3math.full import Q96
from engine.errors import CrsError
from engine.ports.chain import ChainClient, Log
from engine.services.dex.nft import Held
from engine.services.dex.reading import Ask, answers


@dataclass(frozen=True, slots=True)
class RangeEntry:
    """The past of a V3 position."""

    basis: Basis
    taken: tuple[int, int]
    """Liquidity turned into tokens so far, collected or not."""
    collected: tuple[int, int]
    """Paid out so far, fees and liquidity together."""
    is_priced: bool
    """False: at an addition outside of its range the price of then is not known exactly."""

    def fees(self, owed: tuple[int, int]) -> tuple[int, int]:
        """Return all fees since the beginning: what was paid and what is owed, less liquidity that is in it."""
        first, second = (
            max(0, paid + due - out) for paid, due, out in zip(self.collected, owed, self.taken, strict=True)
        )
        return first, second


def word_of(address: str) -> bytes:
    """Return an address as it stands in a topic."""
    return bytes.fromhex(address[2:]).rjust(32, b"\0")


async def pair_basis(chain: ChainClient, pair: str, account: str, own: Collection[str], first: int) -> Basis:
    """Return what an account put into a V2 pair, from its shares' transfers and what the pair wrote with them.

    Args:
        chain: to ask.
        pair: the pair's address.
        account: whose shares.
        own: farms; shares that go there and come back are the account's all the time.
        first: the block to begin at; what came before makes the basis incomplete.

    Raises:
        ChainUnavailable: nobody answers.
    """
    topic, mine = abi.topic(TRANSFER), word_of(account)
    into = await chain.logs([pair], [topic, None, mine], first, "latest")
    out = await chain.logs([pair], [topic, mine], first, "latest")
    basis = Basis()
    rows = {(each.block, each.index): each for each in (*into, *out)}
    for _, log in sorted(rows.items()):
        moved = abi.decode_log(TRANSFER, log)
        giver, taker, shares = str(moved["from"]), str(moved["to"]), int(moved["value"])
        if giver == taker or giver in own or taker in own:
            continue
        if giver == account:
            basis = basis.removed(shares)
        elif giver == ZERO:
            basis = await _minted(chain, basis, pair, log, shares)
        else:
            basis = basis.unknown(shares, log.block)
    return basis


async def range_entry(chain: ChainClient, dex: DexSpec, held: Held, pool: str, first: int) -> RangeEntry:
    """Return the past of a V3 position.

    Raises:
        ChainUnavailable: nobody answers.
    """
    kinds = {abi.topic(each): each for each in (INCREASE_LIQUIDITY, DECREASE_LIQUIDITY, COLLECT)}
    number = held.token_id.to_bytes(32, "big")
    logs = await chain.logs([dex.position_manager], [tuple(kinds), number], first, "latest")
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    basis, is_priced = Basis(), True
    for log in sorted(logs, key=lambda each: (each.block, each.index)):
        event = kinds[log.topics[0]]
        told = abi.decode_log(event, log)
        amounts = int(told["amount0"]), int(told["amount1"])
        sums[event] = [a + b for a, b in zip(sums[event], amounts, strict=True)]
        if event == INCREASE_LIQUIDITY:
            price, exact = await _price_then(chain, pool, held.span, int(told["liquidity"]), amounts, log.block)
            is_priced &= exact
            basis = basis.added(amounts, int(told["liquidity"]), price, log.block)
        elif event == DECREASE_LIQUIDITY:
            basis = basis.removed(int(told["liquidity"]))
    taken, paid = sums[DECREASE_LIQUIDITY], sums[COLLECT]
    if basis.liquidity != held.liquidity:
        basis = basis.unknown(0, first)
    return RangeEntry(basis, (taken[0], taken[1]), (paid[0], paid[1]), is_priced)


async def _minted(chain: ChainClient, basis: Basis, pair: str, log: Log, shares: int) -> Basis:
    receipt = await chain.receipt(log.transaction)
    topic = abi.topic(V2_MINT)
    minted = [
        each for each in (receipt.logs if receipt else ()) if each.address == pair and each.topics[:1] == (topic,)
    ]
    following = [each for each in minted if each.index > log.index]
    if not following:
        return basis.unknown(shares, log.block)
    told = abi.decode_log(V2_MINT, following[0])
    amounts = int(told["amount0"]), int(told["amount1"])
    return basis.added(amounts, shares, Fraction(amounts[1], amounts[0]), log.block)


async def _price_then(
    chain: ChainClient, pool: str, span: Span, liquidity: int, amounts: tuple[int, int], block: int
) -> tuple[Fraction, bool]:
    """Return the pool's price at an addition, and whether it is known: it follows from the amounts inside a range."""
    lower, upper = span.roots
    if amounts[0] and amounts[1] and liquidity:
        root = lower + amounts[1] * Q96 // liquidity
        return Fraction(root * root, Q192), True
    try:
        (slot,) = await answers(chain, [Ask(pool, "slot0()", "(uint160,int24)")], block)
    except CrsError:
        slot = None
    root = int(slot[0]) if slot else (lower if amounts[0] else upper)
    return Fraction(root * root, Q192), slot is not None
