"""The kill switch of a profile: journaled, so that a restart finds it as it was left.

Becoming stricter takes effect at once, whatever the disk says; letting more pass takes effect only when
that is durable. Of several changes under way the last one holds.
"""

from __future__ import annotations

from engine.adapters.paper.venue import PaperVenue, durable
from engine.bus import Bus
from engine.domain.course import Breach, StateCause, TradingState, TradingStateChanged
from engine.risk.gate import RiskGate
from engine.services.switch import checked_reason, needs_reason


class KillSwitch:
    """Sets the state of the risk gate; `close` lets go of the bus."""

    def __init__(
        self, bus: Bus, venue: PaperVenue, gate: RiskGate, state: TradingState, last: TradingStateChanged | None = None
    ) -> None:
        self._venue, self._gate = venue, gate
        self.last = last
        """The last change, with its reason; None if there never was one."""
        self._asked: TradingStateChanged | None = None
        """The last change that is not durable yet."""
        gate.state = state
        self._subscription = bus.subscribe(TradingStateChanged, self._on_durable)

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
        """Change what passes, in answer to a breach if so; returns when it is durable.

        Raises:
            InvalidInput: a breach halted trading, and no reason is given for going on.
            StorageUnavailable: the disk refuses. A stricter state holds all the same and is written as soon as
                the disk allows; a laxer one does not.
        """
        if self._asked is None and state is self.state:
            return
        said = checked_reason(reason, needed=self.needs_reason(state))
        if self.state.is_stricter_than(state):
            self._venue.check_open()
        else:
            self._gate.state = state
        self._asked = TradingStateChanged(state, said, self._venue.market.now, cause, breach)
        await durable(self._venue.record([self._asked]))

    def needs_reason(self, state: TradingState) -> bool:
        """Whether who lets more pass must say why: after a halt by a breach."""
        return needs_reason(self.state, self.last, state)

    def close(self) -> None:
        """Hear nothing any more."""
        self._subscription.close()

    def _on_durable(self, change: TradingStateChanged) -> None:
        self.last = change
        if change is self._asked:
            self._gate.state, self._asked = change.state, None
