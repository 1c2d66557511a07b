"""The check of the whole journal in the seconds after a start, which looked at its end only."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from engine.adapters.sql.chaincheck import ChainCheck
from engine.adapters.sql.journal import SqlJournal
from engine.adapters.sql.store import Store
from engine.errors import StorageCorrupt, StorageUnavailable
from engine.services.offload import offload

log = logging.getLogger(__name__)


async def check_records(where: Path | Store, journal: SqlJournal, last: int, after_s: float, pause_s: float) -> None:
    """Look at the records up to `last`, piece by piece; the first bad one stops the journal, and so all trading.

    Args:
        where: the journal's database.
        journal: what is stopped.
        last: the last record that there was at the start.
        after_s: wall time until it begins.
        pause_s: wall time between pieces.
    """
    check = ChainCheck(where, last)
    await asyncio.sleep(after_s)
    while not check.done:
        try:
            await offload(check.step)
        except StorageCorrupt as error:
            journal.stop(error)
            return
        except StorageUnavailable as error:
            log.info("check of the journal waits: %s", error)
        await asyncio.sleep(pause_s)
    log.info("journal checked", extra={"records": check.checked})
