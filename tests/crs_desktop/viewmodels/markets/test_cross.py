"""The best across venues is that of a plain search over exact decimals; quote assets are never mixed unasked."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from crs_desktop.viewmodels.markets.across import AcrossModel
from crs_desktop.viewmodels.markets.cross import FRESH_S, ONE_DOLLAR, gaps
from engine.domain.instrument import InstrumentKind
from engine.domain.market import FeedState
from engine.services.board_row import CrossQuote
from tests.crs_desktop.trading_floor import Floor
from tests.crs_desktop.viewmodels.markets.stage import Venue, instrument, ticker

PRICE = st.one_of(st.none(), st.decimals("0.0001", "10", places=4))


@st.composite
def quotes(draw: st.DrawFn) -> list[CrossQuote]:
    found = []
    for number in range(draw(st.integers(0, 7))):
        listed = instrument(
            f"v{number}", f"BTC/{draw(st.sampled_from(['USD', 'USDT', 'EUR']))}", tick="0.0001",
            fee=draw(st.sampled_from(["0", "0.001", "0.004"])), perpetual=draw(st.booleans()),
        )  # fmt: skip
        age = draw(st.one_of(st.none(), st.floats(0, 2 * FRESH_S)))
        found.append(
            CrossQuote(
                listed.venue, listed.venue, listed, draw(PRICE), None, draw(PRICE), None, age, draw(st.booleans())
            )
        )
    return found


@given(quotes(), st.booleans())
def test_gaps_are_those_of_a_plain_search(given_quotes: list[CrossQuote], one_dollar: bool) -> None:
    groups: dict[tuple[str, InstrumentKind], list[CrossQuote]] = {}
    for each in given_quotes:
        if each.is_good and each.age_s is not None and each.age_s <= FRESH_S:
            code = each.instrument.pair.quote.code
            name = "$" if one_dollar and code in ONE_DOLLAR else code
            groups.setdefault((name, each.instrument.kind), []).append(each)

    found = {(each.market.quote, each.market.kind): each for each in gaps(given_quotes, one_dollar=one_dollar)}

    for key, members in groups.items():
        bids = [each.bid for each in members if each.bid is not None]
        asks = [each.ask for each in members if each.ask is not None]
        if not bids or not asks:
            assert key not in found
            continue
        gap = found.pop(key)
        assert (gap.bid.bid, gap.ask.ask, gap.counted) == (max(bids), min(asks), len(members))
        assert gap.gap == max(bids) - min(asks)
        fees = [Fraction(str(each.instrument.pair.taker_fee.decimal)) for each in (gap.bid, gap.ask)]
        net = Fraction(str(max(bids))) * (1 - fees[0]) - Fraction(str(min(asks))) * (1 + fees[1])
        assert Fraction(gap.net) == net
    assert not found


def test_the_pane_marks_the_best_in_words_and_counts_only_what_is_in_step() -> None:
    desk = Floor().desk()
    binance = Venue(desk, "binance", instrument("binance", "BTC/USDT", fee="0.001"))
    kraken = Venue(desk, "kraken", instrument("kraken", "BTC/USDT", fee="0.004"), instrument("kraken", "BTC/USD"))
    model = AcrossModel(desk)
    binance.tell(ticker("BTC/USDT", 1_000_00, 1_000_10, 1_000_05))
    assert "No two of them" not in str(model.told()[0][0])

    kraken.tell(ticker("BTC/USDT", 1_001_00, 1_002_00), ticker("BTC/USD", 1_100_00, 1_100_10))
    rows = {row.key: row for row in model.rows()}
    assert [str(rows["binance|BTC/USDT"].cells[at].text) for at in (0, 2, 4, 10)] == [
        "Binance", "1,000.00", "★ 1,000.10", "best ask",
    ]  # fmt: skip
    assert [str(rows["kraken|BTC/USDT"].cells[at].text) for at in (2, 4, 10)] == ["★ 1,001.00", "1,002.00", "best bid"]
    assert "★" not in str(rows["kraken|BTC/USD"].cells[2].text)
    net = (Decimal("1001.00") * Decimal("0.996") - Decimal("1000.10") * Decimal("1.001")) / Decimal("1000.10") * 10_000
    assert str(model.told()[0][0]) == (
        "USDT: buy on Binance 1,000.10, sell on Kraken 1,001.00 · gap +0.90 USDT (+9.0 bps) · "
        f"after fees \N{MINUS SIGN}{abs(net):.1f} bps"
    )

    kraken.tell(ticker("BTC/USDT", 1_010_00, 1_011_00)._replace(quote_age=14_000_000_000))
    said, tone = model.told()[0]
    assert str(said).endswith(" · one of them is 14 s old")
    assert tone == "muted"

    model.set_one_dollar(True)
    assert str(model.told()[0][0]).startswith("$: buy on Binance 1,000.10, sell on Kraken 1,100.00")
    kraken.state(FeedState.STALE)
    assert str(model.rows()[0].cells[10].text) == "synced"
    assert "Fewer than two" in str(model.told()[0][0])
    model.close()


def test_an_asset_is_chosen_by_its_name_or_follows_the_desk() -> None:
    desk = Floor().desk()
    Venue(desk, "kraken", instrument("kraken", "ETH/EUR"), instrument("kraken", "BTC/EUR"))
    model = AcrossModel(desk)

    assert model.asset == "BTC"
    assert model.choose(" eth ")
    assert (model.asset, [row.key for row in model.rows()]) == ("ETH", ["kraken|ETH/EUR"])
    assert not model.choose("EUR")  # a quote asset only
    assert model.assets() == ("BTC", "ETH")
    assert model.choose("")
    desk.select("ETH/USDT")
    assert model.asset == "ETH"
    model.close()
