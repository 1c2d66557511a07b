"""What is told to V3's position manager: mint, grow, take out, collect and burn, several at once where they belong.

Source: Uniswap's NonfungiblePositionManager, Multicall, PeripheryPayments.
"""

from __future__ import annotations

from engine.defi import abi
from engine.defi.address import ZERO
from engine.defi.intent import Intent, IntentKind
from engine.defi.liquidity.site import Site
from engine.defi.liquidity.v3 import V3Addition, V3Removal
from engine.defi.token import Token, TokenAmount
from engine.defi.v3math.full import UINT128
from engine.errors import InvalidInput

CREATE = "createAndInitializePoolIfNecessary(address,address,uint24,uint160)"
MINT = "mint((address,address,uint24,int24,int24,uint256,uint256,uint256,uint256,address,uint256))"
GROW = "increaseLiquidity((uint256,uint256,uint256,uint256,uint256,uint256))"
TAKE_OUT = "decreaseLiquidity((uint256,uint128,uint256,uint256,uint256))"
COLLECT = "collect((uint256,address,uint128,uint128))"
BURN = "burn(uint256)"
MULTICALL = "multicall(bytes[])"
UNWRAP = "unwrapWETH9(uint256,address)"
SWEEP = "sweepToken(address,uint256,address)"
REFUND = "refundETH()"


def mint_intent(site: Site, addition: V3Addition, deadline: int) -> Intent:
    """Return the call that opens a position; both tokens need an allowance for the position manager first.

    Raises:
        InvalidInput: nothing would have to be taken at the worst price allowed.
    """
    pool, first, second = addition.pool, addition.first, addition.second
    _check_least(addition.least)
    tokens = site.pooled(first.token).address, site.pooled(second.token).address
    ends = pool.fee, *addition.span, first.units, second.units, *addition.least
    calls = [] if pool.address else [abi.encode(CREATE, *tokens, pool.fee, pool.root)]
    calls.append(abi.encode(MINT, (*tokens, *ends, site.account, deadline)))
    return _adding(site, addition, calls, deadline, "a new position")


def grow_intent(site: Site, addition: V3Addition, deadline: int) -> Intent:
    """Return the call that adds to a position; errors as `mint_intent`."""
    _check_least(addition.least)
    wanted = addition.token_id, addition.first.units, addition.second.units, *addition.least, deadline
    return _adding(site, addition, [abi.encode(GROW, wanted)], deadline, f"position {addition.token_id}")


def take_out_intent(site: Site, removal: V3Removal, deadline: int) -> Intent:
    """Return the one call that takes liquidity out, collects it with all fees, and burns what is empty.

    Raises:
        InvalidInput: nothing would have to arrive.
    """
    calls = []
    if removal.liquidity:
        _check_least(removal.least)
        calls.append(abi.encode(TAKE_OUT, (removal.token_id, removal.liquidity, *removal.least, deadline)))
    least = removal.least[0] + removal.fees[0], removal.least[1] + removal.fees[1]
    due = removal.first, removal.second
    calls += _collecting(site, removal.token_id, _units(due, least))
    if removal.burns:
        calls.append(abi.encode(BURN, removal.token_id))
    expected = tuple(each.token.units(each.units + fee) for each, fee in zip(due, removal.fees, strict=True))
    arrives = tuple(each for each in _units(due, removal.least if removal.liquidity else least) if each.units)
    if not arrives:
        raise InvalidInput(f"Position {removal.token_id} holds nothing that could be taken out.")
    return Intent(
        IntentKind.REMOVE_LIQUIDITY if removal.liquidity else IntentKind.COLLECT,
        site.chain.chain_id,
        site.account,
        site.dex.position_manager,
        f"{site.dex.title}'s position manager",
        _joined(calls),
        leaves=(position_token(site, removal.token_id).units(1),) if removal.burns else (),
        arrives=arrives,
        deadline=deadline if removal.liquidity else None,
        expected=tuple(each for each in expected if each.units),
        slippage_bps=removal.slippage_bps if removal.liquidity else None,
        route=(_taken(site, removal),),
    )


def position_token(site: Site, token_id: int) -> Token:
    """Return a position as what it is to its owner: one piece of the manager's collection."""
    return Token(site.chain.chain_id, site.dex.position_manager, f"position #{token_id}", 0)


def collect_data(token_id: int, recipient: str) -> bytes:
    """Return the call that collects all fees; asked of a node in the owner's name, it says what they are."""
    return abi.encode(COLLECT, (token_id, recipient, UINT128, UINT128))


def _adding(site: Site, addition: V3Addition, calls: list[bytes], deadline: int, where: str) -> Intent:
    amounts = tuple(each for each in (addition.first, addition.second) if each.units)
    value = sum(each.units for each in amounts if each.token.is_native)
    if value:
        calls.append(abi.encode(REFUND))
    words = " + ".join(map(str, amounts))
    return Intent(
        IntentKind.ADD_LIQUIDITY,
        site.chain.chain_id,
        site.account,
        site.dex.position_manager,
        f"{site.dex.title}'s position manager",
        _joined(calls),
        value,
        leaves=amounts,
        deadline=deadline,
        slippage_bps=addition.slippage_bps,
        route=(
            f"{words} → {where}, {addition.pool.fee / 10_000:g} % fee, "
            f"ticks {addition.span.lower} to {addition.span.upper} at {site.dex.title}",
        ),
    )


def _collecting(site: Site, token_id: int, least: tuple[TokenAmount, TokenAmount]) -> list[bytes]:
    """Return the calls that collect to the owner; a coin is unwrapped on the way, through the manager's own hands."""
    coin = next((each for each in least if each.token.is_native), None)
    if coin is None:
        return [collect_data(token_id, site.account)]
    other = least[1] if least[0] is coin else least[0]
    return [
        collect_data(token_id, ZERO),
        abi.encode(UNWRAP, coin.units, site.account),
        abi.encode(SWEEP, other.token.address, other.units, site.account),
    ]


def _units(of: tuple[TokenAmount, TokenAmount], units: tuple[int, int]) -> tuple[TokenAmount, TokenAmount]:
    return of[0].token.units(units[0]), of[1].token.units(units[1])


def _joined(calls: list[bytes]) -> bytes:
    return calls[0] if len(calls) == 1 else abi.encode(MULTICALL, calls)


def _check_least(least: tuple[int, int]) -> None:
    if not any(least):
        raise InvalidInput("With that slippage nothing at all would have to be taken or given; allow less.")


def _taken(site: Site, removal: V3Removal) -> str:
    fees = ", ".join(
        str(each.token.units(fee)) for each, fee in zip((removal.first, removal.second), removal.fees, strict=True)
    )
    if not removal.liquidity:
        return f"Fees of position {removal.token_id} at {site.dex.title}: {fees}"
    end = ", and the position is closed" if removal.burns else ""
    return f"Position {removal.token_id} at {site.dex.title} → {removal.first} + {removal.second}, fees {fees}{end}"
