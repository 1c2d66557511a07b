"""Pairs by name: as the user writes them, as an address says them, and back from the venue's word into ours."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from engine.errors import InvalidInput

QUOTES = (
    "FDUSD", "USDT", "USDC", "BUSD", "TUSD", "USDE", "DAI", "USD", "EUR", "GBP", "CHF", "JPY", "AUD", "CAD", "BRL",
    "TRY", "RUB", "UAH", "NGN", "ZAR", "PLN", "BTC", "XBT", "ETH", "BNB", "TRX", "XRP", "SOL", "DOGE",
)  # fmt: skip
"""What pairs are quoted in, for venues that write both words as one."""

_OURS = {"XBT": "BTC", "XDG": "DOGE", "XXBT": "BTC", "XXDG": "DOGE"}


def symbol_of(text: str) -> str:
    """Return a pair as we write it, `ETH/USDT`, or `ETH/USDT:USDT` for a perpetual.

    Raises:
        InvalidInput: the text is no pair.
    """
    symbol = text.strip().upper()
    base, slash, quote = symbol.partition(":")[0].partition("/")
    if not slash or not base.isalnum() or not quote.isalnum() or len(symbol) > 40:
        raise InvalidInput(f"{text[:40]!r} is no pair; write it as ETH/USDT.")
    return symbol


def ours(native: str) -> str:
    """Return a venue's word for a pair in our words as far as it can be told; else as the venue writes it."""
    word = native.upper().replace("-", "/").replace("_", "/")
    base, slash, quote = word.partition("/")
    if not slash:
        quote = next((each for each in QUOTES if word.endswith(each) and word != each), "")
        base = word.removesuffix(quote) if quote else word
    return f"{_OURS.get(base, base)}/{_OURS.get(quote, quote)}" if quote else base


def book_of(url: str) -> str | None:
    """Return the venue's word for the pair whose book a request asked for; None if it asked for something else.

    `https://…/depth?symbol=NKNUSDT&limit=1000` is Binance's, `https://…/order_book/ethusd` Bitstamp's.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    path = parts.path.rstrip("/")
    if path.endswith("/depth"):
        return parse_qs(parts.query).get("symbol", [""])[0].upper() or None
    before, _, last = path.rpartition("/")
    return last.lower() if before.endswith("/order_book") and last else None
