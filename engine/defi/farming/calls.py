"""The intents of somebody who stakes: stake, take back, claim, and leave.

What must arrive when rewards are claimed is what was owed when it was read: it only grows. A deposit to a MasterChef,
and a withdrawal from it, pays what is owed as well; that is expected then and not demanded, so that a farm that has
run out of rewards still gives the stake back.
"""

from __future__ import annotations

from collections.abc import Iterable

from engine.defi import abi
from engine.defi.farming.farm import Farm, Stake, is_chef
from engine.defi.intent import Intent, IntentKind
from engine.defi.token import TokenAmount
from engine.errors import InvalidInput


def stake_intent(farm: Farm, account: str, units: int, pending: int = 0) -> Intent:
    """Return the call that stakes; the staked token needs an allowance for the farm first.

    Args:
        farm: where.
        account: whose.
        units: of the staked token.
        pending: the reward owed now, which a MasterChef pays along.

    Raises:
        InvalidInput: nothing would be staked.
    """
    if units <= 0:
        raise InvalidInput("Say how much to stake: it must be more than 0.")
    amount = farm.staked.units(units)
    if is_chef(farm.spec):
        data, paid = abi.encode("deposit(uint256,uint256)", farm.number, units), pending
    else:
        data, paid = abi.encode("stake(uint256)", units), 0
    expected = _summed([farm.spec.reward.units(paid)])
    return _intent(IntentKind.STAKE, farm, account, data, f"{amount} → {farm.title}", (amount,), (), expected)


def unstake_intent(stake: Stake, units: int) -> Intent:
    """Return the call that takes a part of a stake back.

    Raises:
        InvalidInput: nothing, or more than is staked.
    """
    farm = stake.farm
    _check_part(stake, units)
    back, owed = farm.staked.units(units), 0
    if is_chef(farm.spec):
        data, owed = abi.encode("withdraw(uint256,uint256)", farm.number, units), stake.pending
    else:
        data = abi.encode("withdraw(uint256)", units)
    expected = _summed([back, farm.spec.reward.units(owed)])
    return _intent(IntentKind.UNSTAKE, farm, stake.account, data, f"{farm.title} → {back}", (), (back,), expected)


def claim_intent(stake: Stake) -> Intent:
    """Return the call that pays the rewards and leaves the stake where it is.

    Raises:
        InvalidInput: nothing is owed.
    """
    farm = stake.farm
    if stake.pending <= 0:
        raise InvalidInput(f"{farm.title} owes this account nothing yet.")
    reward = farm.spec.reward.units(stake.pending)
    data = abi.encode("deposit(uint256,uint256)", farm.number, 0) if is_chef(farm.spec) else abi.encode("getReward()")
    return _intent(IntentKind.CLAIM, farm, stake.account, data, f"{farm.title} → {reward}", (), (reward,), (reward,))


def leave_intent(stake: Stake) -> Intent:
    """Return the one call that takes everything back, with its rewards.

    Raises:
        InvalidInput: nothing is staked.
    """
    farm = stake.farm
    if is_chef(farm.spec):
        return unstake_intent(stake, stake.amount)
    _check_part(stake, stake.amount)
    back = farm.staked.units(stake.amount)
    due = _summed([back, farm.spec.reward.units(stake.pending)])
    words = " + ".join(map(str, due))
    return _intent(
        IntentKind.UNSTAKE, farm, stake.account, abi.encode("exit()"), f"{farm.title} → {words}", (), due, due
    )


def rescue_intent(stake: Stake) -> Intent:
    """Return the call that takes a stake out of a MasterChef without its rewards, for one that cannot pay them.

    Raises:
        InvalidInput: nothing is staked, or this kind of farm has no such way out.
    """
    farm = stake.farm
    _check_part(stake, stake.amount)
    if not is_chef(farm.spec):
        raise InvalidInput(f"{farm.title} needs no other way out: a withdrawal does not depend on its rewards.")
    back = farm.staked.units(stake.amount)
    data = abi.encode("emergencyWithdraw(uint256)", farm.number)
    words = f"{farm.title} → {back}, giving up what it owes"
    return _intent(IntentKind.UNSTAKE, farm, stake.account, data, words, (), (back,), (back,))


def _intent(
    kind: IntentKind,
    farm: Farm,
    account: str,
    data: bytes,
    words: str,
    leaves: tuple[TokenAmount, ...],
    arrives: tuple[TokenAmount, ...],
    expected: tuple[TokenAmount, ...],
) -> Intent:
    return Intent(
        kind,
        farm.staked.chain_id,
        account,
        farm.spec.address,
        farm.spec.title,
        data,
        leaves=leaves,
        arrives=arrives,
        expected=expected,
        route=(words,),
    )


def _summed(amounts: Iterable[TokenAmount]) -> tuple[TokenAmount, ...]:
    """Return amounts with those of the same token added up, without those of nothing."""
    found: dict[object, TokenAmount] = {}
    for each in amounts:
        before = found.get(each.token.key)
        found[each.token.key] = each.token.units(each.units + (before.units if before else 0))
    return tuple(each for each in found.values() if each.units)


def _check_part(stake: Stake, units: int) -> None:
    if stake.amount <= 0:
        raise InvalidInput(f"This account has nothing in {stake.farm.title}.")
    if not 0 < units <= stake.amount:
        most = stake.farm.staked.units(stake.amount)
        raise InvalidInput(f"{most} are staked: take more than 0 and no more than that.")
