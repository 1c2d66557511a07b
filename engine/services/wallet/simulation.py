"""What a chain says that transactions would do: all of a batch in one request, from the real sender.

What waits of the same sender goes first, so that a swap is seen after the approval that it needs. Balances of the
tokens that an intent names are read before and after; of all others, logs tell. A node that cannot simulate is asked
to call and to estimate, and what it says is marked as incomplete.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from engine.defi import abi
from engine.defi.address import short
from engine.defi.chain import ChainSpec
from engine.defi.effects import Grant, Move, grants, moves, net, pools_touched
from engine.defi.intent import Approval, Intent, IntentKind
from engine.defi.prepared import Change, Simulation
from engine.defi.token import Token
from engine.errors import NodeRefused, NotSimulated, Reverted
from engine.ports.chain import Call, ChainClient, Simulated, UnsignedTransaction
from engine.services.wallet.tokennames import TokenNames

BALANCE = "balanceOf(address)"
ALLOWANCE = "allowance(address,address)"
MOST_CHANGES = 64
"""Kinds of tokens that a transaction may move: more are there to hide one among them."""
Balances = Mapping[tuple[Token, str], int]
"""Of tokens, by token and account."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of one intent."""

    simulation: Simulation
    held: Mapping[Token, int] = field(default_factory=dict)
    """What the sender has of the intent's tokens when its turn comes."""
    pools: int = 0
    """How many pools took part."""
    stray: tuple[str, ...] = ()
    """Pieces of collections that left though no amount of theirs was named."""


@dataclass(slots=True)
class _Segment:
    """Where one intent and its reads are in the batch."""

    intent: Intent
    pairs: list[tuple[Token, str]]
    before: slice
    at: int
    after: slice


class Simulator:
    """Simulations on one chain."""

    def __init__(self, chain: ChainClient, spec: ChainSpec, names: TokenNames) -> None:
        self._chain = chain
        self._spec = spec
        self._names = names

    async def run(self, intents: Sequence[Intent], before: Sequence[UnsignedTransaction], block: int) -> list[Seen]:
        """Return what each intent would do after those before it.

        Args:
            intents: of one sender, in order.
            before: what waits of the same sender and comes first.
            block: the newest; what is seen is as of it.
        """
        calls = [Call(each.to, each.data, each.value, each.sender) for each in before]
        segments = [_placed(each, calls) for each in intents]
        try:
            told = await self._chain.simulate(calls)
        except NotSimulated:
            return await self._only_called(intents, bool(before), block)
        except (NodeRefused, Reverted) as error:
            return [Seen(Simulation(False, str(error), 0, (), (), block, True)) for _ in intents]
        earlier: dict[tuple[str, str], int] = {}
        return [await self._read_segment(each, told, earlier, block) for each in segments]

    async def _read_segment(
        self, segment: _Segment, told: Sequence[Simulated], earlier: dict[tuple[str, str], int], block: int
    ) -> Seen:
        intent, result = segment.intent, told[segment.at]
        first, then = _balances(segment, told[segment.before]), _balances(segment, told[segment.after])
        held = {token: units for (token, account), units in first.items() if account == intent.sender}
        if not result.ok:
            reason = result.reason or abi.revert_reason(result.data)
            return Seen(Simulation(False, reason, result.gas_used, (), (), block, True), held)
        moved = moves(result.logs, self._spec.wrapped.address)
        given = [each for each in grants(result.logs) if each.owner == intent.sender]
        if (count := _touched(intent, moved, given)) > MOST_CHANGES:
            reason = f"it moves {count:,} tokens of yours, more than anybody would read."
            return Seen(Simulation(False, reason, 0, (), (), 0, True), held)
        changes = await self._changes(intent, moved, first, then)
        approvals = await self._approvals(intent, given, earlier)
        simulation = Simulation(True, "", result.gas_used, changes, approvals, block, True)
        return Seen(simulation, held, pools_touched(result.logs), _stray(intent, moved))

    async def _changes(
        self, intent: Intent, moved: Sequence[Move], first: Balances, then: Balances
    ) -> tuple[Change, ...]:
        """By logs, and by balances where both were read: a log is only what a contract says."""
        found: list[Change] = []
        accounts = dict.fromkeys((intent.sender, intent.recipient or intent.sender))
        plain = [each for each in moved if not each.is_collectible or _is_named(intent, each.token)]
        by_logs = {account: net(plain, account) for account in accounts}
        tokens = await self._names.named({each for told in by_logs.values() for each in told}, _tokens(intent))
        for account, told in by_logs.items():
            units = {tokens[address]: change for address, change in told.items()}
            for (token, whose), before in first.items():
                if whose == account and (token, whose) in then:
                    units[token] = then[token, whose] - before
            found += [Change(account, token.units(change)) for token, change in units.items() if change]
        return tuple(found)

    async def _approvals(
        self, intent: Intent, given: Sequence[Grant], earlier: dict[tuple[str, str], int]
    ) -> tuple[Approval, ...]:
        last = {(each.token, each.spender): each for each in given}
        unread = [each for each in last if each not in earlier]
        asked = [Call(token, abi.encode(ALLOWANCE, intent.sender, spender)) for token, spender in unread]
        for each, outcome in zip(unread, await self._chain.read(asked) if asked else [], strict=True):
            earlier[each] = int.from_bytes(outcome.data[:32], "big") if outcome.ok else 0
        tokens = await self._names.named([token for token, _ in last], _tokens(intent))
        found = []
        for (address, spender), grant in last.items():
            before = 0 if grant.is_for_all else earlier[address, spender]
            found.append(Approval(tokens[address], spender, short(spender), grant.units, before))
            earlier[address, spender] = grant.units
        return tuple(found)

    async def _only_called(self, intents: Sequence[Intent], is_behind: bool, block: int) -> list[Seen]:
        """Without simulation: the first can be called, the others stand on what is not there yet."""
        later = Simulation(
            False,
            "this node cannot look past a transaction that is not in a block yet. Send the first, wait for it, then go "
            "on.",
            0,
            (),
            (),
            0,
            False,
        )
        if is_behind:
            return [Seen(later) for _ in intents]
        return [await self._called(intents[0], block), *(Seen(later) for _ in intents[1:])]

    async def _called(self, intent: Intent, block: int) -> Seen:
        pairs = _pairs(intent)
        reads = [Call(token.address, abi.encode(BALANCE, account)) for token, account in pairs]
        told = await self._chain.read(reads) if reads else []
        held = {
            token: int.from_bytes(each.data[:32], "big")
            for (token, account), each in zip(pairs, told, strict=True)
            if account == intent.sender and each.ok
        }
        call = Call(intent.to, intent.data, intent.value, intent.sender)
        try:
            await self._chain.call(call)
            gas = await self._chain.estimate_gas(call)
        except (Reverted, NodeRefused) as error:
            return Seen(Simulation(False, str(error), 0, (), (), block, False), held)
        return Seen(Simulation(True, "", gas, _promised(intent), (), block, False), held)


def _placed(intent: Intent, calls: list[Call]) -> _Segment:
    """Put an intent and the reads around it at the end of a batch."""
    pairs = _pairs(intent)
    reads = [Call(token.address, abi.encode(BALANCE, account)) for token, account in pairs]
    start = len(calls)
    calls += [*reads, Call(intent.to, intent.data, intent.value, intent.sender), *reads]
    at = start + len(reads)
    return _Segment(intent, pairs, slice(start, at), at, slice(at + 1, at + 1 + len(reads)))


def _pairs(intent: Intent) -> list[tuple[Token, str]]:
    """Whose balances of which tokens are read."""
    receiver = intent.recipient or intent.sender
    wanted = [(each.token, intent.sender) for each in (*intent.leaves, *intent.arrives)]
    wanted += [(each.token, receiver) for each in intent.arrives]
    return list(dict.fromkeys(each for each in wanted if not each[0].is_native))


def _balances(segment: _Segment, told: Sequence[Simulated]) -> dict[tuple[Token, str], int]:
    return {
        pair: int.from_bytes(each.data[:32], "big")
        for pair, each in zip(segment.pairs, told, strict=True)
        if each.ok and len(each.data) >= 32
    }


def _tokens(intent: Intent) -> list[Token]:
    approved = [intent.approval.token] if intent.approval is not None else []
    return [each.token for each in (*intent.leaves, *intent.arrives, *intent.expected)] + approved


def _is_named(intent: Intent, address: str) -> bool:
    return any(each.address == address for each in _tokens(intent))


def _touched(intent: Intent, moved: Sequence[Move], given: Sequence[Grant]) -> int:
    """How many balances and allowances would have to be shown."""
    accounts = {intent.sender, intent.recipient or intent.sender}
    tokens = {each.token for each in moved if each.source in accounts or each.target in accounts}
    return len(tokens) + len({(each.token, each.spender) for each in given})


def _stray(intent: Intent, moved: Sequence[Move]) -> tuple[str, ...]:
    """Pieces that left, of collections that the intent does not name."""
    left = net([each for each in moved if each.is_collectible and not _is_named(intent, each.token)], intent.sender)
    return tuple(f"{-units} of the collection {address}" for address, units in left.items() if units < 0)


def _promised(intent: Intent) -> tuple[Change, ...]:
    leaving = [Change(intent.sender, replace(each, units=-each.units)) for each in intent.leaves]
    if intent.kind is IntentKind.SEND and intent.recipient == intent.sender:
        return ()
    return (*leaving, *(Change(intent.recipient or intent.sender, each) for each in intent.arrives))
