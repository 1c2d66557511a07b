"""The send pipeline as the window sees it: four steps, and nothing that signs without them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from engine.defi.intent import Intent
from engine.defi.prepared import FeeChoice, FeePreset, Prepared


class Pipeline(Protocol):
    """`engine.services.wallet.pipeline.SendPipeline`, or what stands in for it in a test."""

    async def prepare(
        self, intent: Intent, fee: FeePreset | FeeChoice = FeePreset.NORMAL, *, allow_unlimited: bool = False
    ) -> Prepared:
        """Build and simulate a transaction.

        Raises:
            CrsError: the chain cannot be asked, or the intent is none.
        """
        ...

    async def refresh(self, prepared: Prepared) -> Prepared:
        """Simulate it again on the newest block, with the fees of the moment."""
        ...

    def forget(self, prepared: Prepared) -> None:
        """Drop what was prepared and is not wanted any more."""
        ...

    async def confirm(self, prepared: Prepared, acknowledged: frozenset[str]) -> Any:  # noqa: ANN401 - passed on
        """Return the confirmation of exactly what was shown.

        Raises:
            NotShown: it would do something else now; `fresh` is what.
            CrsError: it is refused, or a warning was not acknowledged.
        """
        ...

    async def send(self, confirmed: Any) -> Any:  # noqa: ANN401 - what `confirm` gave; what was sent
        """Sign and send what was confirmed.

        Raises:
            CrsError: the wallet is locked, or the node refuses.
        """
        ...


Unlock = Callable[[str | None], Awaitable[None]]
"""Opens the keys with a password, or with the one that was remembered; raises a `CrsError` if it does not."""
