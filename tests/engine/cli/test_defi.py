"""`crs defi` on the practice chain: what it quotes it does, what it lists is there, what cannot be is a sentence."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import pytest

from engine.bootstrap.practice import Practice
from engine.cli.__main__ import main
from tests.engine.adapters.keys.wallets import ACCOUNTS, KEYS, PASSWORD, PHRASE
from tests.engine.cli.test_wallet import Terminal, terminal
from tests.practice import Node

__all__ = ["terminal"]
pytestmark = pytest.mark.integration


class Trader(Terminal):
    """Somebody at a terminal with an account that has something."""

    def defi(self, *words: str, status: int = 0) -> str:
        ended = main(["--profile-dir", str(self.profile), "defi", *words])
        self.out, self.err = self._capsys.readouterr()
        assert ended == status, self.err
        for secret in (PHRASE, KEYS[0], PASSWORD):
            assert secret not in self.out + self.err
        return self.out

    def told(self, *words: str) -> Any:  # noqa: ANN401 - what JSON can say
        return json.loads(self.defi(*words, "--json"))


@pytest.fixture
def trader(terminal: Terminal, practice: Node, monkeypatch: pytest.MonkeyPatch) -> Trader:
    async def there(self: Practice, **_: object) -> object:
        return practice.spec()

    monkeypatch.setattr(Practice, "start", there)
    trader = Trader(terminal.folder, terminal._capsys)
    trader.run("import", "phrase", "--file", trader.file("p", PHRASE), *trader.password)
    practice.give(ACCOUNTS[0], 10**20)
    practice.give(ACCOUNTS[0], 50_000 * 10**6, "USDT")
    practice.give(ACCOUNTS[0], 500 * 10**18, "FARM")
    return trader


def test_what_is_quoted_is_what_a_swap_brings(trader: Trader) -> None:
    quoted = trader.told("quote", "USDT", "WETH", "3000", "--hops", "1", "--verify")
    assert quoted["verified"]
    assert all(each["ours"] == each["theirs"] for each in quoted["verified"])
    rows = quoted["rows"]
    assert {name for row in rows for name in row["exchanges"]} >= {"uniswap-v2", "sushiswap", "pancakeswap"}
    nets = [Decimal(row["net"]) for row in rows if not row["problem"]]
    assert nets == sorted(nets, reverse=True)
    place, row = next((n, each) for n, each in enumerate(rows, 1) if each["exchanges"] == ["sushiswap"])
    swap = ("swap", "USDT", "WETH", "3000", "--hops", "1", "--row", str(place))
    trader.defi(*swap, *trader.password, status=2)
    assert "add --yes" in trader.err
    for part in ("Allow SushiSwap", "3000 USDT for SushiSwap", "Fee, at most"):
        assert part in trader.err

    sent = trader.told(*swap, "--yes", *trader.password)

    assert {each["state"] for each in sent} <= {"confirmed", "final"}
    assert len(sent) == 2
    assert "Transaction 2 of 2" in trader.err
    assert "Arrives, at least" in trader.err
    held = json.loads(trader.run("balance", "--json"))["balances"]
    assert next(each["amount"] for each in held if each["token"] == "WETH") == row["amount_out"]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["quote", "USDT", "NOPE", "1"], "has no token 'NOPE'"),
        (["quote", "ETH", "WETH", "1"], "wrap or unwrap it"),
        (["quote", "USDT", "WETH", "0"], "more than 0"),
        (["quote", "USDT", "WETH", "0.0000001"], "decimal"),
        (["swap", "USDT", "WETH", "1", "--row", "99"], "There is no row 99"),
        (["swap", "USDT", "WETH", "90000", "--hops", "1", "--yes"], "Not signed: .*too little of it"),
        (["pools", "WETH"], "name at least two"),
        (["stake", "deposit", "nowhere", "1"], "has no farm 'nowhere'"),
        (["stake", "claim", "staking-2"], "owes this account nothing"),
        (["positions", "--account", "Bob"], "no account has that address or label"),
        (["quote", "USDT", "WETH", "1", "--chain", "mars"], "no chain 'mars'"),
        (["quote", "USDT", "WETH", "1", "--chain", "ethereum"], "no endpoint"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(trader: Trader, words: list[str], why: str) -> None:
    ended = main(["--profile-dir", str(trader.profile), "defi", *words])
    out, err = trader._capsys.readouterr()

    assert ended in (1, 2)
    assert re.search(why, err), err
    assert out == ""


@pytest.mark.parametrize("slippage", ["100", "-1", "much", "0.001"])
def test_a_slippage_that_is_none_is_refused_before_anything(slippage: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["defi", "swap", "USDT", "WETH", "1", f"--slippage={slippage}"])
    assert "--slippage" in capsys.readouterr().err


def test_staking_pays_and_is_listed(trader: Trader, practice: Node) -> None:
    trader.defi("stake", "deposit", "staking-2", "all", "--yes", *trader.password)
    practice.rpc("practice_increaseTime", 86_400)
    practice.rpc("practice_mine")
    listed = {each["farm"]: each for each in trader.told("stake", "list")}
    assert listed["staking-2"]["staked"] == "500"
    assert Decimal(listed["staking-2"]["pending"]) > 16_000
    assert {"staking-1", "chef/0", "chef/1"} <= set(listed)

    trader.defi("stake", "exit", "staking-2", "--yes", *trader.password)

    held = {each["token"]: Decimal(each["amount"]) for each in json.loads(trader.run("balance", "--json"))["balances"]}
    assert held["FARM"] == 500
    assert held["GIFT"] >= Decimal(listed["staking-2"]["pending"])


def test_pools_and_positions_are_listed(trader: Trader) -> None:
    pools = trader.told("pools", "WETH", "USDT", "--blocks", "10")
    assert {each["exchange"] for each in pools} == {"uniswap-v2", "sushiswap", "pancakeswap", "uniswap-v3"}
    worth = [Decimal(each["tvl"]) for each in pools]
    assert worth == sorted(worth, reverse=True)
    assert all(3_000_000 < each < 12_000_000 for each in worth)
    assert trader.told("positions") == []
    assert "Liquidity" in trader.defi("positions")
