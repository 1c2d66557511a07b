"""The kill switch of an account on a server: it holds what leaves this machine, and is found again as it was left.

Becoming stricter takes effect at once, whatever the disk says; letting more pass takes effect only once it is kept.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from engine.bus import Bus
from engine.domain.course import Breach, StateCause, TradingState, TradingStateChanged
from engine.domain.number import Nanos
from engine.errors import InvalidInput
from engine.risk.gate import RiskGate

Keep = Callable[[TradingStateChanged], Awaitable[None]]
"""Makes a change durable, or raises why it cannot."""


class LocalSwitch:
    """Sets the state of the risk gate, and tells `TradingStateChanged` on the bus."""

    def __init__(
        self, bus: Bus, gate: RiskGate, now: Callable[[], Nanos], keep: Keep, last: TradingStateChanged | None = None
    ) -> None:
        self._bus, self._gate, self._now, self._keep = bus, gate, now, keep
        self.last = last
        """The last change, with its reason; None if there never was one."""
        if last is not None:
            gate.state = last.state

    @property
    def state(self) -> TradingState:
        """What passes now."""
        return self._gate.state

    async def set(
        self,
        state: TradingState,
        reason: str = "",
        cause: StateCause = StateCause.USER,
        breach: Breach | None = None,
    ) -> None:
        """Change what passes, in answer to a breach if so; returns when it is kept.

        Raises:
            InvalidInput: a breach halted trading, and no reason is given for going on.
            StorageUnavailable: the disk refuses. A stricter state holds all the same until the program ends; a laxer
                one does not.
        """
        if state is self.state:
            return
        said = checked_reason(reason, needed=self.needs_reason(state))
        change = TradingStateChanged(state, said, self._now(), cause, breach)
        if state.is_stricter_than(self.state):
            self._take(change)
            await self._keep(change)
        else:
            await self._keep(change)
            self._take(change)

    def needs_reason(self, state: TradingState) -> bool:
        """Whether who lets more pass must say why: after a halt by a breach."""
        return needs_reason(self.state, self.last, state)

    def _take(self, change: TradingStateChanged) -> None:
        self._gate.state, self.last = change.state, change
        self._bus.publish(change)


def needs_reason(now: TradingState, last: TradingStateChanged | None, wanted: TradingState) -> bool:
    """Whether who lets more pass must say why: after a halt by a breach, the last change."""
    halted = now is TradingState.HALTED and now.is_stricter_than(wanted)
    return halted and last is not None and last.cause is StateCause.BREACH


def checked_reason(reason: str, *, needed: bool) -> str:
    """Return a reason as it is kept.

    Raises:
        InvalidInput: one is needed and none is given.
    """
    if needed and not reason.strip():
        raise InvalidInput("A breach of your limits halted trading. Say in a few words why you go on.")
    return reason.strip()
