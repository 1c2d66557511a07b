"""How the library's decoders differ here; importing this loads it.

As Solidity's own decoder does, missing or dirty padding behind text and bytes is let be (some contracts send it), and
a length that is not there is not.
"""

from __future__ import annotations

from functools import lru_cache

from eth_abi import decoding
from eth_abi.exceptions import InsufficientDataBytes

from engine.defi.address import checksummed

ADDRESSES_KEPT = 4096
WORD = 32


@lru_cache(maxsize=ADDRESSES_KEPT)
def address_of(word: bytes) -> str:
    """Return 20 bytes as a checksummed address; the same few come again and again."""
    return checksummed(f"0x{word.hex()}")


class AddressDecoder(decoding.AddressDecoder):
    """Addresses with their checksum."""

    decoder_fn = staticmethod(address_of)  # type: ignore[assignment]


class BytesDecoder(decoding.ByteStringDecoder):
    """Bytes of any length."""

    def read_data_from_stream(self, stream: decoding.ContextFramesBytesIO) -> bytes:
        """Return as many bytes as the length in front of them says.

        Raises:
            InsufficientDataBytes: there are fewer.
        """
        length = decoding.decode_uint_256(stream)
        left = len(stream.getbuffer()) - stream.tell()
        if length > left:
            raise InsufficientDataBytes(f"{length} bytes are announced and {left} are there")
        data: bytes = stream.read(length)
        stream.read(-length % WORD)
        return data


class TextDecoder(BytesDecoder):
    """Text; what is no UTF-8 is replaced, since strangers write it."""

    @staticmethod
    def decoder_fn(data: bytes) -> str:
        """Return the text."""
        return data.decode("utf-8", "replace")
