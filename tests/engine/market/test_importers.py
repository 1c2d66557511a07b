"""Reading other people's bars: every form, every unit of time, nothing lost."""

import io
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.market import Timeframe
from engine.domain.number import Nanos
from engine.errors import InvalidInput
from engine.market.importers import PRICE_DECIMALS, ImportCancelled, RawBars, instant_nanos, read
from engine.market.sanity import check

MS = 1_672_531_200_000
"""2023-01-01 00:00 UTC."""
UNIT = 10**PRICE_DECIMALS
FAR = Nanos(2**62)
OHLCV = Path(__file__).resolve().parents[4] / "shared" / "data" / "ohlcv"


def row(start: int, *numbers: str) -> str:
    return ",".join((str(start), *numbers, "1672531259999", "1.0", "3", "0.5", "8.0", "0"))


def parsed(text: str, name: str = "x.csv") -> RawBars:
    data = text.encode()
    return read(io.BytesIO(data), name, len(data))


def zipped(*members: tuple[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in members:
            archive.writestr(name, text)
    return buffer.getvalue()


NUMBERS = ("16500.10", "16510.00", "16490.5", "16505", "12.5")
EXPECTED = [16500.10, 16510.0, 16490.5, 16505.0]


@pytest.mark.parametrize("header", ["", "open_time,open,high,low,close,volume\n", "\ufeffOpen time,Open\n"])
def test_binance_rows_are_read_with_or_without_a_header(header: str) -> None:
    bars = parsed(header + row(MS, *NUMBERS) + "\n")

    assert bars.start.tolist() == [MS * 10**6]
    assert bars.prices[:, 0].tolist() == [round(price * UNIT) for price in EXPECTED]
    assert bars.volume.tolist() == [12.5]
    assert bars.where == ["line 2" if header else "line 1"]


@pytest.mark.parametrize("factor", [10**-3, 1, 10**3, 10**6], ids=["s", "ms", "us", "ns"])
def test_the_unit_of_time_shows_in_the_size_of_the_stamp(factor: float) -> None:
    assert instant_nanos(int(MS * factor)) == MS * 10**6


def test_a_unit_that_changes_inside_a_file_is_followed() -> None:
    bars = parsed(row(MS, *NUMBERS) + "\n" + row((MS + 60_000) * 1_000, *NUMBERS))

    assert np.diff(bars.start).tolist() == [60 * 10**9]


@given(st.integers(1, 90_000_000), st.integers(0, 10**PRICE_DECIMALS - 1))
def test_prices_are_read_exactly(whole: int, part: int) -> None:
    text = f"{whole}.{part:0{PRICE_DECIMALS}d}"

    assert parsed(row(MS, text, text, text, text, "1")).prices[0, 0] == whole * UNIT + part


@pytest.mark.parametrize("text", ["1e3", "1000", '"1000.0"', "1000.000000000000"])
def test_unusual_ways_to_write_a_price_are_read(text: str) -> None:
    assert parsed(row(MS, text, text, text, text, "1")).prices[0, 0] == 1000 * UNIT


@pytest.mark.parametrize(
    "line", ["1672531200000,1,2", "1672531200000,a,2,1,1,1", "x,1,2,1,1,1", f"{MS},0.{'1' * 11},1,1,1,1"]
)
def test_a_line_that_is_no_bar_is_named(line: str) -> None:
    bars = parsed(row(MS, *NUMBERS) + "\n" + line + "\n\n" + row(MS + 60_000, *NUMBERS))

    assert [each.where for each in bars.unreadable] == ["line 2"]
    assert bars.where == ["line 1", "line 4"]


@pytest.mark.parametrize("text", ["NaN", "Infinity", "9999999999"])
def test_numbers_that_no_price_has_are_marked(text: str) -> None:
    assert parsed(row(MS, text, "1", "1", "1", "1")).prices[0, 0] == -1


def test_an_archive_is_read_in_order_of_names_and_rows_say_which_file() -> None:
    data = zipped(("b.csv", row(MS + 60_000, *NUMBERS)), ("a.csv", "open_time\n" + row(MS, *NUMBERS)), ("c.txt", "no"))

    bars = read(io.BytesIO(data), "x.zip", len(data))

    assert bars.where == ["a.csv line 2", "b.csv line 1"]
    assert np.diff(bars.start).tolist() == [60 * 10**9]


def test_an_archive_of_one_file_names_lines_only() -> None:
    data = zipped(("a.csv", row(MS, *NUMBERS)))

    assert read(io.BytesIO(data), "x.ZIP", len(data)).where == ["line 1"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.zip", b"no archive"),
        ("x.zip", zipped(("readme.txt", "hello"))),
        ("x.xlsx", b""),
        ("x.parquet", b"no parquet"),
    ],
)
def test_what_cannot_be_read_is_refused(name: str, data: bytes) -> None:
    with pytest.raises(InvalidInput):
        read(io.BytesIO(data), name, len(data))


@pytest.mark.no_cover
@pytest.mark.parametrize("name", ["x.csv", "x.zip"])
def test_reading_reports_its_progress_and_can_be_cancelled(name: str) -> None:
    text = "\n".join(row(MS + 60_000 * number, *NUMBERS) for number in range(50_000))
    data = zipped(("a.csv", text)) if name == "x.zip" else text.encode()
    seen: list[float] = []

    def once(fraction: float) -> bool:
        seen.append(fraction)
        return len(seen) < 2

    with pytest.raises(ImportCancelled):
        read(io.BytesIO(data), name, len(data), once)

    assert 0 < seen[0] < seen[1] < 1


def parquet(columns: Mapping[str, object], metadata: dict[str, str] | None = None) -> io.BytesIO:
    pyarrow = pytest.importorskip("pyarrow")
    import pyarrow.parquet as files

    table = pyarrow.table(columns)
    buffer = io.BytesIO()
    files.write_table(table.replace_schema_metadata(metadata), buffer)
    buffer.seek(0)
    return buffer


SCALED = {
    "open_time": [MS],
    "open": [1650010],
    "high": [1651000],
    "low": [1649050],
    "close": [1650500],
    "volume": [12500],
}


def test_parquet_of_scaled_integers_and_of_floats_agree() -> None:
    floats = {
        "open_time": [MS],
        "open": [16500.10],
        "high": [16510.0],
        "low": [16490.5],
        "close": [16505.0],
        "volume": [12.5],
    }

    ours = read(parquet(SCALED, {"price_scale": "0.01", "volume_scale": "0.001"}), "x.parquet", 1)
    theirs = read(parquet(floats), "x.parquet", 1)

    for each in (ours, theirs):
        assert each.start.tolist() == [MS * 10**6]
        assert each.prices[:, 0].tolist() == [round(price * UNIT) for price in EXPECTED]
        assert each.volume[0] == pytest.approx(12.5)
        assert each.where == ["row 1"]


def test_parquet_marks_numbers_that_no_price_has_and_reads_tiny_ones() -> None:
    nan = {
        "open_time": [MS],
        "open": [float("nan")],
        "high": [1e12],
        "low": [2.487e-05],
        "close": [1.0],
        "volume": [1.0],
    }

    assert read(parquet(nan), "x.parquet", 1).prices[:, 0].tolist() == [-1, -1, 248_700, UNIT]


def test_parquet_without_a_column_or_a_row_is_refused() -> None:
    with pytest.raises(InvalidInput):
        read(parquet({"open_time": [MS]}), "x.parquet", 1)
    with pytest.raises(InvalidInput, match="no row"):
        read(parquet({name: [] for name in SCALED}), "x.parquet", 1)


def test_parquet_can_be_cancelled() -> None:
    with pytest.raises(ImportCancelled):
        read(parquet(SCALED), "x.parquet", 1, lambda _: False)


def test_without_pyarrow_the_way_to_get_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    with pytest.raises(InvalidInput, match="pip install"):
        read(io.BytesIO(b""), "x.parquet", 1)


@pytest.mark.integration
@pytest.mark.skipif(not OHLCV.exists(), reason="the development data is not here")
def test_a_real_outage_is_found_and_nothing_else_is_wrong() -> None:
    path = OHLCV / "binance_spot_BTCUSDT_1m_2021-04-20_2021-05-20.parquet"
    with path.open("rb") as file:
        report = check(read(file, path.name, path.stat().st_size), Timeframe.M1, tick=None, now=FAR)

    assert report.errors == []
    assert [gap.bars for gap in report.gaps] == [284]
    assert str(report.tick) == "0.01"
