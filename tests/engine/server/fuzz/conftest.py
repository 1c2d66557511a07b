"""One server for all that is thrown at it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engine.server.fuzz.town import Town, town


@pytest.fixture(scope="package")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Lend a server with people; what one test leaves behind is there for the next."""
    with town(tmp_path_factory.mktemp("town") / "data") as opened:
        yield opened
