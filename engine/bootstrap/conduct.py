"""What an engine does alike wherever its account is: on paper here, or on a server."""

from __future__ import annotations

from typing import Protocol

from engine.domain.course import StateCause, TradingState
from engine.profile import Profile, ProfileLock
from engine.risk.gate import RiskGate
from engine.services.deadman import DeadMan
from engine.services.emergency import Emergency, Kill, KillReport
from engine.services.limits import limits_of
from engine.services.riskwatch import RiskWatch
from engine.settings import Settings, save


class Conduct(Protocol):
    """The acts of an engine that has these parts; both kinds inherit them."""

    profile: Profile
    settings: Settings
    gate: RiskGate
    watch: RiskWatch
    emergency: Emergency
    dead_man: DeadMan
    _lock: ProfileLock

    def share_lock(self) -> ProfileLock:
        """Return the right to the profile for an engine that will stand in this one's place."""
        return self._lock.share()

    async def kill(self, reason: str = "", kill: Kill | None = None) -> KillReport:
        """Stop trading, as far as the setting (or `kill`) says; what cannot be done now is done later by itself."""
        return await self.emergency.kill(kill or Kill(self.settings.risk.kill), reason)

    async def on_silence(self) -> None:
        """Do what the dead-man's switch is set to do: take all orders out; by choice only what reduces passes on."""
        state = TradingState.REDUCING if self.settings.risk.dead_man_then == "reduce" else None
        await self.emergency.clear(state, "Nobody had given a sign of life.", StateCause.DEAD_MAN)

    def take(self, settings: Settings) -> Settings:
        """Keep changed settings and let the risk rules go by them; return those before.

        Raises:
            InvalidSetting: the file holds something that must not be overwritten.
            StorageUnavailable: the disk refuses.
        """
        limits = limits_of(settings)
        save(settings, self.profile.settings_file)
        before, self.settings = self.settings, settings
        self.gate.limits = limits
        self.watch.on_breach = settings.risk.on_breach
        if settings.risk.dead_man_s != before.risk.dead_man_s:
            self.dead_man.arm(settings.risk.dead_man_s)
        return before
