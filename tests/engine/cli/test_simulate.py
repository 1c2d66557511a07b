"""The text form of `crs simulate`: examples of ENGINE.md, malformed lines, streams and files."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.cli.simulate import BROKEN_PIPE, FAILED, MALFORMED, OK, add_arguments
from engine.cli.simulate import run as run_command
from tests.engine.cli.simulating import (
    BTC,
    ETH,
    FUNDED,
    Entry,
    amend,
    cancel,
    deposit,
    order,
    run,
    run_bytes,
    stop,
    trading,
)

LIMIT = order("A", "x", "buy", "1", "1000")

# Golden


def test_the_golden_lines_of_the_specification() -> None:
    lines: list[Entry | str | bytes] = [
        BTC,
        deposit("A", "USDT", "100000"),
        deposit("B", "BTC", "1"),
        order("B", "b7", "sell", "0.5", "64000.00"),
        order("A", "a2", "buy", "2", "64000.00"),
        order("A", "a1", "buy", "0.6", "64000.00", tif="IOC"),
        order("A", "a3", "buy", "0.5", "63000.00", ts=2),
        amend("A", "a3", 3, qty="0.4", price="63010.00"),
        {"type": "clock", "ts": 5},
    ]

    status, output, problem = run_bytes(b"\n".join(json.dumps(line).encode() for line in lines), state=True)

    hash_at_end = json.loads(output.splitlines()[-1])["hash"]
    assert (status, problem) == (0, "")
    assert output.decode() == (
        '{"seq":1,"ts":1,"type":"accepted","account":"B","id":"b7"}\n'
        '{"seq":2,"ts":1,"type":"rejected","account":"A","id":"a2","reason":"insufficient_funds",'
        '"text":"You need 28,128.00 USDT more: 128,128.00 with the fee, 100,000.00 available."}\n'
        '{"seq":3,"ts":1,"type":"accepted","account":"A","id":"a1"}\n'
        '{"seq":4,"ts":1,"type":"trade","trade_id":1,"symbol":"BTC/USDT","price":"64000.00","qty":"0.50000",'
        '"maker_account":"B","maker_id":"b7","taker_account":"A","taker_id":"a1","taker_side":"buy",'
        '"maker_fee":"32.00000000","taker_fee":"32.00000000"}\n'
        '{"seq":5,"ts":1,"type":"cancelled","account":"A","id":"a1","reason":"ioc","left":"0.10000"}\n'
        '{"seq":6,"ts":2,"type":"accepted","account":"A","id":"a3"}\n'
        '{"seq":7,"ts":3,"type":"amended","account":"A","id":"a3","qty":"0.40000","price":"63010.00","left":"0.40000"}\n'
        '{"type":"state","balances":{"A":{"BTC":{"free":"0.50000000","locked":"0.00000000"},'
        '"USDT":{"free":"42738.79600000","locked":"25229.20400000"}},'
        '"B":{"BTC":{"free":"0.50000000","locked":"0.00000000"},'
        '"USDT":{"free":"31968.00000000","locked":"0.00000000"}}},"fees":{"USDT":"64.00000000"},'
        '"books":{"BTC/USDT":{"bids":[["63010.00","0.40000"]],"asks":[]}},'
        f'"open_orders":[["A","a3","0.40000"]],"hash":"{hash_at_end}"}}\n'
    )


def test_a_stop_tells_triggered_and_an_amended_one_has_no_price() -> None:
    answer = trading(
        order("B", "b", "sell", "2", "1000"),
        stop("A", "s", "buy", "1", "1000"),
        amend("A", "s", qty="0.5"),
        order("A", "a", "buy", "1", "1000"),
    )

    assert answer.events[2] == {
        "seq": 3,
        "ts": 1,
        "type": "amended",
        "account": "A",
        "id": "s",
        "qty": "0.50000",
        "price": None,
        "left": "0.50000",
    }
    assert answer.of("triggered") == [{"seq": 6, "ts": 1, "type": "triggered", "account": "A", "id": "s"}]


def test_same_input_same_bytes_and_equal_states_have_equal_hashes() -> None:
    lines = [*FUNDED, LIMIT, order("B", "b", "sell", "0.3", "1000")]
    data = b"\n".join(json.dumps(line).encode() for line in lines)

    assert run_bytes(data, state=True) == run_bytes(data, state=True)
    assert run(lines, state=True).state["hash"] == run([*lines, cancel("A", "no")], state=True).state["hash"]
    assert run(lines, state=True).state["hash"] != run([*lines, cancel("A", "x")], state=True).state["hash"]


def test_state_lists_open_orders_by_account_and_id_and_books_best_first() -> None:
    state = trading(
        order("B", "z", "buy", "1", "900"),
        order("A", "z", "sell", "1", "1100"),
        order("A", "b", "sell", "1", "1050"),
        stop("A", "a", "sell", "1", "800"),
        order("B", "y", "buy", "1", "950"),
        state=True,
    ).state

    assert state["open_orders"] == [
        ["A", "a", "1.00000"],
        ["A", "b", "1.00000"],
        ["A", "z", "1.00000"],
        ["B", "y", "1.00000"],
        ["B", "z", "1.00000"],
    ]
    assert state["books"]["BTC/USDT"] == {
        "bids": [["950.00", "1.00000"], ["900.00", "1.00000"]],
        "asks": [["1050.00", "1.00000"], ["1100.00", "1.00000"]],
    }
    assert list(state) == ["type", "balances", "fees", "books", "open_orders", "hash"]


def test_keys_come_in_any_order_and_text_in_any_alphabet() -> None:
    name = 'Zoë \u2603 "quoted" \\ \u0000'
    reversed_keys = dict(reversed(order(name, name, "buy", "1", "1000").items()))

    answer = run([BTC, deposit(name, "USDT", "5000"), reversed_keys], state=True)

    assert answer.events[0] == {"seq": 1, "ts": 1, "type": "accepted", "account": name, "id": name}
    assert name in answer.state["balances"]


def test_lone_surrogates_do_not_break_the_output() -> None:
    line = json.dumps(order("A", "x", "buy", "1", "1000")).replace('"x"', '"\\ud800"')

    assert run([*FUNDED, line, line.replace("1000", "-1"), cancel("A", "\ud800")], state=True).status == OK


# Malformed


def without(entry: Entry, key: str) -> Entry:
    return {name: value for name, value in entry.items() if name != key}


MALFORMED_LINES: list[Entry | str | bytes] = [
    "{",
    "[]",
    "null",
    "1",
    '"text"',
    "{}",
    "[" * 100_000,
    b'{"type":"clock","ts":1,"\xff":1}',
    b"\xef\xbb\xbf" + json.dumps({"type": "clock", "ts": 1}).encode(),
    '{"type":"clock","ts":1,"ts":1}',
    '{"type":"clock","ts":NaN}',
    '{"type":"clock","ts":1} trailing',
    {"type": "clock"},
    {"type": "nonsense", "ts": 1},
    {"type": None, "ts": 1},
    {"type": ["clock"], "ts": 1},
    {"type": "clock", "ts": 1, "note": ""},
    {"type": "clock", "ts": True},
    {"type": "clock", "ts": 1.0},
    {"type": "clock", "ts": "1"},
    {"type": "clock", "ts": None},
    {"type": "clock", "ts": -1},
    *(without(LIMIT, key) for key in ("ts", "account", "id", "symbol", "side", "order_type", "qty")),
    *(without(BTC | {"symbol": "X"}, key) for key in BTC if key != "type"),
    *(without(deposit("A", "USDT", "1"), key) for key in ("ts", "account", "asset", "amount")),
    *(without(cancel("A", "x"), key) for key in ("ts", "account", "id")),
    *(LIMIT | {key: 1} for key in ("account", "id", "symbol", "side", "order_type", "qty", "price", "tif", "stp")),
    *(
        LIMIT | {"qty": text}
        for text in ("1e5", "abc", "", " 1", "1 ", "+1", ".5", "5.", "1,5", "1_0", "nan", "٣", "1\n")
    ),
    *(LIMIT | {key: None} for key in ("price", "stop_price", "display_qty", "trail", "trail_bps", "expire_ts", "qty")),
    LIMIT | {"side": "BUY"},
    LIMIT | {"order_type": "Limit"},
    LIMIT | {"tif": "gtc"},
    LIMIT | {"stp": "off"},
    LIMIT | {"post_only": 1},
    LIMIT | {"post_only": "true"},
    LIMIT | {"reduce_only": 0},
    LIMIT | {"expire_ts": 1.5},
    LIMIT | {"expire_ts": True},
    LIMIT | {"display_qty": 1},
    LIMIT | {"trail": 1},
    LIMIT | {"trail_bps": 1.5},
    LIMIT | {"trail_bps": True},
    LIMIT | {"hidden": True},
    amend("A", "x", qty="x"),
    amend("A", "x") | {"qty": 1},
    amend("A", "x") | {"tif": "GTC"},
    amend("A", "x") | {"trail": 5},
    deposit("A", "USDT", "0"),
    deposit("A", "USDT", "-1"),
    deposit("A", "USDT", "NaN"),
    deposit("A", "USDT", "0.000000001"),
    deposit("A", "DOGE", "1"),
    deposit("A", "USDT", "1") | {"amount": 1},
    BTC,
    BTC | {"symbol": "X", "ts": 0},
    BTC | {"symbol": "X", "base_decimals": 9},
    BTC | {"symbol": "X", "base": "USDT", "quote": "BTC", "quote_decimals": 7},
    BTC | {"symbol": "X", "base_decimals": True},
    BTC | {"symbol": "X", "base_decimals": -1},
    BTC | {"symbol": "X", "base": "USDT"},
    BTC | {"symbol": "X", "tick": "0"},
    BTC | {"symbol": "X", "tick": "-0.01"},
    BTC | {"symbol": "X", "tick": "NaN"},
    BTC | {"symbol": "X", "tick": 0.01},
    BTC | {"symbol": "X", "tick": "0.00001", "lot": "0.00001"},
    BTC | {"symbol": "X", "lot": "0.0000000001", "tick": "100"},
    BTC | {"symbol": "X", "min_notional": "-1"},
    BTC | {"symbol": "X", "maker_fee": "-0.001"},
    {"type": "submit_list", "ts": 1, "account": "A", "id": "L", "kind": "oco", "orders": []},
    {"type": "submit_list", "ts": 1, "account": "A", "id": "L", "kind": "oco", "orders": {}},
    {"type": "submit_list", "ts": 1, "account": "A", "id": "L", "kind": "oco", "orders": [1]},
    {"type": "submit_list", "ts": 1, "account": "A", "id": "L", "kind": "oco", "orders": [LIMIT]},
    {"type": "submit_list", "ts": 1, "account": "A", "id": "L", "kind": "ocó", "orders": [LIMIT]},
]


@pytest.mark.parametrize("line", MALFORMED_LINES, ids=lambda line: str(line)[:60])
def test_a_malformed_line_stops_the_run_with_status_2_and_its_number(line: Entry | str | bytes) -> None:
    answer = run([*FUNDED, order("A", "before", "buy", "1", "1000", ts=0), line, LIMIT], state=True)

    assert answer.status == MALFORMED
    assert answer.story == ["accepted before"]
    assert answer.problem.startswith("line 8: ")
    assert answer.problem.count("\n") == 1
    assert len(answer.problem) < 300


def test_unknown_keys_are_named_with_their_line() -> None:
    assert run([BTC | {"colour": "red"}]).problem == 'line 1: unknown key "colour"\n'
    assert run([BTC, deposit("A", "USDT", "1"), LIMIT | {"hidden": 1}]).problem == 'line 3: unknown key "hidden"\n'


def test_time_running_backwards_is_malformed_and_standing_still_is_not() -> None:
    assert trading({"type": "clock", "ts": 7}, {"type": "clock", "ts": 7}).status == OK
    assert run([{"type": "clock", "ts": 7}, {"type": "clock", "ts": 6}]).problem == (
        "line 2: time runs backwards: ts 6 comes after 7\n"
    )


def test_a_refused_line_is_no_error_and_the_run_goes_on() -> None:
    assert trading(order("A", "x", "buy", "NaN", "1000"), order("A", "y", "buy", "1", "1000")).story == [
        "rejected x bad_quantity",
        "accepted y",
    ]


def test_blank_lines_are_counted_and_skipped_and_the_last_line_needs_no_newline() -> None:
    data = b"\n \r\n" + json.dumps(BTC).encode() + b"\r\n\n" + json.dumps({"type": "clock", "ts": 1}).encode()

    assert run_bytes(data) == (OK, b"", "")
    assert run_bytes(data + b"\n{")[2].startswith("line 6: ")
    assert run_bytes(b"") == (OK, b"", "")


def test_lines_longer_than_a_chunk_are_read_whole() -> None:
    long = order("A", "x" * 300_000, "buy", "1", "1000")

    assert [event["id"] for event in trading(long, LIMIT).events] == ["x" * 300_000, "x"]


def test_numbers_of_a_pair_may_have_any_length() -> None:
    fine = BTC | {"base_decimals": 30, "quote_decimals": 40, "tick": "0.010", "lot": "1e0".replace("e0", ".0")}

    answer = run([fine, deposit("A", "USDT", "0." + "0" * 39 + "1"), LIMIT], state=True)

    assert answer.state["balances"]["A"]["USDT"]["free"] == "0." + "0" * 39 + "1"


def test_a_minimum_finer_than_the_quote_unit_is_a_minimum_all_the_same() -> None:
    pair = BTC | {"quote_decimals": 7, "min_notional": "0.00000011"}
    lines = [pair, deposit("A", "USDT", "1")]

    assert run([*lines, order("A", "x", "buy", "0.00001", "0.01")]).story == ["rejected x min_notional"]
    assert run([*lines, order("A", "x", "buy", "0.00001", "0.02")]).story == ["accepted x"]


def test_many_different_numbers_do_not_fill_the_memory_of_the_reader() -> None:
    lines = [order("A", f"x{n}", "buy", f"1.{n:05}", "0.01", ts=1) for n in range(9_000)]

    assert len(trading(*lines).events) == 9_000


# As a program


def parse(*argv: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(argv)


@pytest.mark.integration
def test_a_file_is_read_and_a_missing_one_named(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    path = tmp_path / "orders.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in [*FUNDED, LIMIT]))

    assert run_command(parse("--orders", str(path), "--state")) == OK
    assert capfdbinary.readouterr().out.count(b"\n") == 2

    assert run_command(parse("--orders", str(tmp_path / "none"))) == FAILED
    assert b"none: No such file or directory" in capfdbinary.readouterr().err


PROGRAM = (
    "import argparse, sys; from engine.cli.simulate import add_arguments, run; p = argparse.ArgumentParser(); "
    "add_arguments(p); sys.exit(run(p.parse_args()))"
)


@pytest.mark.integration
def test_a_driver_on_a_pipe_is_answered_line_by_line() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "--orders", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for line in [*FUNDED, LIMIT]:
            process.stdin.write(json.dumps(line).encode() + b"\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["type"] == "accepted"
        process.stdin.write(json.dumps(cancel("A", "x")).encode() + b"\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["type"] == "cancelled"
        process.stdin.close()
        assert process.wait() == OK


@pytest.mark.integration
@pytest.mark.skipif(os.name == "nt", reason="pipes break differently there")
def test_a_closed_pipe_ends_it_quietly(tmp_path: Path) -> None:
    path = tmp_path / "orders.jsonl"
    lines = [*FUNDED, *(order("A", f"x{n}", "buy", "0.1", "100") for n in range(9_000))]
    path.write_text("\n".join(json.dumps(line) for line in lines))
    reader, writer = os.pipe()
    os.close(reader)

    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "--orders", str(path)], stdout=writer, stderr=subprocess.PIPE, check=False
    )
    os.close(writer)

    assert (done.returncode, done.stderr) == (BROKEN_PIPE, b"")


@pytest.mark.integration
def test_it_loads_nothing_heavy() -> None:
    code = "import sys, engine.cli.simulate; print(sorted(m for m in sys.modules if '.' not in m))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    for heavy in ("numpy", "sqlalchemy", "msgspec", "pydantic", "asyncio", "PySide6", "httpx", "pyarrow"):
        assert f"'{heavy}'" not in loaded


def test_pairs_may_be_listed_later() -> None:
    assert trading(
        LIMIT, BTC | {"symbol": "SOL/USDT", "base": "SOL"}, LIMIT | {"symbol": "SOL/USDT", "id": "y"}
    ).story == [
        "accepted x",
        "accepted y",
    ]
    assert ETH["symbol"] == "ETH/USDT"
