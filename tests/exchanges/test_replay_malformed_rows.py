"""A malformed row is refused with file, line and column, and what would be right."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import MalformedData
from bot.exchanges.replay import read_market
from tests.support.recordings import TABLES, recording, spoilt

ROWS: dict[str, tuple[dict[str, list[str]], str]] = {
    "heard until before it began": (
        {"heard": ["ts,until", "1764547200000,1764547100000"]},
        (
            "btc/heard.csv, line 2, column until: 1764547100000 should be after ts, "
            "and not after the next line's"
        ),
    ),
    "heard twice at a time": (
        {"heard": ["ts,until", "1764547200000,1764547300000", "1764547250000,1764547400000"]},
        (
            "btc/heard.csv, line 2, column until: 1764547300000 should be after ts, "
            "and not after the next line's"
        ),
    ),
    "a word for a price": (
        spoilt("candles", 3, "1764548100000,102.0,104.0,abc,103.5,12.0,6.5"),
        "btc/candles.csv, line 3, column low: “abc” is not a price in quote currency above zero",
    ),
    "a price of nothing": (
        spoilt("candles", 2, "1764547200000,0,103.0,99.0,102.0,10.0,6.0"),
        "btc/candles.csv, line 2, column open: “0” is not a price in quote currency above zero",
    ),
    "an empty field": (
        spoilt("candles", 4, "1764549000000,103.5,103.5,98.0,99.0,,9.0"),
        (
            "btc/candles.csv, line 4, column volume: is empty and should be "
            "a quantity in base coin, zero or more"
        ),
    ),
    "no number": (
        spoilt("candles", 3, "1764548100000,102.0,104.0,101.0,nan,12.0,6.5"),
        "btc/candles.csv, line 3, column close: “nan” is not a price in quote currency above zero",
    ),
    "an infinite price": (
        spoilt("candles", 3, "1764548100000,102.0,inf,101.0,103,12.0,6.5"),
        "btc/candles.csv, line 3, column high: “inf” is not a price in quote currency above zero",
    ),
    "digits with underscores": (
        spoilt("candles", 3, "1764548100000,1_02.0,104.0,101.0,103,12.0,6.5"),
        (
            "btc/candles.csv, line 3, column open: “1_02.0” is not a price in quote currency above "
            "zero"
        ),
    ),
    "a field too few": (
        spoilt("candles", 3, "1764548100000,102.0,104.0"),
        "btc/candles.csv, line 3: has 3 fields where the header names 7",
    ),
    "a line cut off before a later fault": (
        spoilt("candles", 3, "1764548100000")
        | {"candles": [*spoilt("candles", 3, "1764548100000")["candles"][:3], "x,1,1,1,1,1,1"]},
        "btc/candles.csv, line 3: has 1 field where the header names 7",
    ),
    "an empty line": (
        spoilt("candles", 3, ""),
        "btc/candles.csv, line 3: has 0 fields where the header names 7",
    ),
    "the first of two faults": (
        {"candles": [TABLES["candles"][0], "x,1,1,1,1,1,1", "1764548100000,x,1,1,1,1,1"]},
        (
            "btc/candles.csv, line 2, column ts: “x” is not "
            "a time in whole milliseconds UTC such as 1718830800000"
        ),
    ),
    "a fraction of a millisecond": (
        spoilt("open_interest", 3, "1764547800000.5,9"),
        (
            "btc/open_interest.csv, line 3, column ts: “1764547800000.5” is not "
            "a time in whole milliseconds UTC such as 1718830800000"
        ),
    ),
    "a time beyond all calendars": (
        spoilt("open_interest", 3, "1e300,9"),
        (
            "btc/open_interest.csv, line 3, column ts: “1e300” is not "
            "a time in whole milliseconds UTC such as 1718830800000"
        ),
    ),
    "a date in words": (
        spoilt("funding", 2, "2025-12-01,0.0001"),
        (
            "btc/funding.csv, line 2, column ts: “2025-12-01” is not "
            "a time in whole milliseconds UTC such as 1718830800000"
        ),
    ),
    "a time said twice": (
        spoilt("open_interest", 3, "1764547500000,9"),
        (
            "btc/open_interest.csv, line 3, column ts: "
            "1764547500000 repeats the line before (1764547500000); time must rise"
        ),
    ),
    "time running backwards": (
        spoilt("funding", 3, "1764547199999,0.0001"),
        (
            "btc/funding.csv, line 3, column ts: "
            "1764547199999 goes backwards from the line before (1764547200000); time must rise"
        ),
    ),
    "liquidations out of order": (
        spoilt("liquidations", 4, "1764547299999,long,98.25,2"),
        (
            "btc/liquidations.csv, line 4, column ts: "
            "1764547299999 goes backwards from the line before (1764547300000); time must rise"
        ),
    ),
    "times in seconds": (
        {
            "candles": [
                TABLES["candles"][0],
                "1764547200,100.0,103.0,99.0,102.0,10.0,6.0",
                "1764548100,102.0,104.0,101.0,103.5,12.0,6.5",
            ]
        },
        (
            "btc/candles.csv, line 3, column ts: 1764548100 is 900 ms after the line before, "
            "while market.json says candle_interval 15m, which is 900000 ms"
        ),
    ),
    "a low above the open": (
        spoilt("candles", 3, "1764548100000,102.0,104.0,102.5,103.5,12.0,6.5"),
        (
            "btc/candles.csv, line 3, column low: "
            "102.5 is above the bar's open or close; it should be the lowest price"
        ),
    ),
    "a high below the close": (
        spoilt("candles", 4, "1764549000000,99,98.5,98.0,99.0,30.0,9.0"),
        (
            "btc/candles.csv, line 4, column high: "
            "98.5 is below the bar's open or close; it should be the highest price"
        ),
    ),
    "more bought than traded": (
        spoilt("candles", 2, "1764547200000,100.0,103.0,99.0,102.0,10.0,11.0"),
        (
            "btc/candles.csv, line 2, column taker_buy_volume: "
            "11.0 is more than the bar's volume, 10.0"
        ),
    ),
    "negative volume": (
        spoilt("candles", 2, "1764547200000,100.0,103.0,99.0,102.0,-10.0,0"),
        (
            "btc/candles.csv, line 2, column volume: "
            "“-10.0” is not a quantity in base coin, zero or more"
        ),
    ),
    "negative open interest": (
        spoilt("open_interest", 2, "1764547500000,-1"),
        (
            "btc/open_interest.csv, line 2, column open_interest: "
            "“-1” is not a quantity in base coin, zero or more"
        ),
    ),
    "funding in percent": (
        spoilt("funding", 2, "1764547200000,1.5"),
        (
            "btc/funding.csv, line 2, column rate: "
            "“1.5” is not a fraction such as 0.0001, which is 0.01 %"
        ),
    ),
    "a ratio of nothing": (
        spoilt("long_short_ratio", 2, "1764547200000,0"),
        (
            "btc/long_short_ratio.csv, line 2, column ratio: "
            "“0” is not accounts long / accounts short, above zero"
        ),
    ),
    "an order's side": (
        spoilt("liquidations", 3, "1764547300000,SELL,103.5,1.5"),
        "btc/liquidations.csv, line 3, column side: “SELL” is not “long” or “short”",
    ),
    "a position of nothing": (
        spoilt("positions", 2, "1764547200000,long,0,100,10,91.2,isolated"),
        "btc/positions.csv, line 2, column quantity: “0” is not a quantity in base coin above zero",
    ),
    "an unknown margin mode": (
        spoilt("positions", 3, "1764547200000,short,0.5,101,3,,portfolio"),
        "btc/positions.csv, line 3, column margin_mode: “portfolio” is not “isolated” or “cross”",
    ),
    "a liquidation price in words": (
        spoilt("positions", 3, "1764547200000,short,0.5,101,3,never,cross"),
        (
            "btc/positions.csv, line 3, column liquidation_price: "
            "“never” is not a price in quote currency, or empty"
        ),
    ),
    "negative totals": (
        spoilt("liquidation_totals", 2, "1764547200000,221.375,-1"),
        (
            "btc/liquidation_totals.csv, line 2, column short_usd: "
            "“-1” is not a sum in USD, zero or more"
        ),
    ),
    "a column missing": (
        {"candles": ["ts,open,high,low,close", "1764547200000,1,1,1,1"]},
        (
            "btc/candles.csv, line 1, column volume: the header lacks it; "
            "the header should name at least ts,open,high,low,close,volume"
        ),
    ),
    "a column misspelt": (
        spoilt("candles", 1, "ts,open,high,low,close,volume,taker_buy_volum"),
        (
            "btc/candles.csv, line 1, column taker_buy_volum: is not known; "
            "should it be taker_buy_volume?"
        ),
    ),
    "a column twice": (
        spoilt("candles", 1, "ts,open,high,low,close,volume,volume"),
        "btc/candles.csv, line 1, column volume: is named twice in the header",
    ),
    "no header": (
        {"funding": ["1764547200000,0.0001"]},
        (
            "btc/funding.csv, line 1, column ts: the header lacks it; "
            "the header should name at least ts,rate"
        ),
    ),
    "no bars": (
        {"candles": TABLES["candles"][:1]},
        "btc/candles.csv, line 2: has a header but no bars; one at least is needed",
    ),
    "nothing at all": (
        {"candles": []},
        "btc/candles.csv, line 1: is empty; its header should name ts,open,high,low,close,volume",
    ),
    "an unclosed quote": (
        spoilt("liquidations", 4, '1764549500000,"long,98.25,2'),
        "btc/liquidations.csv: is not CSV: unexpected end of data",
    ),
}


@pytest.mark.parametrize("case", ROWS)
def test_a_malformed_row_is_named_with_what_would_be_right(case: str, tmp_path: Path) -> None:
    tables, sentence = ROWS[case]
    with pytest.raises(MalformedData) as error:
        read_market(recording(tmp_path / "btc", **tables))
    assert str(error.value) == sentence


cells = st.sampled_from(
    ["", "1", "0", "-1", "1764547200000", "1764548100000", "nan", "inf", "1e999", "long", "cross"]
) | st.text(max_size=4)
lines = st.lists(st.lists(cells, max_size=8).map(",".join), max_size=4)


@given(
    st.sampled_from(sorted(TABLES)),
    st.binary(max_size=60) | lines.map(lambda found: "\n".join(found).encode(errors="replace")),
    st.booleans(),
)
def test_whatever_a_table_holds_is_read_or_refused(stem: str, content: bytes, headed: bool) -> None:  # noqa: FBT001 - drawn
    header = TABLES[stem][0].encode() + b"\n" if headed else b""
    with TemporaryDirectory() as folder:
        market = recording(Path(folder) / "btc")
        (market / f"{stem}.csv").write_bytes(header + content)
        said = f"btc/{stem}.csv"
        try:
            read_market(market)
        except MalformedData as refused:
            said = str(refused)
        assert said.startswith(f"btc/{stem}.csv")
