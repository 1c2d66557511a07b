"""What a venue lists, from its own list of instruments: pairs in our words, and why some are left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from engine.adapters.exchanges.dialect.fees import FeeSchedule
from engine.domain.asset import Asset
from engine.domain.instrument import Instrument, InstrumentKind
from engine.domain.number import Lots, Units, ceil_div
from engine.domain.pair import FeeRate, TradingPair
from engine.errors import Garbled, InvalidInput

LONGEST_CODE = 32
"""Letters of an asset's code; longer ones are no codes."""
FORBIDDEN = frozenset("/: <>&\"'\\`")
"""Letters that no code has, and by which a name would be markup, a path or a pair of its own."""
LONGEST_NATIVE = 80
"""Letters of a venue's own word for an instrument."""
LONGEST_NUMBER = 80
"""Letters of a number."""
MOST = 50_000
"""Instruments that are taken over; ten times as many as any venue lists."""


@dataclass(frozen=True, slots=True)
class Listing:
    """All that a venue lists."""

    instruments: tuple[Instrument, ...]
    left_out: Mapping[str, int]
    """Instruments that cannot be kept here, counted by a sentence that says why."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Other words of the venue for an instrument (Kraken's `XXBTZUSD`), and the word in `Instrument.native`."""


@dataclass(frozen=True, slots=True)
class Row:
    """One instrument as a venue writes it; numbers as texts, empty where there is none."""

    native: str
    base: str
    quote: str
    tick: str
    lot: str
    min_qty: str = ""
    min_notional: str = ""
    trading: bool = True
    kind: InstrumentKind = InstrumentKind.SPOT
    fees: tuple[FeeRate, FeeRate] | None = None
    """Maker's and taker's, where the list itself has them."""


class Lister:
    """Makes a `Listing` of rows; numbers and assets that come again are looked up."""

    def __init__(self, venue: str, schedule: FeeSchedule) -> None:
        self._venue = venue
        self._fees = (schedule.first.maker, schedule.first.taker)
        self._instruments: dict[str, Instrument] = {}
        self._left_out: Counter[str] = Counter()
        self._unreadable = 0
        self._assets: dict[str, Asset] = {}
        self._numbers: dict[str, Decimal] = {}
        self._units: dict[str, Units] = {}

    def add(self, row: Row) -> None:
        """Take in an instrument, or count it among those left out."""
        if len(self._instruments) >= MOST:
            self.leave_out("There are more than can be shown.")
            return
        try:
            instrument = self._instrument(row)
        except InvalidInput as error:
            self.leave_out(_reason(error))
            return
        if instrument.symbol in self._instruments:
            self.leave_out("Another instrument has the same name in our words.")
            return
        self._instruments[instrument.symbol] = instrument

    def unreadable(self) -> None:
        """Count an instrument that is written in a way that is not known here."""
        self._unreadable += 1
        self.leave_out("It is written in a way that cannot be read.")

    def leave_out(self, reason: str) -> None:
        """Count an instrument that is not listed."""
        self._left_out[reason] += 1

    def listing(self, aliases: Mapping[str, str] | None = None) -> Listing:
        """Return what came together.

        Raises:
            Garbled: there were instruments, and none could be read.
        """
        if self._unreadable and self._unreadable == self._left_out.total() and not self._instruments:
            raise Garbled(f"None of {self._unreadable} instruments can be read.")
        return Listing(tuple(self._instruments.values()), dict(self._left_out), aliases or {})

    def _instrument(self, row: Row) -> Instrument:
        if not (0 < len(row.native) <= LONGEST_NATIVE and row.native.isprintable()):
            raise InvalidInput(f"{row.native[:40]!r} is no code of an instrument.")
        base, quote = self._asset(row.base), self._asset(row.quote)
        symbol = f"{base.code}/{quote.code}"
        if row.kind is InstrumentKind.PERPETUAL:
            symbol = f"{symbol}:{quote.code}"
        maker, taker = row.fees or self._fees
        lot = self._number(row.lot)
        pair = TradingPair(
            symbol, base, quote, self._number(row.tick), lot, self._money(row.min_notional, quote), maker, taker
        )
        min_lots = _at_least(self._number(row.min_qty), lot) if row.min_qty else Lots(0)
        return Instrument(self._venue, row.native, pair, row.kind, row.trading, min_lots)

    def _asset(self, code: str) -> Asset:
        asset = self._assets.get(code)
        if asset is None:
            if not (0 < len(code) <= LONGEST_CODE and code.isprintable()) or FORBIDDEN & set(code):
                raise InvalidInput(f"{code[:40]!r} is no code of an asset.")
            asset = self._assets[code] = Asset(code)
        return asset

    def _number(self, text: str) -> Decimal:
        number = self._numbers.get(text)
        if number is None:
            number = self._numbers[text] = _number(text)
        return number

    def _money(self, text: str, quote: Asset) -> Units:
        """Return an amount in units; every asset here has the same unit."""
        units = self._units.get(text)
        if units is None:
            units = self._units[text] = quote.units(self._number(text)) if text else Units(0)
        return units


def _number(text: str) -> Decimal:
    """Return a number without the zeros at its end: `0.01000000` is a tick of two decimals."""
    if len(text) > LONGEST_NUMBER:
        raise InvalidInput(f"{text[:40]!r}… is no number.")
    try:
        number = Decimal(text.rstrip("0").rstrip(".") if "." in text else text)
    except InvalidOperation:
        raise InvalidInput(f"{text[:40]!r} is no number.") from None
    if not number.is_finite() or number.is_signed() or not -40 < number.adjusted() < 40:
        raise InvalidInput(f"{text[:40]!r} is no number of at least 0.")
    return number


def _at_least(qty: Decimal, lot: Decimal) -> Lots:
    """Return a quantity in lots, rounded up to a whole one."""
    numerator, denominator = qty.as_integer_ratio()
    lot_numerator, lot_denominator = lot.as_integer_ratio()
    return Lots(ceil_div(numerator * lot_denominator, denominator * lot_numerator))


def _reason(error: InvalidInput) -> str:
    """Return why an instrument is left out, without its name, so that many are counted as one."""
    text = str(error)
    if "finer than a unit" in text:
        return "Its grid is finer than the smallest amount that is kept here."
    if "must be positive" in text:
        return "It has no tick or no lot."
    if "no code" in text:
        return "Its name cannot be shown."
    return "A number of it cannot be read."
