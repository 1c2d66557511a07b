"""How one chart looks: its kind of bars, its price scale, what is on its axis. Kept in the profile as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum


class BarKind(StrEnum):
    """How bars are drawn."""

    CANDLES = "candles"
    HOLLOW = "hollow"
    HEIKIN_ASHI = "heikin-ashi"
    OHLC = "bars"
    LINE = "line"
    AREA = "area"
    RENKO = "renko"


class Scale(StrEnum):
    """How prices are spread over the height."""

    LINEAR = "linear"
    LOG = "log"
    PERCENT = "percent"


@dataclass(frozen=True, slots=True)
class ChartStyle:
    """The choices of one chart; `shares` are the panes' heights by key, `folded` those that show only their legend."""

    kind: BarKind = BarKind.CANDLES
    scale: Scale = Scale.LINEAR
    inverted: bool = False
    volume: bool = True
    quotes: bool = True
    """Whether bid and ask are marked on the axis."""
    brick: int = 0
    """Height of a Renko brick in ticks; 0 takes the average true range."""
    shares: Mapping[str, float] = field(default_factory=dict)
    folded: frozenset[str] = frozenset()

    def to_dict(self) -> dict[str, object]:
        """Return plain data for a JSON file."""
        return {
            "kind": self.kind.value,
            "scale": self.scale.value,
            "inverted": self.inverted,
            "volume": self.volume,
            "quotes": self.quotes,
            "brick": self.brick,
            "shares": dict(self.shares),
            "folded": sorted(self.folded),
        }

    @classmethod
    def of_dict(cls, data: object) -> ChartStyle:
        """Return the style of plain data; what is missing, unknown or no good gets its default."""
        if not isinstance(data, Mapping):
            return cls()
        kept: dict[str, object] = {}
        for each in fields(cls):
            try:
                kept[each.name] = _READERS[each.name](data[each.name])
            except (KeyError, TypeError, ValueError):
                continue
        return cls(**kept)  # type: ignore[arg-type]


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


def _ticks(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 10**15:
        raise ValueError(value)
    return value


def _shares(value: object) -> dict[str, float]:
    if not isinstance(value, Mapping):
        raise TypeError(value)
    return {str(key): min(max(float(share), 0.02), 0.9) for key, share in value.items() if float(share) == float(share)}


def _names(value: object) -> frozenset[str]:
    if not isinstance(value, list):
        raise TypeError(value)
    return frozenset(str(each) for each in value)


_READERS = {
    "kind": BarKind,
    "scale": Scale,
    "inverted": _truth,
    "volume": _truth,
    "quotes": _truth,
    "brick": _ticks,
    "shares": _shares,
    "folded": _names,
}
