"""Keeps the farms paying: a StakingRewards contract whose period is over gets a new one when the chain is started."""

from __future__ import annotations

from engine.adapters.practice.catalogue import STAKING_REWARD
from engine.adapters.practice.manifest import Deployed
from engine.adapters.practice.sender import Sender


def renew(operator: Sender, deployed: Deployed, now: int) -> int:
    """Pay the reward of another period into each farm whose last one is over, and return how many were.

    Args:
        operator: the account that may mint the reward token and tell the farms of rewards.
        deployed: where they are.
        now: the chain's time, seconds since 1970.
    """
    ended = [
        each
        for each in deployed.farms
        if each.kind == "staking-rewards" and operator.number(each.address, "periodFinish()") <= now
    ]
    for farm in ended:
        reward = STAKING_REWARD * 10**18
        operator.send(deployed.token(farm.reward), "mint(address,uint256)", farm.address, reward)
        operator.send(farm.address, "notifyRewardAmount(uint256)", reward)
    return len(ended)
