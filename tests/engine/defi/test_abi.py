"""The language of contracts, against a naive twin written from the specification and against web3.py's contracts."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.defi import abi
from engine.defi.abi.known import ERRORS, EVENTS, FUNCTIONS
from engine.defi.address import checksummed
from engine.errors import InvalidInput
from engine.ports.chain import Log

FACTORY = "0x5C69bEe701ef814a2B6a3EDD4B1652CB9cc5aA6f"
ROUTER = "0x7a250d5630B4cF539739dF2C5dAcb4c659F2488D"

PUBLISHED = {
    "transfer(address,uint256)": "a9059cbb",
    "approve(address,uint256)": "095ea7b3",
    "balanceOf(address)": "70a08231",
    "getReserves()": "0902f1ac",
    "swapExactTokensForTokens(uint256,uint256,address[],address,uint256)": "38ed1739",
    "addLiquidity(address,address,uint256,uint256,uint256,uint256,address,uint256)": "e8e33700",
    "exactInputSingle((address,address,uint24,address,uint256,uint256,uint256,uint160))": "414bf389",
    "exactInputSingle((address,address,uint24,address,uint256,uint256,uint160))": "04e45aaf",
    "quoteExactInputSingle((address,address,uint256,uint24,uint160))": "c6a5026a",
    "mint((address,address,uint24,int24,int24,uint256,uint256,uint256,uint256,address,uint256))": "88316456",
    "collect((uint256,address,uint128,uint128))": "fc6f7865",
    "slot0()": "3850c7bd",
    "multicall(uint256,bytes[])": "5ae401dc",
    "multicall(bytes[])": "ac9650d8",
    "tryAggregate(bool,(address,bytes)[])": "bce38bd7",
    "aggregate3((address,bool,bytes)[])": "82ad56cb",
    "getEthBalance(address)": "4d2301cc",
    "deposit(uint256,uint256)": "e2bbb158",
    "userInfo(uint256,address)": "93f1a40b",
    "earned(address)": "008cc262",
}
"""As the contracts' verified pages publish them."""


@pytest.mark.parametrize(("signature", "digits"), PUBLISHED.items())
def test_selectors_are_those_that_the_projects_publish(signature: str, digits: str) -> None:
    assert abi.selector(signature).hex() == digits
    assert signature in {abi.parsed(each).canonical for each in FUNCTIONS}


def test_everything_known_can_be_read_and_names_its_values() -> None:
    for each in (*FUNCTIONS, *EVENTS, *ERRORS):
        signature = abi.parsed(each)
        assert all(part.name for part in signature.parameters), each
        assert len(set(signature.names)) == len(signature.names), each


def types(depth: int = 2) -> st.SearchStrategy[str]:
    """Types of the contract ABI, nested a little."""
    plain = st.one_of(
        st.sampled_from(["address", "bool", "string", "bytes", "uint256", "int256"]),
        st.integers(1, 32).map(lambda n: f"uint{8 * n}"),
        st.integers(1, 32).map(lambda n: f"int{8 * n}"),
        st.integers(1, 32).map(lambda n: f"bytes{n}"),
    )
    if depth == 0:
        return plain
    inner = types(depth - 1)
    return st.one_of(
        plain,
        inner.map(lambda each: f"{each}[]"),
        st.tuples(inner, st.integers(1, 3)).map(lambda pair: f"{pair[0]}[{pair[1]}]"),
        st.lists(inner, min_size=1, max_size=3).map(lambda each: f"({','.join(each)})"),
    )


def values(kind: abi.Parameter) -> st.SearchStrategy[object]:
    """Values that a type can hold."""
    text = kind.type
    if text.endswith("]"):
        element = abi.Parameter(text[: text.rindex("[")], parts=kind.parts)
        size = text[text.rindex("[") + 1 : -1]
        least, most = (int(size), int(size)) if size else (0, 3)
        return st.lists(values(element), min_size=least, max_size=most).map(tuple)
    if kind.parts:
        return st.tuples(*(values(each) for each in kind.parts))
    if text.startswith(("uint", "int")):
        bits = int(text.lstrip("uint"))
        low, high = (0, 2**bits - 1) if text[0] == "u" else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
        return st.one_of(st.integers(low, high), st.sampled_from([low, high]))
    if text == "address":
        return st.binary(min_size=20, max_size=20).map(lambda each: checksummed(f"0x{each.hex()}"))
    if text.startswith("bytes") and text != "bytes":
        return st.binary(min_size=int(text[5:]), max_size=int(text[5:]))
    return {"bool": st.booleans(), "string": st.text(max_size=70), "bytes": st.binary(max_size=70)}[text]


def twin(kind: abi.Parameter, value: object) -> bytes:
    """enc(X) of the specification, as it is written there."""
    text = kind.type
    if text.endswith("]") and isinstance(value, tuple):
        element = abi.Parameter(text[: text.rindex("[")], parts=kind.parts)
        length = twin(abi.Parameter("uint256"), len(value)) if text.endswith("[]") else b""
        return length + twin_tuple((element,) * len(value), value)
    if kind.parts and isinstance(value, tuple):
        return twin_tuple(kind.parts, value)
    if isinstance(value, bool | int):
        return int(value).to_bytes(32, "big", signed=int(value) < 0)
    if isinstance(value, bytes) and text != "bytes":
        return value.ljust(32, b"\0")
    if text == "address":
        return bytes.fromhex(str(value)[2:]).rjust(32, b"\0")
    data = value if isinstance(value, bytes) else str(value).encode()
    return len(data).to_bytes(32, "big") + data + bytes(-len(data) % 32)


def twin_tuple(kinds: tuple[abi.Parameter, ...], given: tuple[object, ...]) -> bytes:
    parts = [(each.is_dynamic, twin(each, value)) for each, value in zip(kinds, given, strict=True)]
    at = sum(32 if dynamic else len(data) for dynamic, data in parts)
    heads, tails = b"", b""
    for dynamic, data in parts:
        heads += (at + len(tails)).to_bytes(32, "big") if dynamic else data
        tails += data if dynamic else b""
    return heads + tails


calls = st.lists(types(), max_size=4).flatmap(
    lambda each: st.tuples(
        st.just(f"({','.join(each)})"),
        st.tuples(*(values(part) for part in abi.parsed(f"({','.join(each)})").parameters)),
    )
)


@settings(max_examples=60, deadline=None)
@given(calls)
def test_coding_agrees_with_the_specification_and_comes_back(call: tuple[str, tuple[object, ...]]) -> None:
    listed, given_values = call

    data = abi.encode_args(listed, *given_values)

    assert data == twin_tuple(abi.parsed(listed).parameters, given_values)
    assert abi.decode(listed, data) == given_values


@settings(max_examples=60, deadline=None)
@given(types(), st.binary(max_size=400))
def test_garbage_is_refused_or_read_and_never_breaks(kind: str, data: bytes) -> None:
    with suppress(InvalidInput):
        abi.decode(f"({kind})", data)
    assert abi.revert_reason(data)
    assert len(abi.revert_reason(abi.selector("Error(string)") + data)) < 400


def test_a_length_that_is_not_there_is_refused_and_missing_padding_is_not() -> None:
    whole = abi.encode_args("(string)", "abc")

    assert abi.decode("(string)", whole[:67]) == ("abc",)
    with pytest.raises(InvalidInput, match="announced"):
        abi.decode("(string)", whole[:66])


def test_a_call_is_recognised_with_its_arguments_by_name() -> None:
    path = bytes.fromhex(FACTORY[2:]) + (3000).to_bytes(3, "big") + bytes.fromhex(ROUTER[2:])
    data = abi.encode("exactInput((bytes,address,uint256,uint256))", (path, ROUTER, 5, 4))

    call = abi.decoded_call(data)

    assert call is not None
    assert call.name == "exactInput"
    assert call.named == {"path": path, "recipient": ROUTER, "amountIn": 5, "amountOutMinimum": 4}
    assert abi.decoded_call(data[:40]) is None
    assert abi.decoded_call(b"") is None
    assert abi.decoded_call(b"\1\2\3\4") is None


def topic_of(address: str) -> bytes:
    return bytes(12) + bytes.fromhex(address[2:])


def test_a_transfer_of_a_token_is_told_from_that_of_an_item() -> None:
    signature = "Transfer(address,address,uint256)"
    head = (abi.topic(signature), topic_of(FACTORY), topic_of(ROUTER))
    token = Log(FACTORY, head, (7).to_bytes(32, "big"))
    item = Log(FACTORY, (*head, (9).to_bytes(32, "big")), b"")

    assert abi.decode_log(signature, token) == {"from": FACTORY, "to": ROUTER, "value": 7}
    assert abi.decode_log(signature, item) == {"from": FACTORY, "to": ROUTER, "tokenId": 9}
    assert (found := abi.decoded_log(item)) is not None
    assert found.values["tokenId"] == 9
    assert abi.decoded_log(Log(FACTORY, head[:2], b"")) is None
    with pytest.raises(InvalidInput, match="is no Sync"):
        abi.decode_log("Sync(uint112 reserve0,uint112 reserve1)", token)
    with pytest.raises(InvalidInput, match="topics"):
        abi.decode_log("Transfer(address indexed from,address to,uint256 value)", token)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "the contract gave no reason"),
        (abi.encode("Error(string)", "UniswapV2Router: EXPIRED"), "UniswapV2Router: EXPIRED (its deadline has passed)"),
        (abi.encode("Error(string)", "STF"), "STF (the token could not be taken"),
        (abi.encode("Error(string)", "a\n\x1b[31mb\u202e"), "a [31mb"),
        (abi.encode("Error(string)", "x" * 9000), "xxx"),
        (abi.encode("Panic(uint256)", 0x11), "a number became too large or negative (panic 0x11)"),
        (abi.encode("InsufficientBalance(uint256,uint256)", 1, 2), "InsufficientBalance(balance 1, needed 2)"),
        (b"\xde\xad\xbe\xef", "an error of its own that we do not know (0xdeadbeef)"),
        (b"\x08\xc3\x79\xa0\1", "an error of its own"),
    ],
)
def test_a_refusal_becomes_one_bounded_line(data: bytes, words: str) -> None:
    reason = abi.revert_reason(data)

    assert reason.startswith(words)
    assert len(reason) < 300
    assert reason.isprintable()


@pytest.mark.parametrize(
    "text", ["", "transfer", "f(uint7)", "f(uint256", "f(uint256))", "f(,)", "f(a b c)", "1f()", "f(())"]
)
def test_what_is_no_signature_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="is no signature"):
        abi.parsed(text)


def test_short_types_and_names_do_not_change_what_is_hashed() -> None:
    assert abi.selector("transfer(address to, uint amount)") == abi.selector("transfer(address,uint256)")
    assert abi.parsed("f(uint[2] a,int)").canonical == "f(uint256[2],int256)"
    assert abi.parsed("f(tuple(address a,bytes b)[] calldata calls)").canonical == "f((address,bytes)[])"


@pytest.mark.parametrize(
    ("signature", "args"),
    [
        ("f(uint8)", (256,)),
        ("f(uint8)", (-1,)),
        ("f(uint8)", ("1",)),
        ("f(address)", ("0x12",)),
        ("f(bytes4)", (b"12345",)),
        ("f(bool)", (2,)),
        ("f(uint8,uint8)", (1,)),
        ("f(uint256[2])", ((1, 2, 3),)),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_the_name_of_the_call(signature: str, args: tuple[object, ...]) -> None:
    with pytest.raises(InvalidInput, match=r"^f\("):
        abi.encode(signature, *args)


def test_nothing_heavy_is_loaded_before_it_is_used() -> None:
    code = (
        "import sys, engine.defi.abi, engine.ports.chain;"
        "sys.exit(' '.join(m for m in ('eth_abi', 'eth_utils', 'Crypto', 'asyncio', 'httpx') if m in sys.modules) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
