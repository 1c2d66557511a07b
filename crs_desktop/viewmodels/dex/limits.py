"""What a user sets for what is carried out later: who agrees to each transaction, and bounds that always hold."""

from __future__ import annotations

from decimal import Decimal

from crs_desktop.viewmodels.dex.form import ActForm, Field
from crs_desktop.viewmodels.words import Sentence, say
from engine.defi.orders.limits import Confirmation, Limits
from engine.defi.token import Token, TokenAmount

ASKED = (
    (Confirmation.ASK.value, say("Ask me each time")),
    (Confirmation.WITHIN_LIMITS.value, say("Do it within these limits")),
)
UNATTENDED = say(
    "Without asking, it is done only while the wallet is unlocked, every limit holds and nothing warns; else it waits."
)


def limit_fields(coin: str, *, gain: bool = False) -> tuple[Field, ...]:
    """Return the fields of limits; `gain` for plans that must bring something beyond their gas."""
    more = (Field("min_gain", say("Least gain beyond gas"), unit=coin),) if gain else ()
    return (
        Field("confirmation", say("Before it is signed"), ASKED),
        Field("slippage", say("Slippage at most"), unit="%"),
        Field("max_gas", say("Gas at most, each time"), unit=coin),
        Field("per_day", say("Times a day at most")),
        *more,
    )


def limit_texts(limits: Limits, coin: Token) -> dict[str, str]:
    """Return limits as the fields' texts."""

    def text(wei: int | None) -> str:
        return "" if wei is None else TokenAmount(coin, wei).text

    return {
        "confirmation": limits.confirmation.value,
        "slippage": format(Decimal(limits.max_slippage_bps) / 100, "f").rstrip("0").rstrip(".")
        if limits.max_slippage_bps % 100 else str(limits.max_slippage_bps // 100),
        "max_gas": text(limits.max_gas_cost),
        "per_day": "" if limits.per_day is None else str(limits.per_day),
        "min_gain": text(limits.min_gain),
    }  # fmt: skip


def limits_of(form: ActForm, coin: Token) -> Limits:
    """Return the limits that stand in a form's fields.

    Raises:
        InvalidInput: says which is none.
    """
    gas, gain = form.number("max_gas"), form.number("min_gain")
    found = Limits(
        Confirmation(form.text("confirmation") or Confirmation.ASK.value),
        form.basis_points(),
        None if gas is None else coin.of(gas).units,
        form.whole("per_day", "Times a day"),
        None if gain is None else coin.of(gain).units,
    )
    found.check()
    return found


def limit_notes(limits: Limits) -> tuple[Sentence, ...]:
    """Return what to know about limits that ask nobody."""
    return () if limits.asks else (UNATTENDED,)
