"""How the practice chain says no: the codes and words of JSON-RPC and of geth, which wallets know."""

from __future__ import annotations


class Refusal(Exception):  # noqa: N818 - an answer, not a mistake of the program
    """A request is answered with an error; `code` and `data` are JSON-RPC's."""

    def __init__(self, text: str, code: int = -32000, data: str | None = None) -> None:
        super().__init__(text)
        self.code, self.data = code, data


BAD_PARAMS = -32602
NO_METHOD = -32601
NO_REQUEST = -32600
NO_JSON = -32700
BROKEN = -32603
REVERTED = 3
VM_ERROR = -32015


def bad(text: str) -> Refusal:
    """Return the refusal of parameters that make no sense."""
    return Refusal(text, BAD_PARAMS)
