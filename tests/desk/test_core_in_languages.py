"""Maps, markets and what went wrong with them, told in two languages side by side."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Literal

import pytest

from bot.chats.hears import Listener
from bot.core.errors import MarketUnavailable, NothingAnswered, NotYetAllowed, StillAsked
from bot.core.instruments import Instrument
from bot.core.judge.grade import UNPROVEN
from bot.core.language import Tongue, later, speaking
from bot.desk.accuracy import AccuracyDesk
from bot.desk.front import Front
from bot.desk.grades import is_unproven
from bot.desk.heatmap import HeatmapDesk
from bot.desk.map_export import MapExportDesk
from bot.desk.markets import Markets
from bot.desk.overview import Overview
from bot.desk.own_requests import MapExportRequest
from bot.desk.requests import Asker
from bot.desk.scoring import Scoring
from bot.desk.shared import Shared
from bot.desk.snapshot import Snapshots
from bot.desk.speech import Speech
from bot.desk.status import Running
from bot.reply import Reply
from tests.support.foreign import OPEN, Quoting, outside, plain, spoken_as_german
from tests.support.histories import BTC, history
from tests.support.markets import Market

FOREIGN = Tongue("de", Quoting())
OKX = Instrument("okx", "BTC", "USDT", "USDT")
WHO = Asker("test:1", "test:2")
# Names and figures are the same in every language.
NAMES = re.compile(
    r"BTC|USDT|Binance|OKX|UTC|OI|telegram|\d+ ?(?:h|d|min|s|x|B|M|K)\b|\d+(?:h|d|x)|JSON|CSV"
)
LETTERS = re.compile(r"[A-Za-z]{2,}")


class Two:
    """Two listeners over one desk: whoever speaks English, and whoever does not."""

    def __init__(self, source: Market) -> None:
        overview = Overview(source)
        self.markets, self.snapshots = Markets(source, overview), Snapshots(source, None)
        self.scoring = Scoring(source, self.snapshots)
        maps = HeatmapDesk(
            self.markets, self.snapshots, settings=None, maps=None, scoring=self.scoring
        )
        accuracies = AccuracyDesk(self.markets, self.snapshots, self.scoring)
        running = Running({"telegram": "started"})
        self.front = Front(
            source, self.markets, self.snapshots, maps, accuracies, running, overview=overview
        )
        self.english = Listener(self.front)
        self.foreign = Listener(self.front, speech=Speech(None, "de"))


@asynccontextmanager
async def both(source: Market, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Two]:
    spoken_as_german(monkeypatch)
    two = Two(source)
    try:
        yield two
    finally:
        await two.scoring.close()
        await two.front.close()


def whole(reply: Reply) -> str:
    """All that a person reads of a reply, and what is read to whoever cannot see its picture."""
    labels = [button.label for row in reply.buttons for button in row]
    return "\n".join([reply.text(), *labels, reply.image.alt if reply.image else ""])


ASKED = (
    "heatmap btc",
    "map btc",
    "accuracy btc",
    "model btc",
    "status",
    "markets",
    "markets 99",
    "heatmap btc inverse",
    "heatmap nope",
    "heatmap btc nowhere",
    "heatmap btc 5y",
)


async def test_nothing_is_said_that_translators_were_never_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = history(bars=900)
    source = Market(replace(made, funding=None), replace(made, instrument=OKX))
    async with both(source, monkeypatch) as two:
        for words in ASKED:
            said = outside(whole(await two.foreign.answer(words, WHO)))
            assert LETTERS.findall(NAMES.sub("", said)) == [], words


async def test_no_answer_speaks_the_language_of_whoever_asked_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = Market(history(), history(OKX), down={"okx": "it has been switched off"})
    async with both(source, monkeypatch) as two:
        for words in ASKED:
            foreign = await two.foreign.answer(words, WHO)
            english = await two.english.answer(words, WHO)
            again = await two.foreign.answer(words, WHO)
            assert OPEN in whole(foreign)
            assert OPEN not in whole(english)
            assert OPEN in whole(again)
            if foreign.image and english.image and again.image:
                assert foreign.image.key == again.image.key != english.image.key


async def test_one_failure_is_told_to_each_who_waited_in_their_language() -> None:
    shared: Shared[str, None] = Shared()

    async def fail() -> None:
        await asyncio.sleep(0)
        raise MarketUnavailable("okx", later("it took too long"))

    async def told() -> str:
        with pytest.raises(MarketUnavailable) as failed:
            await shared.get("okx", fail)
        return str(failed.value)

    async def abroad() -> str:
        with speaking(FOREIGN):
            return await told()

    foreign, english = await asyncio.gather(abroad(), told())
    assert english == "OKX is not answering: it took too long."
    assert foreign == "⟦OKX is not answering: ⟦it took too long⟧⟧."


async def test_what_is_lacking_is_said_when_it_is_read() -> None:
    source = Market(history(), history(OKX), down={"okx": "it has been switched off"})
    markets, snapshots = Markets(source), Snapshots(source, None)
    with speaking(FOREIGN):
        found = await markets.find("BTC")
        source.down, gone = {}, source.down
        snapshot = await snapshots.of([BTC])
        source.down = gone
        late = await snapshots.of([BTC, OKX])
    assert found.failures == ("OKX is not answering: it has been switched off.",)
    assert late.failures == found.failures
    assert snapshot.failures == ()
    with speaking(FOREIGN):
        assert late.failures == found.failures
        (foreign,) = found.failures
    assert OPEN in foreign
    assert plain(foreign) == "OKX is not answering: it has been switched off."
    await snapshots.close()
    await markets.close()


def test_an_error_says_all_of_itself_in_the_language_spoken() -> None:
    slow = StillAsked("okx", 2.0).also(later("shown as of {span} ago", span="2 min"))
    errors = [
        slow,
        NotYetAllowed("okx", 1_760_000_405_000),
        NothingAnswered([StillAsked("okx", 2.0)]),
    ]
    for error in errors:
        with speaking(FOREIGN):
            foreign = str(error)
        assert OPEN not in str(error)
        assert LETTERS.findall(NAMES.sub("", outside(foreign))) == []
        assert str(error.sentence) == str(error)
    assert slow.why == "no answer within 2 s; shown as of 2 min ago"


def test_a_grade_is_known_in_every_language() -> None:
    graded = later("{grade}, {intervals}", grade=UNPROVEN, intervals="12 hours")
    with speaking(FOREIGN):
        assert is_unproven(UNPROVEN)
        assert is_unproven(graded)
        assert is_unproven("unproven, 3 hours")
        assert not is_unproven("good, 412 hours")


@pytest.mark.parametrize("form", ["json", "csv"])
async def test_a_file_of_figures_is_the_same_in_every_language(
    form: Literal["json", "csv"],
) -> None:
    source = Market(history(), history(OKX), down={"okx": "it has been switched off"})
    markets, snapshots = Markets(source), Snapshots(source, None)
    desk = MapExportDesk(markets, snapshots)
    request = MapExportRequest("BTC", form=form)
    english = await desk.answer(request)
    with speaking(FOREIGN):
        foreign = await desk.answer(request)
    assert english.document is not None
    assert foreign.document is not None
    assert english.document.body == foreign.document.body
    assert OPEN in foreign.text()
    await snapshots.close()
    await markets.close()
