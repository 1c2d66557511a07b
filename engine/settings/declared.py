"""Every setting: name, type, default, bounds, unit and a sentence.

Amounts and rates are `Decimal`, in the unit their sentence names; an optional one is None when it is
switched off (written `"off"` in the file). A setting is reached by its path, e.g. `risk.max_order_value`.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

import msgspec

from engine.errors import InvalidSetting


@dataclass(frozen=True, slots=True)
class Note:
    """What a type cannot say about a setting."""

    sentence: str
    low: Decimal | None = None
    high: Decimal | None = None
    unit: str = ""
    title: str = ""
    kind: str = ""
    """Another kind than the type tells."""


def _note(
    sentence: str, low: str | None = None, high: str | None = None, unit: str = "", title: str = "", kind: str = ""
) -> Note:
    return Note(sentence, Decimal(low) if low else None, Decimal(high) if high else None, unit, title, kind)


class Appearance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the window looks."""

    theme: Annotated[Literal["dark", "light"], _note("Dark or light colours.", title="Theme")] = "dark"
    up_down: Annotated[
        Literal["standard", "red-up", "colour-blind"],
        _note(
            "Colours of rising and falling prices: green up and red down, red up and green down, or blue and orange.",
            title="Up and down colours",
        ),
    ] = "standard"
    flash: Annotated[
        Literal["on", "off"], _note("Whether a price that changes is tinted for a moment.", title="Price flashes")
    ] = "on"
    time_zone: Annotated[
        str,
        _note("The time zone of the charts: UTC, local (that of this machine), or a name such as Europe/Berlin. "
              "Exports and the log stay in UTC.", title="Time zone", kind="zone"),
    ] = "UTC"  # fmt: skip
    font_scale: Annotated[int, _note("Size of all text.", "80", "200", "%", title="Text size")] = 100


class Trading(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How orders are entered."""

    confirm: Annotated[
        Literal["off", "over", "always"],
        _note("When to ask before an order is sent: never, above a value, or always.", title="Ask before sending"),
    ] = "over"
    confirm_over: Annotated[
        Decimal, _note("The value above which to ask.", "0", None, "USDT", title="Ask above this value")
    ] = Decimal(1000)
    duplicate_guard_ms: Annotated[
        int,
        _note("Ask again when the same order is sent twice within this time; 0 never asks.", "0", "10000", "ms",
              title="Duplicate guard"),
    ] = 500  # fmt: skip
    default_size: Annotated[
        Decimal, _note("The value of a new order in the ticket.", "0.01", None, "USDT", title="Size of a new order")
    ] = Decimal(100)
    one_click_chart: Annotated[
        Literal["off", "on"],
        _note("Whether an order that is placed on the chart is sent at once, without Enter.",
              title="One-click trading on the chart"),
    ] = "off"  # fmt: skip
    ladder: Annotated[
        Literal["safe", "armed"],
        _note(
            "How the ladder opens: a click fills in the ticket, or it is armed and one click sends an order.",
            title="Ladder",
        ),
    ] = "safe"


class Market(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The offline market that opens at start."""

    kind: Annotated[
        Literal["simulated", "replay"],
        _note("A simulated market, or the replay of a recorded one.", title="Market"),
    ] = "simulated"
    seed: Annotated[
        int, _note("The simulated market follows from this number.", "0", "9223372036854775807", title="Seed")
    ] = 1
    latency: Annotated[
        Literal["off", "data-centre", "home", "custom"],
        _note(
            "How long paper orders, cancels and amendments travel to a replayed or public exchange: not at all, as "
            "from a machine beside it, as from a home, or as set below. The simulated market has none.",
            title="Latency",
        ),
    ] = "home"
    latency_submit_ms: Annotated[
        float, _note("Custom latency of a new order.", "0", "10000", "ms", title="Custom: new order")
    ] = 50.0
    latency_cancel_ms: Annotated[
        float, _note("Custom latency of a cancel.", "0", "10000", "ms", title="Custom: cancel")
    ] = 50.0
    latency_amend_ms: Annotated[
        float, _note("Custom latency of an amendment.", "0", "10000", "ms", title="Custom: amendment")
    ] = 50.0
    latency_tail_ms: Annotated[
        float,
        _note("What comes on top at random: half of the time less than this, a quarter up to twice this, and so on.",
              "0", "1000", "ms", title="Custom: random part"),
    ] = 10.0  # fmt: skip
    speed: Annotated[
        float, _note("How fast market time passes; 1 is real time.", "1", "1000", "×", title="Speed")  # noqa: RUF001
    ] = 1.0


class Account(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The paper account."""

    selected: Annotated[str, _note("The paper account in use; empty means the newest one.", title="Account in use")] = (
        ""
    )
    maker_fee: Annotated[
        Decimal, _note("Fee on fills of resting orders, as a fraction of their value.", "0", "0.1", title="Maker fee")
    ] = Decimal("0.001")
    taker_fee: Annotated[
        Decimal, _note("Fee on fills of arriving orders, as a fraction of their value.", "0", "0.1", title="Taker fee")
    ] = Decimal("0.001")
    starting_balances: Annotated[
        dict[str, Decimal],
        _note("What a new paper account starts with, by asset.", "0", "1000000000000", title="Starting balances"),
    ] = msgspec.field(default_factory=lambda: {"USDT": Decimal(10_000)})


class Risk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the pre-trade gate refuses; a limit that is off refuses nothing."""

    max_order_qty: Annotated[
        dict[str, Decimal],
        _note("The largest quantity of one order, by asset.", "0", "1000000000000000", title="Largest quantity"),
    ] = msgspec.field(default_factory=dict)
    max_order_value: Annotated[
        Decimal | None, _note("The highest value of one order.", "0", None, "USDT", title="Largest order")
    ] = None
    max_position_value: Annotated[
        Decimal | None, _note("The highest value held in one pair.", "0", None, "USDT", title="Largest position")
    ] = None
    max_open_orders: Annotated[
        int | None, _note("How many orders may be open at once.", "1", "100000", title="Open orders")
    ] = 200
    max_price_deviation_bps: Annotated[
        int | None,
        _note("How far a limit price may be on the wrong side of the last price.", "1", "100000", "bps",
              title="Distance from the market"),
    ] = 1000  # fmt: skip
    max_daily_loss: Annotated[
        Decimal | None,
        _note("Losses of one day after which new positions are refused.", "0", None, "USDT", title="Daily loss"),
    ] = None
    max_exposure: Annotated[
        Decimal | None, _note("The highest value held in all pairs together.", "0", None, "USDT", title="Exposure")
    ] = None
    max_orders_per_minute: Annotated[
        int | None,
        _note("How many orders are taken within a minute of market time.", "1", "100000", title="Orders per minute"),
    ] = None
    max_drawdown: Annotated[
        Decimal | None,
        _note("How far the account may fall from the day's best value before new positions are refused.", "0", None,
              "USDT", title="Drawdown"),
    ] = None  # fmt: skip
    special: Annotated[
        dict[str, Decimal],
        _note(
            "Limits for one pair, one account, or a pair in an account, by rule and for whom: "
            '"max_order_value BTC/USDT", "max_open_orders PAPER-2", "max_order_qty PAPER-2 BTC/USDT".',
            "0", "1000000000000000", title="Special limits"),
    ] = msgspec.field(default_factory=dict)  # fmt: skip
    on_breach: Annotated[
        Literal["refuse", "reduce", "halt"],
        _note("What a loss beyond its limit does besides: nothing, let only pass what reduces, or halt.",
              title="On a breach"),
    ] = "refuse"  # fmt: skip
    kill: Annotated[
        Literal["halt", "cancel", "flatten"],
        _note("What the kill switch does: halt only; also cancel all orders; also sell everything at the market.",
              title="Kill switch"),
    ] = "cancel"  # fmt: skip
    dead_man_s: Annotated[
        int | None,
        _note("Without a sign of life for so long, the dead-man's switch cancels all orders.", "10", "86400", "s",
              title="Dead-man's switch"),
    ] = None  # fmt: skip
    dead_man_then: Annotated[
        Literal["cancel", "reduce"],
        _note("What the dead-man's switch does: cancel all orders, or also let only what reduces pass.",
              title="When it fires"),
    ] = "cancel"  # fmt: skip


class AlertSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How an alert makes itself heard; it always says so in the window, too."""

    sound: Annotated[
        Literal["on", "off"],
        _note("Whether an alert that is met plays a short sound, if it was made with one.", title="Sound of alerts"),
    ] = "on"
    notify: Annotated[
        Literal["on", "off"],
        _note("Whether the system shows a notification while you look at another program.",
              title="Notify when in the background"),
    ] = "on"  # fmt: skip


class Recordings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much of public markets is recorded while trading."""

    file_minutes: Annotated[
        int, _note("A recording goes on in a new file after so long.", "1", "1440", "min", title="Length of a file")
    ] = 60
    file_mb: Annotated[int, _note("… or when the file is so large.", "1", "1000", "MB", title="Size of a file")] = 64
    total_gb: Annotated[
        Decimal,
        _note("When all recordings together are larger, the oldest files are deleted.", "0.1", "10000", "GB",
              title="Room for recordings"),
    ] = Decimal(20)  # fmt: skip


class Wallet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The DeFi wallet."""

    auto_lock_minutes: Annotated[
        int,
        _note("Lock the wallet when nobody did anything for so long; 0 never does.", "0", "1440", "min",
              title="Lock the wallet after"),
    ] = 10  # fmt: skip
    slippage_bps: Annotated[
        int,
        _note("How much less than expected a swap still takes, unless it is said at the swap; 100 are 1 %.", "1",
              "1000", "bp", title="Slippage of a swap"),
    ] = 100  # fmt: skip
    practice: Annotated[
        Literal["on", "off"],
        _note("Whether the practice chain is among the chains: real contracts on this computer, coins worth nothing.",
              title="Practice chain"),
    ] = "on"  # fmt: skip


class Settings(msgspec.Struct, frozen=True):
    """All settings; `unknown` holds what the file says that this version does not know, and goes back into it."""

    appearance: Appearance = Appearance()
    trading: Trading = Trading()
    market: Market = Market()
    account: Account = msgspec.field(default_factory=Account)
    risk: Risk = msgspec.field(default_factory=Risk)
    alerts: AlertSettings = AlertSettings()
    recordings: Recordings = Recordings()
    wallet: Wallet = Wallet()
    hotkeys: Annotated[
        dict[str, str], _note("Keys that differ from the built-in ones, by action.", title="Hotkeys")
    ] = msgspec.field(default_factory=dict)
    unknown: dict[str, Any] = msgspec.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SettingInfo:
    """One setting as data."""

    path: str
    title: str
    kind: Literal["choice", "int", "number", "amount", "text", "zone", "amounts", "keys"]
    """`amount` is a Decimal, `amounts` a Decimal by asset, `keys` a key by action, `zone` a time zone's name."""
    default: object
    sentence: str
    choices: tuple[str, ...] = ()
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    unit: str = ""
    optional: bool = False
    """Whether it can be switched off (None)."""

    @property
    def expected(self) -> str:
        """What the file may say, in words."""
        words = f"one of {', '.join(self.choices)}" if self.choices else _KIND_WORDS[self.kind]
        if self.minimum is not None and self.maximum is not None:
            words += f" from {self.minimum} to {self.maximum}"
        elif self.minimum is not None:
            words += f" of at least {self.minimum}"
        return f'{words}, or "off"' if self.optional else words

    def read(self, value: object) -> object:
        """Return the value in its Python type.

        Raises:
            InvalidSetting: it is none of what is `expected`.
        """
        if self.optional and (value is None or value == "off"):
            return None
        try:
            return _READERS[self.kind](self, value)
        except (ValueError, TypeError, InvalidOperation):
            raise InvalidSetting(f"{self.path} is {value!r}; expected {self.expected}.") from None


_KIND_WORDS = {
    "int": "a whole number",
    "number": "a number",
    "amount": "a decimal number",
    "text": "a text",
    "zone": "UTC, local, or the name of a time zone such as Europe/Berlin",
    "amounts": "amounts by asset, each a decimal number",
    "keys": "keys by action, both texts",
}


def _bounded(info: SettingInfo, value: Decimal) -> Decimal:
    if not value.is_finite():
        raise ValueError
    if (info.minimum is not None and value < info.minimum) or (info.maximum is not None and value > info.maximum):
        raise ValueError
    return value


def _read_choice(info: SettingInfo, value: object) -> str:
    if value not in info.choices:
        raise ValueError
    return str(value)


def _read_int(info: SettingInfo, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError
    return int(_bounded(info, Decimal(value)))


def _read_number(info: SettingInfo, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise TypeError
    return float(_bounded(info, Decimal(str(value))))


def _read_amount(info: SettingInfo, value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise TypeError
    return _bounded(info, Decimal(str(value)))


def _read_text(info: SettingInfo, value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _read_zone(_info: SettingInfo, value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    if value not in ("UTC", "local"):
        try:
            ZoneInfo(value)
        except (KeyError, OSError):
            raise ValueError from None
    return value


def _read_amounts(info: SettingInfo, value: object) -> dict[str, Decimal]:
    if not isinstance(value, dict):
        raise TypeError
    return {_read_text(info, asset): _read_amount(info, amount) for asset, amount in value.items()}


def _read_keys(info: SettingInfo, value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise TypeError
    return {_read_text(info, action): _read_text(info, key) for action, key in value.items()}


_READERS = {
    "choice": _read_choice,
    "int": _read_int,
    "number": _read_number,
    "amount": _read_amount,
    "text": _read_text,
    "zone": _read_zone,
    "amounts": _read_amounts,
    "keys": _read_keys,
}


def _info(path: str, hint: object, default: object) -> SettingInfo:
    inner, note = get_args(hint)[0], hint.__metadata__[0]  # type: ignore[attr-defined]
    optional = type(None) in get_args(inner)
    bare = next(each for each in get_args(inner) if each is not type(None)) if optional else inner
    choices: tuple[str, ...] = ()
    kind: Any = {int: "int", float: "number", Decimal: "amount", str: "text"}.get(bare, "choice")
    if note.kind:
        kind = note.kind
    elif get_origin(bare) is dict:
        kind = "amounts" if get_args(bare)[1] is Decimal else "keys"
    elif kind == "choice":
        choices = get_args(bare)
    return SettingInfo(
        path, note.title, kind, default, note.sentence, choices, note.low, note.high, note.unit, optional
    )


@lru_cache(maxsize=1)
def describe() -> tuple[SettingInfo, ...]:
    """Return every setting in the order in which a person should read them."""
    defaults, found = Settings(), []
    for section, hint in get_type_hints(Settings, include_extras=True).items():
        if hasattr(hint, "__metadata__"):
            found.append(_info(section, hint, getattr(defaults, section)))
        elif section != "unknown":
            values = getattr(defaults, section)
            hints = get_type_hints(hint, include_extras=True)
            found += [_info(f"{section}.{name}", each, getattr(values, name)) for name, each in hints.items()]
    return tuple(found)


def value_of(settings: Settings, path: str) -> Any:  # noqa: ANN401 - each setting has its own type
    """Return the value of the setting at a path."""
    value: Any = settings
    for name in path.split("."):
        value = getattr(value, name)
    return value


def changed(settings: Settings, path: str, value: object) -> Settings:
    """Return the settings with one value replaced.

    Raises:
        InvalidSetting: there is no such setting, or the value is not allowed.
    """
    info = next((each for each in describe() if each.path == path), None)
    if info is None:
        raise InvalidSetting(f"There is no setting {path}.")
    read = info.read(value)
    section, _, name = path.partition(".")
    if name:
        read = msgspec.structs.replace(getattr(settings, section), **{name: read})
    return msgspec.structs.replace(settings, **{section: read})
