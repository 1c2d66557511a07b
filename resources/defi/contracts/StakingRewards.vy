# pragma version 0.4.3
# SPDX-License-Identifier: MIT
"""
@title Staking that pays a fixed amount a second, shared by stake
@notice The public interface is that of Synthetix's StakingRewards, so a wallet that knows one knows the other.
@dev Written anew. `_per_token` is what one whole staked unit (1e18) has earned since the beginning, scaled by 1e18.
"""
from ethereum.ercs import IERC20

event RewardAdded:
    reward: uint256

event Staked:
    user: indexed(address)
    amount: uint256

event Withdrawn:
    user: indexed(address)
    amount: uint256

event RewardPaid:
    user: indexed(address)
    reward: uint256

event RewardsDurationUpdated:
    newDuration: uint256

SCALE: constant(uint256) = 10**18

owner: public(address)
rewardsDistribution: public(address)
rewardsToken: public(immutable(address))
stakingToken: public(immutable(address))
periodFinish: public(uint256)
rewardRate: public(uint256)
rewardsDuration: public(uint256)
lastUpdateTime: public(uint256)
rewardPerTokenStored: public(uint256)
userRewardPerTokenPaid: public(HashMap[address, uint256])
rewards: public(HashMap[address, uint256])
totalSupply: public(uint256)
balanceOf: public(HashMap[address, uint256])


@deploy
def __init__(owner_: address, distribution: address, rewards_token: address, staking_token: address):
    self.owner = owner_
    self.rewardsDistribution = distribution
    rewardsToken = rewards_token
    stakingToken = staking_token
    self.rewardsDuration = 60 * 86400


@external
@view
def lastTimeRewardApplicable() -> uint256:
    return self._until()


@external
@view
def rewardPerToken() -> uint256:
    return self._per_token()


@external
@view
def earned(account: address) -> uint256:
    return self._earned(account)


@external
@view
def getRewardForDuration() -> uint256:
    return self.rewardRate * self.rewardsDuration


@external
@nonreentrant
def stake(amount: uint256):
    self._account_for(msg.sender)
    assert amount > 0, "Cannot stake 0"
    self.totalSupply += amount
    self.balanceOf[msg.sender] += amount
    assert extcall IERC20(stakingToken).transferFrom(msg.sender, self, amount, default_return_value=True)
    log Staked(user=msg.sender, amount=amount)


@external
@nonreentrant
def withdraw(amount: uint256):
    self._account_for(msg.sender)
    self._withdraw(msg.sender, amount)


@external
@nonreentrant
def getReward():
    self._account_for(msg.sender)
    self._pay(msg.sender)


@external
@nonreentrant
def exit():
    self._account_for(msg.sender)
    self._withdraw(msg.sender, self.balanceOf[msg.sender])
    self._pay(msg.sender)


@external
def notifyRewardAmount(reward: uint256):
    assert msg.sender == self.rewardsDistribution, "Caller is not RewardsDistribution contract"
    self._account_for(empty(address))
    if block.timestamp >= self.periodFinish:
        self.rewardRate = reward // self.rewardsDuration
    else:
        left: uint256 = (self.periodFinish - block.timestamp) * self.rewardRate
        self.rewardRate = (reward + left) // self.rewardsDuration
    held: uint256 = staticcall IERC20(rewardsToken).balanceOf(self)
    if rewardsToken == stakingToken:
        held -= self.totalSupply
    assert self.rewardRate <= held // self.rewardsDuration, "Provided reward too high"
    self.lastUpdateTime = block.timestamp
    self.periodFinish = block.timestamp + self.rewardsDuration
    log RewardAdded(reward=reward)


@external
def setRewardsDuration(duration: uint256):
    assert msg.sender == self.owner, "Only the contract owner may perform this action"
    assert block.timestamp > self.periodFinish, "Previous rewards period must be complete"
    assert duration > 0, "A period lasts longer than nothing"
    self.rewardsDuration = duration
    log RewardsDurationUpdated(newDuration=duration)


@internal
@view
def _until() -> uint256:
    return min(block.timestamp, self.periodFinish)


@internal
@view
def _per_token() -> uint256:
    if self.totalSupply == 0:
        return self.rewardPerTokenStored
    passed: uint256 = self._until() - self.lastUpdateTime
    return self.rewardPerTokenStored + passed * self.rewardRate * SCALE // self.totalSupply


@internal
@view
def _earned(account: address) -> uint256:
    fresh: uint256 = self._per_token() - self.userRewardPerTokenPaid[account]
    return self.balanceOf[account] * fresh // SCALE + self.rewards[account]


@internal
def _account_for(account: address):
    self.rewardPerTokenStored = self._per_token()
    self.lastUpdateTime = self._until()
    if account != empty(address):
        self.rewards[account] = self._earned(account)
        self.userRewardPerTokenPaid[account] = self.rewardPerTokenStored


@internal
def _withdraw(account: address, amount: uint256):
    assert amount > 0, "Cannot withdraw 0"
    assert self.balanceOf[account] >= amount, "Cannot withdraw more than is staked"
    self.totalSupply -= amount
    self.balanceOf[account] -= amount
    assert extcall IERC20(stakingToken).transfer(account, amount, default_return_value=True)
    log Withdrawn(user=account, amount=amount)


@internal
def _pay(account: address):
    reward: uint256 = self.rewards[account]
    if reward > 0:
        self.rewards[account] = 0
        assert extcall IERC20(rewardsToken).transfer(account, reward, default_return_value=True)
        log RewardPaid(user=account, reward=reward)
