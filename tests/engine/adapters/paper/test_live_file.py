"""The choices of a venue: kept whole, and never in the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.adapters.paper.live_file import VenueChoices, VenueFile
from engine.domain.order import AccountId
from engine.errors import StorageUnavailable


def test_choices_come_back(tmp_path: Path) -> None:
    file = VenueFile(tmp_path / "venue.json")
    assert file.load() == VenueChoices()
    chosen = VenueChoices(AccountId("PAPER-2"), ("BTC/USDT", "ETH/USDT"))
    file.save(chosen)

    assert file.load() == chosen
    assert [each.name for each in tmp_path.iterdir()] == ["venue.json"]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"account": 1}', '{"account": "A", "followed": 3}'])
def test_a_damaged_file_is_passed_over(text: str, tmp_path: Path) -> None:
    (tmp_path / "venue.json").write_text(text)

    assert VenueFile(tmp_path / "venue.json").load() == VenueChoices()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable, match="cannot be written"):
        VenueFile(tmp_path / "none" / "venue.json").save(VenueChoices())
