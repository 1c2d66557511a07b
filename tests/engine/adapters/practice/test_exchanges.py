"""The exchanges of the practice chain are the real ones: what they quote is what they pay, with their own fees."""

from __future__ import annotations

import pytest
from eth_account import Account
from web3 import HTTPProvider, Web3

from engine.adapters.practice.contracts import find
from engine.adapters.practice.manifest import Exchange
from engine.adapters.practice.words import Json
from tests.practice import Node

FOREVER = 2**255
TRADER = Account.from_key("0x" + "a1" * 32)


@pytest.fixture
def web3(practice: Node) -> Web3:
    practice.give(TRADER.address, 100 * 10**18)
    return Web3(HTTPProvider(practice.url))


def contract(web3: Web3, address: str, artifact: str) -> Json:
    return web3.eth.contract(address=Web3.to_checksum_address(address), abi=find().artifact(artifact).abi)


def sent(web3: Web3, call: Json, **fields: Json) -> Json:
    nonce = web3.eth.get_transaction_count(TRADER.address)
    fields = {
        "from": TRADER.address,
        "nonce": nonce,
        "maxFeePerGas": 3 * 10**9,
        "maxPriorityFeePerGas": 10**9,
        **fields,
    }
    raw = TRADER.sign_transaction(call.build_transaction(fields)).raw_transaction
    receipt = web3.eth.wait_for_transaction_receipt(web3.eth.send_raw_transaction(raw))
    assert receipt["status"] == 1
    return receipt


def balance(web3: Web3, token: str) -> int:
    return int(contract(web3, token, "sushi/WETH9Mock").functions.balanceOf(TRADER.address).call())


@pytest.mark.parametrize("name", ["uniswap-v2", "sushiswap", "pancakeswap"])
def test_a_swap_pays_what_was_quoted_and_what_the_fee_of_the_exchange_gives(
    practice: Node, web3: Web3, name: str
) -> None:
    dex, given = practice.manifest.exchange(name), 10**18
    weth, usdt = practice.manifest.token("WETH"), practice.manifest.token("USDT")
    router = contract(web3, dex.router, "sushi/UniswapV2Router02")
    pair = contract(web3, practice.manifest.pool(name, "WETH", "USDT"), "sushi/UniswapV2Pair")
    reserves = pair.functions.getReserves().call()[:2]
    first = int(pair.functions.token0().call(), 16) == int(weth, 16)
    inside, outside = reserves if first else reserves[::-1]

    quoted = router.functions.getAmountsOut(given, [weth, usdt]).call()[1]
    sent(web3, router.functions.swapExactETHForTokens(1, [weth, usdt], TRADER.address, FOREVER), value=given)

    counted, whole = given * dex.fee[0], dex.fee[1]
    assert balance(web3, usdt) == quoted == counted * outside // (inside * whole + counted)


def test_pairs_are_where_their_init_code_hash_says(practice: Node, web3: Web3) -> None:
    for dex in practice.manifest.exchanges:
        if dex.kind == "v2":
            for pool in (each for each in practice.manifest.pools if each.dex == dex.name):
                tokens = sorted(
                    (practice.manifest.token(s) for s in (pool.first, pool.second)), key=lambda a: int(a, 16)
                )
                salt = Web3.solidity_keccak(["address", "address"], tokens)
                packed = b"\xff" + bytes.fromhex(dex.factory[2:]) + salt + bytes.fromhex(dex.init_code_hash)
                assert bytes.fromhex(pool.address[2:]) == Web3.keccak(packed)[12:]


def test_sushiswap_is_the_one_of_ethereum(practice: Node) -> None:
    hash_ = "e18a34eb0e04b04f7a0ac29a6e80748dca96319b42c54d679cb821dca90c6303"
    assert practice.manifest.exchange("sushiswap").init_code_hash == hash_


@pytest.mark.parametrize("fee", [500, 3_000])
def test_uniswap_v3_pays_what_its_quoter_says(practice: Node, web3: Web3, fee: int) -> None:
    dex: Exchange = practice.manifest.exchange("uniswap-v3")
    other = "USDC" if fee == 500 else "USDT"
    weth, token = practice.manifest.token("WETH"), practice.manifest.token(other)
    quoter = contract(web3, dex.quoter, "uniswap_v3/QuoterV2")
    router = contract(web3, dex.router, "uniswap-swap-contracts/SwapRouter02")

    quoted = quoter.functions.quoteExactInputSingle((weth, token, 10**18, fee, 0)).call()[0]
    call = router.functions.exactInputSingle((weth, token, fee, TRADER.address, 10**18, 1, 0))
    sent(web3, call, value=10**18)

    assert balance(web3, token) == quoted > 0
