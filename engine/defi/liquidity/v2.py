"""Liquidity of constant-product pairs: what fits the ratio, the shares it gives, and the router's calls for it.

The amounts that are asked for are those that fit now, so that never more leaves than was shown; the least of each is
what slippage leaves of it. Source: UniswapV2Router02.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from engine.defi import abi
from engine.defi.intent import Intent, IntentKind
from engine.defi.liquidity.site import Site, share_token
from engine.defi.pools.v2liquidity import V2Shares, optimal_amounts
from engine.defi.slippage import least_of
from engine.defi.token import Token, TokenAmount
from engine.errors import InvalidInput

ADD = "addLiquidity(address,address,uint256,uint256,uint256,uint256,address,uint256)"
ADD_COIN = "addLiquidityETH(address,uint256,uint256,uint256,address,uint256)"
REMOVE = "removeLiquidity(address,address,uint256,uint256,uint256,address,uint256)"
REMOVE_COIN = "removeLiquidityETH(address,uint256,uint256,uint256,address,uint256)"
REMOVE_COIN_TAXED = "removeLiquidityETHSupportingFeeOnTransferTokens(address,uint256,uint256,uint256,address,uint256)"


@dataclass(frozen=True, slots=True)
class V2Addition:
    """What would go into a pair, and what it gives for it."""

    first: TokenAmount
    """What fits, in the token that the person named (which may be the coin)."""
    second: TokenAmount
    shares: TokenAmount
    part: Fraction
    """Of the pool that the shares would be."""
    slippage_bps: int
    is_first: bool
    """Nobody has shares yet: the amounts set the price."""


@dataclass(frozen=True, slots=True)
class V2Removal:
    """What shares would turn into."""

    shares: TokenAmount
    first: TokenAmount
    second: TokenAmount
    slippage_bps: int


def fitted_addition(
    site: Site, pair: V2Shares, first: TokenAmount, second: TokenAmount, slippage_bps: int
) -> V2Addition:
    """Return what of two amounts a pair would take, and the shares it would give.

    Raises:
        InvalidInput: the pair holds other tokens, or the amounts are worth no share.
    """
    flip = _is_flipped(site, pair, first.token, second.token)
    low, high = (second, first) if flip else (first, second)
    taken0, taken1 = optimal_amounts(pair.pool, low.units, high.units)
    minted = pair.mint(taken0, taken1)
    shares = share_token(site.chain.chain_id, pair.pool.address, first.token, second.token).units(minted.liquidity)
    taken = (taken1, taken0) if flip else (taken0, taken1)
    return V2Addition(
        first.token.units(taken[0]),
        second.token.units(taken[1]),
        shares,
        Fraction(minted.liquidity, minted.after.total_supply),
        slippage_bps,
        pair.total_supply == 0,
    )


def matching_amount(site: Site, pair: V2Shares, given: TokenAmount, other: Token) -> TokenAmount:
    """Return how much of the other token goes with an amount at the pair's ratio, rounded up: nothing is left over.

    Raises:
        InvalidInput: the pair is empty, or holds other tokens.
    """
    flip = _is_flipped(site, pair, given.token, other)
    mine, theirs = (pair.pool.reserve1, pair.pool.reserve0) if flip else (pair.pool.reserve0, pair.pool.reserve1)
    if not mine:
        raise InvalidInput("The pool is empty: whoever adds first sets the price with both amounts.")
    return other.units(-(-given.units * theirs // mine))


def add_intent(site: Site, addition: V2Addition, deadline: int) -> Intent:
    """Return the router's call that adds; both tokens need an allowance for the router first.

    Raises:
        InvalidInput: the least that is accepted would be nothing.
    """
    first, second = addition.first, addition.second
    bps = 0 if addition.is_first else addition.slippage_bps
    least = tuple(_least(each, bps) for each in (first, second))
    if first.token.is_native or second.token.is_native:
        coin, token = (first, second) if first.token.is_native else (second, first)
        low, coin_low = (least[1], least[0]) if first.token.is_native else least
        data = abi.encode(ADD_COIN, token.token.address, token.units, low, coin_low, site.account, deadline)
        value = coin.units
    else:
        wanted = (first.token.address, second.token.address, first.units, second.units)
        data, value = abi.encode(ADD, *wanted, *least, site.account, deadline), 0
    shares = addition.shares
    return Intent(
        IntentKind.ADD_LIQUIDITY,
        site.chain.chain_id,
        site.account,
        site.dex.router,
        f"{site.dex.title}'s router",
        data,
        value,
        leaves=(first, second),
        arrives=(shares.token.units(_least(shares, bps)),),
        deadline=deadline,
        expected=(shares,),
        slippage_bps=addition.slippage_bps,
        route=(f"{first} + {second} → {_percent(addition.part)} of the pool at {site.dex.title}",),
    )


def fitted_removal(
    site: Site, pair: V2Shares, shares: int, first: Token, second: Token, slippage_bps: int
) -> V2Removal:
    """Return what so many shares would turn into; a coin among the tokens arrives as the coin.

    Raises:
        InvalidInput: the pair holds other tokens, or the shares are worth nothing of one of them.
    """
    flip = _is_flipped(site, pair, first, second)
    burned = pair.burn(shares)
    amounts = (burned.amount1, burned.amount0) if flip else (burned.amount0, burned.amount1)
    token = share_token(site.chain.chain_id, pair.pool.address, first, second)
    return V2Removal(token.units(shares), first.units(amounts[0]), second.units(amounts[1]), slippage_bps)


def remove_intent(site: Site, removal: V2Removal, deadline: int, *, taxed: bool = False) -> Intent:
    """Return the router's call that takes liquidity out; the shares need an allowance for the router first.

    Args:
        site: where, and for whom.
        removal: what is to come out.
        deadline: seconds since 1970.
        taxed: the token beside the coin keeps a part of each transfer, so the router must send what is there.

    Raises:
        InvalidInput: the least that is accepted would be nothing.
    """
    first, second = removal.first, removal.second
    least = tuple(_least(each, removal.slippage_bps) for each in (first, second))
    if first.token.is_native or second.token.is_native:
        token = second.token if first.token.is_native else first.token
        low, coin_low = (least[1], least[0]) if first.token.is_native else least
        name = REMOVE_COIN_TAXED if taxed else REMOVE_COIN
        data = abi.encode(name, token.address, removal.shares.units, low, coin_low, site.account, deadline)
    else:
        wanted = (first.token.address, second.token.address, removal.shares.units)
        data = abi.encode(REMOVE, *wanted, *least, site.account, deadline)
    return Intent(
        IntentKind.REMOVE_LIQUIDITY,
        site.chain.chain_id,
        site.account,
        site.dex.router,
        f"{site.dex.title}'s router",
        data,
        leaves=(removal.shares,),
        arrives=(first.token.units(least[0]), second.token.units(least[1])),
        deadline=deadline,
        expected=(first, second),
        slippage_bps=removal.slippage_bps,
        route=(f"{removal.shares} → {first} + {second} at {site.dex.title}",),
    )


def _is_flipped(site: Site, pair: V2Shares, first: Token, second: Token) -> bool:
    """Return whether the second token is the pair's token0."""
    held = site.pooled(first).address, site.pooled(second).address
    if held == (pair.pool.token0, pair.pool.token1):
        return False
    if held == (pair.pool.token1, pair.pool.token0):
        return True
    raise InvalidInput(f"The pool {pair.pool.address} does not hold {first.symbol} and {second.symbol}.")


def _least(amount: TokenAmount, bps: int) -> int:
    least = least_of(amount.units, bps)
    if least <= 0:
        raise InvalidInput(f"{amount} is so little that nothing of it would have to arrive; take more.")
    return least


def _percent(part: Fraction) -> str:
    return f"{float(part) * 100:.4g} %"
