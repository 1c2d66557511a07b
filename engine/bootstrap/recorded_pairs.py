"""Which pairs of a venue the user wants recorded: begun and ended on wish, remembered for the next start."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from engine.adapters.recordings.library import Library
from engine.adapters.recordings.recorder import Recorder, RecordingLimits
from engine.errors import InvalidInput
from engine.ports.recording import RecordingNow
from engine.settings import Settings

log = logging.getLogger(__name__)

Keep = Callable[[tuple[str, ...]], Awaitable[None]]


class RecordedPairs:
    """Recording as the user wants it; `wanted` outlives a disk that refuses and the end of the program."""

    def __init__(self, recorder: Recorder, wanted: tuple[str, ...], keep: Keep) -> None:
        """`keep` remembers what is wanted; it may raise `StorageUnavailable`."""
        self._recorder, self._keep = recorder, keep
        self.wanted = wanted

    @property
    def library(self) -> Library:
        """Where the recordings are."""
        return self._recorder.library

    @property
    def limits(self) -> RecordingLimits:
        """How much is kept."""
        return self._recorder.limits

    def now(self) -> list[RecordingNow]:
        """Return how each recording stands."""
        return self._recorder.now()

    def is_on(self, symbol: str) -> bool:
        """Whether a pair is being recorded."""
        return self._recorder.is_on(symbol)

    async def write(self) -> None:
        """Write what was collected by now, so that it can be played."""
        await self._recorder.write()

    async def start(self, symbol: str) -> None:
        """Record a pair from now on, and after the next start.

        Raises:
            InvalidInput: the venue does not list it, or no more can be followed.
            StorageUnavailable: it is recorded, but will not be after the next start.
        """
        await self._recorder.start(symbol)
        log.info("recording of %s began", symbol)
        await self._want((*(each for each in self.wanted if each != symbol), symbol))

    async def stop(self, symbol: str) -> None:
        """Record a pair no more; all of it is on the disk then.

        Raises:
            StorageUnavailable: it is not recorded, but will be again after the next start.
        """
        await self._recorder.stop(symbol)
        log.info("recording of %s ended", symbol)
        await self._want(tuple(each for each in self.wanted if each != symbol))

    async def go_on(self) -> None:
        """Begin again with what was being recorded when the program ended."""
        for symbol in self.wanted:
            try:
                await self._recorder.start(symbol)
            except InvalidInput as error:
                log.warning("%s is not recorded again: %s", symbol, error)
            else:
                log.info("recording of %s goes on, as chosen before; end it with Record", symbol)

    def apply(self, settings: Settings) -> None:
        """Take over changed limits."""
        self._recorder.limits = RecordingLimits.of(settings)

    async def close(self) -> None:
        """Write what waits and end the recordings, which stay wanted; safe to call twice."""
        for each in self._recorder.now():
            log.info("recording of %s ends with its exchange, and goes on when that is opened again", each.symbol)
        await self._recorder.close()

    async def _want(self, wanted: tuple[str, ...]) -> None:
        if wanted != self.wanted:
            self.wanted = wanted
            await self._keep(wanted)
