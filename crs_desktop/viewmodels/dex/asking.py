"""The confirmation of something that an order or a plan wants: looked at like any other, but sent by who carries it."""

from __future__ import annotations

from crs_desktop.viewmodels.wallet.pipeline import Pipeline
from engine.defi.intent import Intent
from engine.defi.prepared import FeeChoice, FeePreset, Prepared
from engine.errors import InvalidInput, KeysLocked
from engine.ports.keys import KeyStore

Agreed = tuple[Prepared, frozenset[str]]


class AskedPipeline:
    """A `Pipeline` whose last step only notes what was agreed to; `agreed` is that, None until then."""

    def __init__(self, pipeline: Pipeline, keys: KeyStore) -> None:
        self._pipeline, self._keys = pipeline, keys
        self.agreed: Agreed | None = None

    async def prepare(
        self, intent: Intent, fee: FeePreset | FeeChoice = FeePreset.NORMAL, *, allow_unlimited: bool = False
    ) -> Prepared:
        """Prepare it with another fee."""
        return await self._pipeline.prepare(intent, fee, allow_unlimited=allow_unlimited)

    async def refresh(self, prepared: Prepared) -> Prepared:
        """Simulate it again."""
        return await self._pipeline.refresh(prepared)

    def forget(self, prepared: Prepared) -> None:
        """Keep it: who carries it drops it, or goes on with it."""

    async def confirm(self, prepared: Prepared, acknowledged: frozenset[str]) -> Agreed:
        """Return what was looked at; raises InvalidInput while a warning was not accepted, or if it is refused."""
        if prepared.refusals or {each.code for each in prepared.warnings} - acknowledged:
            raise InvalidInput("It cannot be signed like this.")
        return prepared, acknowledged

    async def send(self, confirmed: Agreed) -> Agreed:
        """Note that the person agrees; raises KeysLocked while nothing could be signed."""
        if self._keys.is_locked:
            raise KeysLocked("The wallet is locked: its password is wanted.")
        self.agreed = confirmed
        return confirmed
