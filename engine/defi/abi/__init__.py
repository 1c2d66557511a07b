"""The language of contracts: calls, answers, logs and refusals, as bytes and as words.

A signature is written as Solidity's are: "transfer(address,uint256)", or with names
"Transfer(address indexed from,address indexed to,uint256 value)". Addresses come out checksummed, text of strangers as
it is (bounded only where it becomes a sentence), whole numbers as `int`. Source: the contract ABI specification.

`eth_abi` does the coding; it takes a fifth of a second to load, on the first call or in `load` (off the loop).
"""

from engine.defi.abi.codec import decode, encode, encode_args, load, selector, topic
from engine.defi.abi.log import DecodedLog, decode_log, decoded_log
from engine.defi.abi.recognised import DecodedCall, decoded_call
from engine.defi.abi.revert import revert_reason
from engine.defi.abi.signature import Parameter, Signature, parsed

__all__ = [
    "DecodedCall",
    "DecodedLog",
    "Parameter",
    "Signature",
    "decode",
    "decode_log",
    "decoded_call",
    "decoded_log",
    "encode",
    "encode_args",
    "load",
    "parsed",
    "revert_reason",
    "selector",
    "topic",
]
