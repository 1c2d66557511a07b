"""The chains that come with the program, and what is said of a file that is wrong."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adapters.chain.known import FILE, known_chains, read_chains
from engine.defi.address import checksummed
from engine.defi.chain import DexKind
from engine.errors import InvalidInput
from engine.services.wallet.located import line_of

DATA = (files("resources") / "defi" / FILE).read_bytes()

IDS = {"ethereum": 1, "arbitrum": 42161, "optimism": 10, "polygon": 137, "base": 8453, "bnb": 56}


def test_the_six_chains_are_there_with_their_exchanges() -> None:
    chains = {each.name: each for each in known_chains()}

    assert {name: each.chain_id for name, each in chains.items()} == IDS
    for each in chains.values():
        assert {"uniswap-v2", "uniswap-v3", "sushiswap"} <= {dex.name for dex in each.dexes}
        assert each.multicall == "0xcA11bde05977b3631167028862bE2a173976CA11"
        assert each.wrapped in each.tokens
        assert {each.stables[0]} <= {token.address for token in each.tokens}
        assert each.rpc == (), "nothing leaves this machine before the user names a node"
        for dex in each.dexes:
            assert "@" in dex.source
            if dex.kind is DexKind.V2:
                assert len(dex.init_code_hash) == 32
    assert chains["bnb"].dex("pancakeswap") is not None


def test_every_address_of_the_reference_is_the_one_in_the_data() -> None:
    reference = {  # /reference/defi.md, section 7
        ("ethereum", "uniswap-v2"): (
            "0x5C69bEe701ef814a2B6a3EDD4B1652CB9cc5aA6f",
            "0x7a250d5630B4cF539739dF2C5dAcb4c659F2488D",
        ),
        ("optimism", "uniswap-v2"): (
            "0x0c3c1c532F1e39EdF36BE9Fe0bE1410313E074Bf",
            "0x4A7b5Da61326A6379179b40d00F57E5bbDC962c2",
        ),
        ("polygon", "uniswap-v2"): (
            "0x9e5A52f57b3038F1B8EeE45F28b3C1967e22799C",
            "0xedf6066a2b290C185783862C7F4776A2C8077AD1",
        ),
        ("base", "uniswap-v3"): (
            "0x33128a8fC17869897dcE68Ed026d694621f6FDfD",
            "0x2626664c2603336E57B271c5C0b26F421741e481",
        ),
        ("bnb", "uniswap-v3"): (
            "0xdB1d10011AD0Ff90774D0C6Bb92e5C5c8b4461F7",
            "0xB971eF87ede563556b2ED4b1C0b0019111Dd85d2",
        ),
        ("bnb", "pancakeswap"): (
            "0xcA143Ce32Fe78f1f7019d7d551a6402fC5350c73",
            "0x10ED43C718714eb63d5aA57B78B54704E256024E",
        ),
        ("base", "pancakeswap"): (
            "0x02a84c1b3BBD7401a5f7fa98a384EBC70bB5749E",
            "0x8cFe327CEc66d1C090Dd72bd0FF11d690C33a2Eb",
        ),
        ("ethereum", "sushiswap"): (
            "0xc0aee478e3658e2610c5f7a4a2e1777ce9e4f2ac",
            "0xd9e1ce17f2641f24ae83637ab66a2cca9c378b9f",
        ),
    }
    chains = {each.name: each for each in known_chains()}
    for (chain, name), (factory, router) in reference.items():
        dex = chains[chain].dex(name)
        assert dex is not None
        assert (dex.factory, dex.router) == (checksummed(factory), checksummed(router))


def test_a_pair_that_everybody_knows_is_where_the_data_put_it() -> None:
    from engine.adapters.chain.checks import computed_pair

    usdc, weth = "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48", "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2"
    wbnb, busd = "0xbb4CdB9CBd36B01bD1cBaEBF2De08d9173bc095c", "0xe9e7CEA3DedcA5984780Bafc599bD69ADd087D56"
    dexes = {(each.name, dex.name): dex for each in known_chains() for dex in each.dexes}

    assert computed_pair(dexes["ethereum", "uniswap-v2"], usdc, weth) == "0xB4e16d0168e52d35CaCD2c6185b44281Ec28C9Dc"
    assert computed_pair(dexes["ethereum", "sushiswap"], usdc, weth) == "0x397FF1542f962076d0BFE58eA045FfA2d347ACa0"
    assert computed_pair(dexes["bnb", "pancakeswap"], wbnb, busd) == "0x58F876857a02D6762E0101bb5C46A8c1ED44Dc16"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (b'"chain_id": 10,', b'"chain_id": "x",', r"\(chains\[2\].chain_id\): Expected `int`"),
        (b"0x5C69bE", b"0x5C69be", r"\(chains\[0\].dexes\[0\].factory\): The letters of 0x5C69bee"),
        (b'"sources": ["sushi-v2"]', b'"sources": ["nope"]', r"sources\[0\]\): 'nope' is not among the sources"),
        (b'"decimals": 8', b'"decimals": 80', r"tokens\[3\].decimals\): Expected `int` <= 77"),
        (b'"format": 1,', b'"format": 1 ', r": JSON is malformed"),
        (b'"format": 1,', b'"format": 2,', r"\(format\): Invalid"),
        (b'"fee": [997, 1000]', b'"fee": [997, 10]', r"fee\): 997 of 10 is no part"),
        (b'"kind": "v2"', b'"kind": "v9"', r"kind\): Invalid enum value 'v9'"),
        (b'["USDC", "USDT", "DAI"]', b'["USDX"]', r"stables\[0\]\): 'USDX' is the symbol of 0"),
        (b'"chain_id": 10,', b'"chain_id": 1,', r"chain_id\): 1 is there twice"),
        (b'"name": "arbitrum"', b'"name": "ethereum"', r"name\): ethereum is there twice"),
        (b'"name": "uniswap-v3"', b'"name": "uniswap-v2"', r"name\): uniswap-v2 is there twice"),
        (b'"block_s": 12,', b'"blocks": 12,', r"\(chains\[0\]\): Object contains unknown field `blocks`"),
        (b"0x96e8ac42", b"0x96e8ac", r"init_code_hash\): .* is no hash"),
        (b'"fee_tiers": [100, 500, 3000, 10000]', b'"fee_tiers": []', r"fee_tiers\): an exchange of V3's kind"),
        (b'"quoter": "0x61fFE014bA17989E743c5F6cB21bF9697530B21e"', b'"quoter": ""', r"has a quoter"),
        (b"https://etherscan.io", b"javascript:alert(1)", r"explorer\): .* is no address"),
        (b'"reward": "SUSHI"', b'"reward": "X"', r"reward\): 'X'"),
    ],
)
def test_a_wrong_value_is_told_by_line_key_and_value(old: bytes, new: bytes, words: str) -> None:
    assert old in DATA
    wrong = DATA.replace(old, new, 1)

    with pytest.raises(InvalidInput, match=r"^mine.json, line \d+.*" + words) as failed:
        read_chains(wrong, "mine.json")

    line = int(str(failed.value).split("line ")[1].split(" ")[0].rstrip(":"))
    place = wrong[: wrong.index(new)].count(b"\n") + 1
    exact = "unknown field" not in words and "malformed" not in words and "quoter" not in words and "twice" not in words
    assert line == place or not exact


@settings(max_examples=60, deadline=None)
@given(st.recursive(st.one_of(st.integers(), st.text(), st.booleans(), st.none()), lambda inner: st.one_of(
    st.lists(inner, max_size=4), st.dictionaries(st.from_regex(r"[a-z]{1,3}", fullmatch=True), inner, max_size=4)
), max_leaves=12))  # fmt: skip
def test_the_line_of_every_value_is_found(value: object) -> None:
    text = json.dumps(value, indent=1)

    def walk(each: object, path: str) -> None:
        line = line_of(text, path)
        assert line is not None
        found = text.splitlines()[line - 1]
        key = path.rpartition(".")[2]
        if path and "[" not in key:
            assert f'"{key}"' in found
        if isinstance(each, str | int | None):
            assert json.dumps(each) in found
        if isinstance(each, dict):
            for name, inner in each.items():
                walk(inner, f"{path}.{name}")
        if isinstance(each, list):
            for at, inner in enumerate(each):
                walk(inner, f"{path}[{at}]")

    walk(value, "")
