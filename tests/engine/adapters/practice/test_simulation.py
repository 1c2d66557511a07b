"""`eth_simulateV1` tells beforehand what a transaction does afterwards: the same lines, the same gas."""

from __future__ import annotations

from typing import Any

import pytest

from engine.adapters.practice.words import Json
from engine.defi.abi import encode
from tests.engine.adapters.practice.person import FOREVER, Person
from tests.practice import Node, Refused

COIN = "0x" + "ee" * 20
NOBODY = "0x" + "00" * 19 + "99"


@pytest.fixture
def person(practice: Node) -> Person:
    return Person(practice)


def simulated(node: Node, *calls: dict[str, Any], **block: Json) -> list[dict[str, Any]]:
    payload = {"blockStateCalls": [{"calls": list(calls), **block}], "validation": False, "traceTransfers": True}
    return list(node.rpc("eth_simulateV1", payload, "latest")[0]["calls"])


def lines(logs: list[dict[str, Any]], *, coin: bool) -> list[tuple[str, list[str], str]]:
    return [(each["address"], each["topics"], each["data"]) for each in logs if (each["address"] == COIN) == coin]


@pytest.mark.parametrize("name", ["uniswap-v2", "sushiswap", "pancakeswap"])
def test_a_swap_is_told_as_it_then_happens(person: Person, name: str) -> None:
    node = person.node
    path = [node.manifest.token("WETH"), node.manifest.token("USDT")]
    swap = "swapExactETHForTokens(uint256,address[],address,uint256)"
    router = node.manifest.exchange(name).router

    told = simulated(node, person.request(router, swap, 1, path, person.address, FOREVER, value=10**18))[0]
    receipt = person.does(router, swap, 1, path, person.address, FOREVER, value=10**18)

    assert (told["status"], int(told["gasUsed"], 16)) == ("0x1", int(receipt["gasUsed"], 16))
    assert lines(told["logs"], coin=False) == lines(receipt["logs"], coin=False)
    word = (10**18).to_bytes(32, "big").hex()
    assert [data for _, _, data in lines(told["logs"], coin=True)] == [f"0x{word}"] * 2  # to the router, then into WETH


def test_a_call_sees_what_the_calls_before_it_did_and_nothing_stays(person: Person) -> None:
    node = person.node
    usdt, weth = node.manifest.token("USDT"), node.manifest.token("WETH")
    router = node.manifest.exchange("uniswap-v2").router
    node.give(person.address, 5_000_000, "USDT")
    swap = "swapExactTokensForTokens(uint256,uint256,address[],address,uint256)"
    approve = person.request(usdt, "approve(address,uint256)", router, 5_000_000)
    sell = person.request(router, swap, 5_000_000, 1, [usdt, weth], person.address, FOREVER)

    alone, both = simulated(node, sell)[0], simulated(node, approve, sell)

    assert (alone["status"], alone["error"]["code"]) == ("0x0", 3)
    assert [each["status"] for each in both] == ["0x1", "0x1"]
    assert person.balance("USDT") == 5_000_000
    assert person.asks(usdt, "allowance(address,address)", person.address, router) == 0


def test_who_has_nothing_can_be_given_something_for_the_simulation(practice: Node) -> None:
    pay = {"from": NOBODY, "to": COIN, "value": hex(10**18)}

    with pytest.raises(Refused, match="insufficient funds"):
        simulated(practice, pay)
    told = simulated(practice, pay, stateOverrides={NOBODY: {"balance": hex(2 * 10**18)}})

    assert told[0]["status"] == "0x1"
    assert practice.rpc("eth_getBalance", NOBODY, "latest") == "0x0"


def test_lines_of_a_frame_that_failed_are_not_told(person: Person) -> None:
    node = person.node
    multicall, weth = node.manifest.multicall, node.manifest.token("WETH")
    failing = [(weth, encode("withdraw(uint256)", 10**18)), (weth, encode("transfer(address,uint256)", NOBODY, 0))]
    call = person.request(multicall, "tryAggregate(bool,(address,bytes)[])", False, failing)

    told = simulated(node, call)[0]

    assert told["status"] == "0x1"
    assert [address for address, _, _ in lines(told["logs"], coin=False)] == [weth.lower()]
    assert lines(told["logs"], coin=True) == []


def test_blocks_follow_each_other_in_time(person: Person) -> None:
    pool = person.node.manifest.farms[0].address
    ask = person.request(pool, "lastTimeRewardApplicable()")
    now = int(person.node.rpc("eth_getBlockByNumber", "latest", False)["timestamp"], 16)

    payload = {
        "blockStateCalls": [
            {"calls": [ask], "blockOverrides": {"time": hex(now + 100)}},
            {"calls": [ask], "blockOverrides": {"time": hex(now + 1_000)}},
        ]
    }
    told = person.node.rpc("eth_simulateV1", payload, "latest")

    assert [int(each["calls"][0]["returnData"], 16) - now for each in told] == [100, 1_000]
    assert int(told[1]["number"], 16) == int(told[0]["number"], 16) + 1


def test_what_it_cannot_do_is_refused_in_a_sentence(person: Person) -> None:
    ask = person.request(person.node.manifest.multicall, "getBlockNumber()")
    payloads: tuple[dict[str, Any], ...] = (
        {},
        {"blockStateCalls": []},
        {"blockStateCalls": [{"calls": [ask]}], "validation": True},
        {"blockStateCalls": [{"calls": [ask], "blockOverrides": {"colour": "red"}}]},
        {"blockStateCalls": [{"calls": "all"}]},
    )
    for payload in payloads:
        with pytest.raises(Refused) as caught:
            person.node.rpc("eth_simulateV1", payload, "latest")
        assert caught.value.error["code"] == -32602
