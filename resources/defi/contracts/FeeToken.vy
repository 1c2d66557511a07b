# pragma version 0.4.3
# SPDX-License-Identifier: MIT
"""
@title An ERC-20 token that keeps a part of every transfer
@notice `fee_bps` ten-thousandths of what is sent are burned on the way: less arrives than left.
"""
from ethereum.ercs import IERC20

implements: IERC20

name: public(String[48])
symbol: public(String[16])
decimals: public(uint8)
totalSupply: public(uint256)
balanceOf: public(HashMap[address, uint256])
allowance: public(HashMap[address, HashMap[address, uint256]])
owner: public(address)
fee_bps: public(immutable(uint256))


@deploy
def __init__(name: String[48], symbol: String[16], decimals: uint8, supply: uint256, fee_bps_: uint256):
    self.name = name
    self.symbol = symbol
    self.decimals = decimals
    assert fee_bps_ < 10_000, "the fee is more than everything"
    fee_bps = fee_bps_
    self.owner = msg.sender
    self._mint(msg.sender, supply)


@external
def transfer(to: address, amount: uint256) -> bool:
    self._move(msg.sender, to, amount)
    return True


@external
def transferFrom(sender: address, to: address, amount: uint256) -> bool:
    allowed: uint256 = self.allowance[sender][msg.sender]
    if allowed != max_value(uint256):
        assert allowed >= amount, "insufficient allowance"
        self.allowance[sender][msg.sender] = allowed - amount
    self._move(sender, to, amount)
    return True


@external
def approve(spender: address, amount: uint256) -> bool:
    self.allowance[msg.sender][spender] = amount
    log IERC20.Approval(owner=msg.sender, spender=spender, value=amount)
    return True


@external
def mint(to: address, amount: uint256):
    assert msg.sender == self.owner, "only the owner can mint"
    self._mint(to, amount)


@internal
def _mint(to: address, amount: uint256):
    self.totalSupply += amount
    self.balanceOf[to] += amount
    log IERC20.Transfer(sender=empty(address), receiver=to, value=amount)


@internal
def _move(sender: address, to: address, amount: uint256):
    assert to != empty(address), "transfer to nobody"
    assert self.balanceOf[sender] >= amount, "insufficient balance"
    fee: uint256 = amount * fee_bps // 10_000
    self.balanceOf[sender] -= amount
    self.balanceOf[to] += amount - fee
    self.totalSupply -= fee
    log IERC20.Transfer(sender=sender, receiver=to, value=amount - fee)
    if fee != 0:
        log IERC20.Transfer(sender=sender, receiver=empty(address), value=fee)
