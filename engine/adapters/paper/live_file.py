"""What was chosen for the paper accounts on one venue: a small JSON file beside their database."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import dataclass
from pathlib import Path

from engine.domain.order import AccountId
from engine.errors import StorageUnavailable

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class VenueChoices:
    """The account in use (empty: the newest), the pairs that were followed last, and those that are to be recorded."""

    account: AccountId = AccountId("")  # noqa: RUF009 - a text with a name
    followed: tuple[str, ...] = ()
    recorded: tuple[str, ...] = ()


class VenueFile:
    """Reads and writes the choices; nothing is lost with them but convenience."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> VenueChoices:
        """Return what was kept; nothing chosen if there is no file, or none that can be read."""
        try:
            data = json.loads(self._path.read_text(encoding="utf-8"))
            followed, recorded = (tuple(str(each) for each in data.get(name, ())) for name in ("followed", "recorded"))
            if not isinstance(account := data["account"], str):
                raise TypeError("the account is no text")
            return VenueChoices(AccountId(account), followed, recorded)
        except FileNotFoundError:
            return VenueChoices()
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("choices of a venue passed over: %s", error)
            return VenueChoices()

    def save(self, choices: VenueChoices) -> None:
        """Keep them, whole or not at all.

        Raises:
            StorageUnavailable: the disk refuses.
        """
        data = {
            "account": choices.account,
            "followed": list(choices.followed),
            "recorded": list(choices.recorded),
        }
        part = self._path.with_suffix(".part")
        try:
            part.write_text(json.dumps(data, indent=1), encoding="utf-8")
            os.replace(part, self._path)
        except OSError as error:
            raise StorageUnavailable(f"{self._path} cannot be written: {error.strerror}.") from error
