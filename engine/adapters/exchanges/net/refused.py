"""What a venue means by an answer that is no success: wait, or correct it; in its own words, bounded."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

import httpx
import msgspec

from engine.errors import CrsError, InvalidInput, VenueUnavailable

MOST_TEXT = 200
REST_S, BANNED_S = 30.0, 120.0
"""How long nothing is sent after 429 and 418 that do not say how long."""
MOST_REST_S = 3 * 86_400.0


class Refused(NamedTuple):
    """The error to raise, and for how many seconds nothing may be sent."""

    error: CrsError
    rest_s: float = 0.0


def refused(reply: httpx.Response, body: bytes, title: str) -> Refused:
    """Return what an answer means whose status is no success."""
    status = reply.status_code
    if status in (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.IM_A_TEAPOT):
        banned = status == httpx.codes.IM_A_TEAPOT
        wait = retry_after(reply)
        rest = (BANNED_S if banned else REST_S) if wait is None else wait
        said = "bars this address for now" if banned else "asks us to slow down"
        return Refused(VenueUnavailable(f"{title} {said}. It goes on in {rest:.0f} s.", rest), rest)
    said = sentence(body)
    if reply.is_redirect:
        return Refused(VenueUnavailable(f"The network sends requests to {title} elsewhere; they are not followed."))
    if status == httpx.codes.FORBIDDEN:
        text = said or "the network, or the venue for this country, is in the way"
        return Refused(VenueUnavailable(f"{title} refuses to answer here (status 403): {text}."))
    if status == 451:
        return Refused(InvalidInput(f"{title} does not serve this country (status 451). {said}".rstrip()))
    if status >= 500 or status == httpx.codes.REQUEST_TIMEOUT:
        text = f"{title} is not ready to answer (status {status})." + (f" It says: {said}" if said else "")
        return Refused(VenueUnavailable(text, retry_after(reply)))
    return Refused(InvalidInput(f"{title} refuses the request: {said or f'status {status}'}"))


def sentence(body: bytes) -> str:
    """Return a venue's own sentence out of an answer, as bounded plain text; empty if there is none.

    Binance writes `msg`, Coinbase `message`, Kraken a list `error`.
    """
    try:
        read: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    if not isinstance(read, dict):
        return ""
    for name in ("msg", "message", "error_details", "error"):
        found = read.get(name)
        if isinstance(found, list):
            found = ", ".join(str(each) for each in found[:5])
        if isinstance(found, str) and found:
            return plain(found)
    return ""


def plain(text: str) -> str:
    """Return remote text as one bounded line without control characters."""
    line = "".join(character if character.isprintable() else " " for character in text[: 4 * MOST_TEXT])
    line = " ".join(line.split())
    return line if len(line) <= MOST_TEXT else line[: MOST_TEXT - 1] + "…"


def seconds(text: str) -> float | None:
    """Return how long to wait, as a header says it in seconds, bounded; None if it says something else."""
    return min(float(text[:9]), MOST_REST_S) if text.isascii() and text.isdigit() else None


def retry_after(reply: httpx.Response) -> float | None:
    """Return the header Retry-After in seconds, a date as well; None if there is none that can be read."""
    text = reply.headers.get("retry-after", "").strip()
    if not text:
        return None
    if (wait := seconds(text)) is not None:
        return wait
    try:
        date = reply.headers.get("date")
        since = parsedate_to_datetime(date).timestamp() if date else time.time()
        return max(0.0, min(parsedate_to_datetime(text).timestamp() - since, MOST_REST_S))
    except (ValueError, OverflowError, TypeError):
        return None
