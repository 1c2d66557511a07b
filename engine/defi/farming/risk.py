"""What a farm's promise rests on, said in sentences a person can hold against it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from engine.defi.chain import FarmKind
from engine.defi.farming.farm import BONUS, DAY_S, Farm
from engine.defi.yields.loss import pair_loss

THIN = 20
"""A pool is thin for a reward if a week of the farm's rewards is more than one part in so many of it."""
HIGH_APR = 1.0
SOON_S = 14 * DAY_S


@dataclass(frozen=True, slots=True)
class RewardPrice:
    """Where the reward's price comes from."""

    price: Decimal
    """In the chain's stable coin, for a whole token."""
    depth: Decimal | None
    """Value in the pool that it comes from."""


def risks(farm: Farm, reward: RewardPrice | None, apr: float | None, block_s: float) -> tuple[str, ...]:
    """Return what to mind about a farm, the gravest first.

    Args:
        farm: as it is.
        reward: what its reward is worth, if that is known.
        apr: what it seems to pay a year, if that is known.
        block_s: seconds between blocks.
    """
    return (*_payment(farm, block_s), *_price(farm, reward, apr), *_nature(farm))


def _payment(farm: Farm, block_s: float) -> Iterable[str]:
    symbol = farm.spec.reward.symbol
    if not farm.is_funded:
        yield f"The contract holds less {symbol} than it has promised: the last to claim may get nothing."
    if farm.ends_at is not None and farm.at >= farm.ends_at:
        yield f"It stopped paying on {_day(farm.ends_at)}; a stake earns nothing more until somebody funds it again."
    elif farm.ends_at is not None:
        left = farm.ends_at - farm.at
        soon = " soon" if left < SOON_S else ""
        yield f"It stops paying{soon}, on {_day(farm.ends_at)} (in {_span(left)}), unless somebody funds it again."
    if farm.eases_at_block is not None:
        left = int((farm.eases_at_block - farm.block) * block_s)
        yield f"It pays {BONUS} times its rate until block {farm.eases_at_block:,} (about {_span(left)}), then a tenth."
    if not farm.rate and (farm.ends_at is None or farm.at < farm.ends_at):
        yield f"It pays no {symbol} at the moment."


def _price(farm: Farm, reward: RewardPrice | None, apr: float | None) -> Iterable[str]:
    symbol = farm.spec.reward.symbol
    if reward is None:
        yield f"{symbol} has no price here, so what the rewards are worth is not known."
        return
    weekly = farm.spec.reward.units(int(farm.rate * 7 * DAY_S)).exact * reward.price
    if reward.depth is not None and weekly * THIN > reward.depth:
        yield (
            f"The price of {symbol} comes from a thin pool of about ${reward.depth:,.0f}, against ${weekly:,.0f} of "
            "rewards a week: whoever sells them moves it down, and the yield with it."
        )
    if apr is not None and apr > HIGH_APR:
        yield f"A rate of {apr:.0%} rarely lasts: it falls as others stake and as {symbol} is sold."


def _nature(farm: Farm) -> Iterable[str]:
    if farm.pair is not None:
        first, second = (each.symbol for each in farm.pair)
        yield (
            f"What is staked is a share of a pool of {first} and {second}: if one of them doubles against the other, "
            f"it is worth {-pair_loss(2.0):.1%} less than both kept ({-pair_loss(4.0):.0%} if it goes fourfold)."
        )
    if farm.spec.kind is FarmKind.MASTER_CHEF:
        yield "Its owner can change how the rewards are shared at any time."


def _day(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _span(seconds: int) -> str:
    if seconds >= 2 * DAY_S:
        return f"{seconds // DAY_S} days"
    return f"{max(seconds, 0) / 3600:.1f} hours"
