"""Blocked addresses: who is, blocking one, letting one in again."""

from __future__ import annotations

from engine.server.http.address import is_address, network_of
from engine.server.http.route import Access, Call, Route
from engine.server.limits import block as limits
from engine.server.principal import Role
from engine.server.refusal import bad_request, not_found
from engine.wire.block import Block, Blocks, LiftBlock, NewBlock
from engine.wire.problem import FieldProblem

STAFF = (Role.ADMIN, Role.SUPPORT)


async def listed(call: Call) -> Blocks:
    """Answer with everybody who is blocked."""
    return Blocks(tuple(told(each) for each in call.services.guard.blocks.active()))


async def block(call: Call) -> Block:
    """Block an address."""
    wanted: NewBlock = call.body
    return told(await call.services.guard.block(network(wanted.address), wanted.minutes * 60.0, wanted.reason))


async def lift(call: Call) -> None:
    """Let an address in again."""
    wanted: LiftBlock = call.body
    if not await call.services.guard.lift(network(wanted.address)):
        raise not_found("That address is not blocked.")


def network(text: str) -> str:
    """Return what is blocked with an address.

    Raises:
        Refusal: it is none.
    """
    address = text.removesuffix("/64") if ":" in text else text
    if not is_address(address):
        sentence = "It must be an IPv4 or IPv6 address."
        raise bad_request(f"The body cannot be used: address. {sentence}", FieldProblem("address", sentence))
    return network_of(address)


def told(block: limits.Block) -> Block:
    """Return a block as it travels."""
    return Block(
        address=block.net, since_ms=int(block.since * 1000), until_ms=int(block.until * 1000), level=block.level,
        reason=block.reason,
    )  # fmt: skip


ROUTES = (
    Route(
        "GET", "/v1/admin/blocks", listed, "Who is blocked", "operators", Blocks, access=Access.SESSION, roles=STAFF
    ),
    Route(
        "POST", "/v1/admin/blocks", block, "Block an address", "operators", Block, status=201, body=NewBlock,
        access=Access.SESSION, roles=(Role.ADMIN,),
    ),
    Route(
        "POST", "/v1/admin/blocks/lift", lift, "Let an address in again", "operators", status=204, body=LiftBlock,
        access=Access.SESSION, roles=STAFF, refuses=(404,),
    ),
)  # fmt: skip
