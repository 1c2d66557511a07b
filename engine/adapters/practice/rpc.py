"""JSON-RPC 2.0: bytes of a request or a batch in, bytes of the answer out. Never raises."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from engine.adapters.practice.refusal import BROKEN, NO_JSON, NO_METHOD, NO_REQUEST, Refusal, bad
from engine.adapters.practice.words import Json

MOST_IN_BATCH = 200
_log = logging.getLogger(__name__)

Method = Callable[[list[Any]], Any]


def answer(body: bytes, methods: Mapping[str, Method]) -> bytes:
    """Answer what a body asks; empty if it asks for no answer (notifications)."""
    try:
        asked = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return msgspec.json.encode(_error(None, Refusal("This is no JSON.", NO_JSON)))
    if not isinstance(asked, list):
        told = one(asked, methods)
        return b"" if told is None else msgspec.json.encode(told)
    if not asked or len(asked) > MOST_IN_BATCH:
        refusal = Refusal(f"A batch must have 1 to {MOST_IN_BATCH} requests.", NO_REQUEST)
        return msgspec.json.encode(_error(None, refusal))
    all_told = [told for each in asked if (told := one(each, methods)) is not None]
    return msgspec.json.encode(all_told) if all_told else b""


def one(request: Json, methods: Mapping[str, Method]) -> dict[str, Any] | None:
    """Answer one request; None if it is a notification."""
    if not isinstance(request, dict) or not isinstance(request.get("method"), str):
        return _error(None, Refusal("A request must be an object with a method.", NO_REQUEST))
    number = request.get("id")
    try:
        result = _result(request, methods)
    except Refusal as refusal:
        told = _error(number, refusal)
    except Exception:
        _log.exception("a method failed", extra={"method": request["method"][:64]})
        told = _error(number, Refusal("The practice chain made a mistake; its log says which.", BROKEN))
    else:
        told = {"jsonrpc": "2.0", "id": number, "result": result}
    return told if "id" in request else None


def _result(request: dict[str, Any], methods: Mapping[str, Method]) -> Json:
    method = methods.get(request["method"])
    if method is None:
        raise Refusal(f"the method {request['method'][:64]} does not exist/is not available", NO_METHOD)
    params = request.get("params", [])
    if not isinstance(params, list):
        raise bad("params must be a list.")
    return method(params)


def _error(number: Json, refusal: Refusal) -> dict[str, Any]:
    error: dict[str, Any] = {"code": refusal.code, "message": str(refusal)}
    if refusal.data is not None:
        error["data"] = refusal.data
    return {"jsonrpc": "2.0", "id": number, "error": error}
