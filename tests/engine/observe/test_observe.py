"""Claims about logs and metrics: no secret is written, quantiles are right, stalls are seen."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.observe.log import JsonFormatter, ProgramLog, Tail
from engine.observe.metrics import GROWTH, Histogram
from engine.observe.redact import MASK, redacted, redacted_text
from engine.observe.watchdog import LoopWatchdog

SECRETS = [
    "0x" + "ab" * 32,
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    "Authorization: Bearer abcdef0123456789",
    "api_key=AKIA0123456789",
    "https://user:hunter2@example.org/",
    "password: hunter2",
    "hunter2@example.org",
    "A" * 20 + "hunter2" + "Z" * 30,
]


@pytest.mark.parametrize("secret", SECRETS)
def test_a_text_that_looks_like_a_secret_is_masked(secret: str) -> None:
    line = str(redacted(f"before {secret} after"))

    assert MASK in line
    assert not any(part in line for part in ("abab", "dozjg", "abcdef0123", "AKIA", "hunter2"))


@given(
    st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHJK0123456789", min_size=12, max_size=40),
    st.sampled_from(["api_key", "apiKey", "secret", "password", "auth_token", "private-key", "mnemonic"]),
)
def test_a_secret_behind_its_name_is_removed(secret: str, name: str) -> None:
    for text in (f"{name}={secret}", f'{{"{name}": "{secret}"}}', f"{name}: {secret}, next"):
        assert secret not in redacted_text(text)


def test_prices_orders_dates_and_paths_are_not_secrets() -> None:
    line = "2026-01-05 14:00:10 INFO Filled: buy 0.00157 BTC/USDT at 63,443.37, fee 0.0996 USDT (c0-1)."
    path = "/srv/some/where/deep/down/in/a/tree/of/folders/of/the/system"

    assert redacted_text(line) == line
    assert redacted_text(path) == path


def test_the_home_directory_is_not_named() -> None:
    assert str(Path.home()) not in redacted_text(f"{Path.home()}/secret-project/file")


def test_a_field_with_a_secret_name_is_masked_at_any_depth() -> None:
    found = redacted({"order_id": "c1", "deep": [{"API_KEY": "x", "n": 1}], "private_key": {"a": 2}, "when": None})

    assert found == {"order_id": "c1", "deep": [{"API_KEY": MASK, "n": 1}], "private_key": MASK, "when": None}


def test_a_log_line_is_one_json_object_with_its_fields_and_its_error() -> None:
    record = logging.makeLogRecord({"msg": "order sent", "levelname": "INFO", "name": "x", "order_id": "c1"})
    try:
        raise ValueError("token=abc123")
    except ValueError as error:
        record.exc_info = (type(error), error, error.__traceback__)
    line = JsonFormatter().format(record)

    fields = json.loads(line)
    assert (fields["event"], fields["order_id"], fields["level"]) == ("order sent", "c1", "info")
    assert "ValueError" in fields["error"]
    assert "abc123" not in line


@pytest.mark.integration
def test_logs_go_to_files_and_to_the_tail_until_closed(tmp_path: Path) -> None:
    logs = ProgramLog(Tail())
    logs.write_to(tmp_path / "logs", "crs.log")
    logging.getLogger("crs").info("hello", extra={"path": tmp_path})
    logs.close()
    logging.getLogger("crs").error("not any more")

    lines = (tmp_path / "logs" / "crs.log").read_text().splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["hello"]
    assert [line.json for line in logs.tail.lines] == lines
    assert logs.problem == ""


@pytest.mark.integration
def test_without_a_place_for_files_the_tail_still_fills(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("")
    logs = ProgramLog(Tail())
    logs.write_to(tmp_path / "logs", "crs.log")
    logging.getLogger("crs").info("hello")
    logs.close()

    assert "cannot be written" in logs.problem
    assert [line.text for line in logs.tail.lines] == [logs.problem, "hello"]


class FullDisk(io.StringIO):
    """A file on a disk without room."""

    def write(self, _: str) -> int:
        raise OSError(28, "No space left on device")

    def close(self) -> None:
        super().close()
        raise OSError(28, "No space left on device")


@pytest.mark.integration
def test_a_full_disk_drops_lines_without_a_word(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs = ProgramLog(Tail())
    logs.write_to(tmp_path, "crs.log")
    files = logs._files
    assert isinstance(files, logging.StreamHandler)
    before = files.setStream(FullDisk())
    assert before is not None
    before.close()
    logging.getLogger("crs").info("hello")
    logs.close()

    assert capsys.readouterr().err == ""


def test_a_line_for_people_has_the_figures_and_the_error_but_no_secret() -> None:
    tail = Tail(length=2)
    record = logging.makeLogRecord({"msg": "order sent", "levelno": logging.INFO, "order_id": "c1", "api_key": "x1x"})
    record.exc_info = (ValueError, ValueError("token=abc123"), None)
    for _ in range(3):
        tail.emit(record)

    assert [line.number for line in tail.lines] == [2, 3]
    assert tail.lines[0].text == f"order sent (order_id c1, api_key {MASK}): ValueError: token={MASK}"
    assert tail.count == 3


@given(st.lists(st.floats(0.001, 10_000), min_size=1, max_size=300), st.sampled_from([0.5, 0.95, 0.99, 1.0]))
def test_a_quantile_is_within_a_bucket_of_the_exact_one(samples: list[float], share: float) -> None:
    histogram = Histogram()
    for sample in samples:
        histogram.record(sample)
    exact = sorted(samples)[max(0, -(-int(share * 1000) * len(samples) // 1000) - 1)]

    assert exact / GROWTH * 0.999 <= histogram.quantile(share) <= exact * GROWTH * 1.001
    assert histogram.summary().max == max(samples)


def test_a_histogram_without_samples_is_all_zero_also_after_a_reset() -> None:
    histogram = Histogram()
    histogram.record(3.0)
    histogram.record(0.0)
    assert histogram.summary().samples == 2
    histogram.reset()

    assert histogram.summary() == (0, 0.0, 0.0, 0.0, 0.0)


async def test_a_loop_that_stalls_is_seen_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    watchdog = LoopWatchdog()
    watchdog.start()
    await asyncio.sleep(0.03)
    time.sleep(0.12)  # noqa: ASYNC251 - the stall
    await asyncio.sleep(0.03)
    await watchdog.close()
    await watchdog.close()

    assert watchdog.stalls.max >= 50
    assert "loop stalled" in caplog.messages


async def test_a_stall_that_nobody_wants_to_read_of_is_counted_only(caplog: pytest.LogCaptureFixture) -> None:
    watchdog = LoopWatchdog(told=3_600_000.0)
    watchdog.start()
    await asyncio.sleep(0.03)
    time.sleep(0.12)  # noqa: ASYNC251 - the stall
    await asyncio.sleep(0.03)
    await watchdog.close()

    assert watchdog.stalls.max >= 50
    assert "loop stalled" not in caplog.messages
