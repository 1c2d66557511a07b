"""Settings of upstream markets that cannot be are refused in a sentence that names them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.errors import InvalidSetting
from engine.server.hall.assembly import addressed
from engine.server.run import serve
from engine.server.settings import load_settings


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"upstream": ("mtgox",)}, "'mtgox' is no public exchange here; choose of binance"),
        ({"upstream": ("kraken", "kraken")}, "named twice"),
        ({"upstream": ("kraken",), "role": "api", "redis": "redis://127.0.0.1"}, "need role all"),
        ({"upstream": ("kraken",), "upstream_pairs": ("BTCUSDT",)}, "write it like BTC/USDT"),
        ({"upstream": ("kraken",), "upstream_urls": {"kraken": "http://10.0.0.1:1"}}, "https URL, or http on this"),
        ({"upstream": ("kraken",), "upstream_urls": {"krakn": "https://a.example"}}, "'krakn' is no public exchange"),
        ({"upstream": ("kraken",), "paper_start": {"USD": "-5"}}, "paper_start: USD must be a decimal"),
        ({"upstream": ("kraken",), "paper_start": {"USD": "1e9"}}, "paper_start: USD must be a decimal"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, told: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidSetting, match=said):
        load_settings(tmp_path, **told)


def test_a_server_without_any_market_is_not_started(tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting, match="no market at all"):
        serve(load_settings(tmp_path, market="none"))
    assert list(tmp_path.iterdir()) == []


def test_the_file_says_the_same_as_the_options(tmp_path: Path) -> None:
    (tmp_path / "server.toml").write_text(
        'upstream = ["kraken"]\nupstream_pairs = ["BTC/EUR"]\npaper_start = {EUR = "500"}\n'
        '[upstream_urls]\nkraken = "https://proxy.example.org/kraken"\n'
    )
    settings = load_settings(tmp_path)
    spec = addressed(settings, "kraken")

    assert (settings.upstream, settings.upstream_pairs, settings.paper_start) == (
        ("kraken",), ("BTC/EUR",), {"EUR": "500"},
    )  # fmt: skip
    assert spec.rest_url == "https://proxy.example.org/kraken"
    assert spec.socket_url == "wss://proxy.example.org/kraken/v2"
