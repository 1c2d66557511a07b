"""What nodes mean by their errors: the shapes and words of geth, erigon, nethermind, besu, anvil, hardhat, ganache."""

from __future__ import annotations

import pytest
from eth_abi.abi import encode
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adapters.chain.refusal import Meaning, refusal_of
from engine.errors import ChainUnavailable, NodeRefused, Reverted

DATA = "0x08c379a0" + encode(["string"], ["UniswapV2Router: EXPIRED"]).hex()
WORDS = "UniswapV2Router: EXPIRED (its deadline has passed)"
HASH = "0x" + "ab" * 32
NONE = "the contract gave no reason"


@pytest.mark.parametrize(
    ("error", "words", "has_data"),
    [
        ({"code": 3, "message": "execution reverted: UniswapV2Router: EXPIRED", "data": DATA}, WORDS, True),
        ({"code": -32000, "message": "execution reverted: UniswapV2Router: EXPIRED"}, WORDS, False),
        ({"code": -32000, "message": "execution reverted"}, NONE, False),
        ({"code": 3, "message": "execution reverted", "data": "0x"}, NONE, False),
        ({"code": -32015, "message": "VM execution error.", "data": f"Reverted {DATA}"}, WORDS, True),
        ({"code": -32015, "message": "VM execution error.", "data": "revert"}, NONE, False),
        ({"code": -32000, "message": "Execution reverted", "data": DATA}, WORDS, True),
        (
            {
                "code": -32603,
                "message": "Error: VM Exception while processing transaction: reverted with reason string 'STF'",
                "data": {"message": "Error: …", "txHash": HASH, "data": DATA},
            },
            WORDS,
            True,
        ),
        (
            {
                "code": -32603,
                "message": "Error: VM Exception while processing transaction: reverted with reason string 'STF'",
            },
            "STF (the token could not be taken: too little of it, or too small an allowance)",
            False,
        ),
        (
            {
                "code": -32000,
                "message": "VM Exception while processing transaction: revert UniswapV2Router: EXPIRED",
                "data": {"hash": HASH, "programCounter": 1, "result": DATA, "reason": "x", "message": "revert"},
            },
            WORDS,
            True,
        ),
        (
            {
                "code": -32000,
                "message": "VM Exception while processing transaction: revert",
                "data": {HASH: {"error": "revert", "return": DATA}, "stack": "…", "name": "RuntimeError"},
            },
            WORDS,
            True,
        ),
        ({"code": -32000, "message": "execution reverted", "data": {"originalError": {"data": DATA}}}, WORDS, True),
        ({"code": -32000, "message": "out of gas"}, "it takes more gas than it may or can pay for", False),
        ({"code": -32000, "message": "gas required exceeds allowance (9000)"}, "it takes more gas than", False),
        ({"code": -32000, "message": "invalid opcode: INVALID"}, "the contract ran into an invalid opcode", False),
        ({"code": 3, "message": "execution reverted", "data": "0x4e487b71" + "12".rjust(64, "0")},
         "a division by zero (panic 0x12)", True),
        ({"code": 3, "message": "execution reverted", "data": "0x08c"}, NONE, False),
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["eth_call", "eth_estimateGas"])
def test_a_contracts_no_is_found_wherever_a_node_puts_it(
    method: str, error: dict[str, object], words: str, has_data: bool
) -> None:
    refusal = refusal_of(method, error)

    assert refusal.meaning is Meaning.REVERTED
    assert refusal.text.startswith(words)
    raised = refusal.error()
    assert isinstance(raised, Reverted)
    assert bool(raised.data) == has_data
    if DATA in str(error):
        assert raised.data.hex() == DATA[2:]


@pytest.mark.parametrize(
    ("message", "word"),
    [
        ("nonce too low", "nonce-too-low"),
        ("nonce too low: next nonce 5, tx nonce 4", "nonce-too-low"),
        ("OldNonce, Current nonce: 5, nonce of rejected tx: 4", "nonce-too-low"),
        ("nonce too high", "nonce-too-high"),
        ("NonceGap, Future nonce. Expected nonce: 4", "nonce-too-high"),
        ("replacement transaction underpriced", "replacement-underpriced"),
        ("transaction underpriced", "underpriced"),
        ("transaction underpriced: tip needed 1, tip permitted 0", "underpriced"),
        ("FeeTooLow, MaxFeePerGas too low", "fee-below-base"),
        ("max fee per gas less than block base fee: address 0x12, maxFeePerGas: 1, baseFee: 2", "fee-below-base"),
        ("max priority fee per gas higher than max fee per gas", "tip-above-fee"),
        ("insufficient funds for gas * price + value: balance 0, tx cost 1, overshot 1", "insufficient-funds"),
        ("InsufficientFunds, Balance is 0 less than sending value", "insufficient-funds"),
        ("Insufficient funds for gas * price + value", "insufficient-funds"),
        ("Upfront cost exceeds account balance", "refused"),
        ("intrinsic gas too low", "gas-too-low"),
        ("exceeds block gas limit", "gas-too-high"),
        ("tx fee (2.00 ether) exceeds the configured cap (1.00 ether)", "fee-cap"),
        ("invalid sender", "wrong-chain"),
        ("invalid chain id for signer: have 1 want 5", "wrong-chain"),
        ("max initcode size exceeded", "too-large"),
        ("something new", "refused"),
        ("", "refused"),
    ],
)
@pytest.mark.parametrize("code", [-32000, -32003, -32010])
def test_why_a_transaction_is_not_taken_is_told_by_a_word_and_a_sentence(message: str, word: str, code: int) -> None:
    refusal = refusal_of("eth_sendRawTransaction", {"code": code, "message": message})

    raised = refusal.error()
    assert isinstance(raised, NodeRefused)
    assert (raised.word, raised.code) == (word, code)
    assert len(str(raised)) > 20


@pytest.mark.parametrize(
    "message",
    [
        "already known",
        "AlreadyKnown",
        "known transaction: 0x12",
        "Transaction with the same hash was already imported.",
    ],
)
def test_a_transaction_that_is_there_already_is_no_failure(message: str) -> None:
    assert refusal_of("eth_sendRawTransaction", {"code": -32000, "message": message}).meaning is Meaning.KNOWN


@pytest.mark.parametrize(
    ("method", "error", "meaning"),
    [
        ("eth_call", {"code": -32000, "message": "header not found"}, Meaning.ELSEWHERE),
        ("eth_call", {"code": -32000, "message": "missing trie node abc (path 01)"}, Meaning.ELSEWHERE),
        ("eth_call", {"code": -32603, "message": "Internal error"}, Meaning.ELSEWHERE),
        ("eth_call", {"code": -32602, "message": "invalid argument 0: hex string without 0x prefix"}, Meaning.REFUSED),
        ("eth_call", {"code": -32000, "message": "insufficient funds for gas * price + value"}, Meaning.REFUSED),
        ("eth_sendRawTransaction", {"code": -32000, "message": "txpool is full"}, Meaning.ELSEWHERE),
        ("eth_call", {"code": -32005, "message": "limit exceeded"}, Meaning.SLOW_DOWN),
        ("eth_call", {"code": 429, "message": "Your app has exceeded its compute units per second"}, Meaning.SLOW_DOWN),
        ("eth_call", {"code": -32007, "message": "20/second request limit reached"}, Meaning.SLOW_DOWN),
        ("eth_simulateV1", {"code": -32601, "message": "the method eth_simulateV1 does not exist/is not available"},
         Meaning.UNKNOWN_METHOD),
        ("eth_simulateV1", {"code": -32600, "message": "Unsupported method: eth_simulateV1"}, Meaning.UNKNOWN_METHOD),
        ("eth_simulateV1", {"code": -32004, "message": "Method not supported"}, Meaning.UNKNOWN_METHOD),
        ("eth_getLogs", {"code": -32005, "message": "query returned more than 10000 results"}, Meaning.TOO_WIDE),
        ("eth_getLogs", {"code": -32000, "message": "exceed maximum block range: 50000"}, Meaning.TOO_WIDE),
        ("eth_getLogs", {"code": -32602, "message": "Log response size exceeded."}, Meaning.TOO_WIDE),
        ("eth_getLogs", {"code": -32600, "message": "ranges over 10000 blocks are not supported on freetier"},
         Meaning.TOO_WIDE),
        ("eth_getLogs", {"code": -32614, "message": "eth_getLogs is limited to a 10,000 range"}, Meaning.TOO_WIDE),
        ("eth_getLogs", {"code": -32701, "message": "Please specify an address or reduce the block range"},
         Meaning.TOO_WIDE),
        ("eth_getLogs", {"code": -32005, "message": "too many requests"}, Meaning.SLOW_DOWN),
    ],
)  # fmt: skip
def test_what_to_do_about_the_others(method: str, error: dict[str, object], meaning: Meaning) -> None:
    assert refusal_of(method, error).meaning is meaning


json = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=80), st.just("0x" + "ff" * 40)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["code", "message", "data", "result", "x"]), inner, max_size=4),
    ),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(["eth_call", "eth_sendRawTransaction", "eth_getLogs", ""]), json)
def test_no_error_of_a_node_breaks_anything(method: str, error: object) -> None:
    refusal = refusal_of(method, error)

    assert len(str(refusal.error())) < 400
    assert str(refusal.error()).isprintable()


def test_a_failure_of_the_node_is_one_to_wait_for() -> None:
    raised = refusal_of("eth_call", {"code": -32603, "message": "boom\n" * 200}).error()
    assert isinstance(raised, ChainUnavailable)
    assert len(str(raised)) < 300
