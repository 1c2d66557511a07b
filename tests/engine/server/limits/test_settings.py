"""What an operator may write about limits, and what is refused in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import InvalidSetting
from engine.server.limiting import limiting
from engine.server.limits.tier import Tier
from engine.server.settings import load_settings


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('limits = "maybe"', "limits must be one of on, off"),
        ("[limit_times]\norder = 2", "no tier 'order'"),
        ("[limit_times]\norders = 0", "above 0"),
        ("[limit_times]\norders = inf", "at most"),
        ('[limit_times_of."key:3"]\norders = -1', "above 0"),
        ('never_block = ["10.0.0.1/8"]', "never_block names"),
        ('trusted_proxies = ["nginx"]', "trusted_proxies names"),
        ("port = 99999", "port must be 0 .any free port. to 65535, not 99999"),
        ("port = -1", "port must be 0"),
        ("ops_port = 65536", "ops_port must be 0"),
        ('database = "mysql://crs:word@host/x"', "database must be a URL that begins with postgresql://"),
        ('redis = "host:6379"', "redis must be a URL that begins with redis://"),
        ('log_aloud = "some"', "log_aloud must be one of warnings, all"),
        ('[mail]\nbackend = "smtp"\nhost = "mail.example"\nusername = "crs"\nstarttls = false', "travel readable"),
    ],
)
def test_what_makes_no_sense_is_named(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "server.toml").write_text(text)

    with pytest.raises(InvalidSetting, match=says):
        load_settings(tmp_path)


@pytest.mark.parametrize(
    ("host", "behind_tls", "readable"),
    [("127.0.0.1", False, False), ("::1", False, False), ("0.0.0.0", False, True), ("0.0.0.0", True, False)],  # noqa: S104
)
def test_plain_http_that_leaves_the_machine_is_noticed(
    tmp_path: Path, host: str, behind_tls: bool, readable: bool
) -> None:
    assert load_settings(tmp_path, host=host, behind_tls=behind_tls).is_readable_outside is readable


async def test_a_market_maker_gets_more_and_limits_can_be_off(tmp_path: Path) -> None:
    (tmp_path / "server.toml").write_text('[limit_times_of."key:3"]\norders = 100\n')
    async with limiting(load_settings(tmp_path)) as parts:
        assert (await parts.limiter.check("key:3", Tier.ORDERS)).limit == 10_000
        assert (await parts.limiter.check("key:4", Tier.ORDERS)).limit == 100
    async with limiting(load_settings(tmp_path, limits="off")) as parts:
        verdicts = [await parts.limiter.check("ip:192.0.2.1", Tier.LOGIN) for _ in range(500)]
        for _ in range(500):
            parts.guard.note("", "192.0.2.1", 401)
        assert all(each.allowed for each in verdicts)
        assert parts.guard.blocks.active() == ()
