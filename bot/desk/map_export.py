"""`/export SYMBOL`: the figures of a heatmap, for whoever goes on calculating."""

import asyncio

from bot.core import figures
from bot.core.estimate.read import read
from bot.core.estimate.reading import MapReading
from bot.core.language import Said, say
from bot.desk import map_data
from bot.desk.caption import SIMULATED
from bot.desk.grades import grade_of
from bot.desk.markets import Found, Markets
from bot.desk.own_requests import MapExportRequest
from bot.desk.scoring import Scoring
from bot.desk.snapshot import Snapshot, Snapshots
from bot.desk.steps import rows, step
from bot.reply import Document, Reply


class MapExportDesk:
    """Answers with a file of what `/heatmap` draws."""

    def __init__(
        self, markets: Markets, snapshots: Snapshots, scoring: Scoring | None = None
    ) -> None:
        self._markets = markets
        self._snapshots = snapshots
        self._scoring = scoring

    async def answer(self, request: MapExportRequest) -> Reply:
        """Answer with a file. UnknownSymbol, UnknownVenue, NothingAnswered, NotEnoughData."""
        found = await self._markets.find(request.symbol, request.venues)
        snapshot = await self._snapshots.of(found.instruments)
        grade = await grade_of(self._scoring, snapshot)
        reading, document = await asyncio.to_thread(_written, request, found, snapshot, grade)
        what = (found.symbol, request.window.name, *request.venues)
        other = "json" if request.form == "csv" else "csv"
        said = say(
            "{bins} bins of price, {clusters} clusters, {bars} bars, and the strips.",
            bins=f"{len(reading.now.long_usd):,}",
            clusters=len(reading.clusters),
            bars=f"{len(reading.candles.open_time):,}",
        )
        return Reply(
            say(
                "{coin} {window}: the figures of the heatmap",
                coin=found.base,
                window=request.window.name,
            ),
            (
                *((say(SIMULATED),) if reading.simulated else ()),
                said,
                say("As of {time}; times are UTC, sizes USD.", time=figures.moment(reading.as_of)),
                say("An estimate, {grade}; {venues}.", grade=grade, venues=reading.freshness),
                *map(str, reading.failures),
            ),
            buttons=rows(
                (
                    *step(say("Heatmap"), " ".join(("heatmap", *what)), fresh=True),
                    *step(other.upper(), " ".join(("export", *what, other)), fresh=True),
                )
            ),
            simulated=reading.simulated,
            as_of=reading.as_of,
            document=document,
        )


def _written(
    request: MapExportRequest, found: Found, snapshot: Snapshot, grade: Said
) -> tuple[MapReading, Document]:
    reading = read(
        [kept.estimate for kept in snapshot.kept],
        [kept.history for kept in snapshot.kept],
        request.window,
        snapshot.now,
        found.asked,
        (*found.lacking, *snapshot.lacking),
        grade,
        found.base,
    )
    name = f"{found.base.lower()}-{request.window.name}"
    write = map_data.map_csv if request.form == "csv" else map_data.map_json
    return reading, write(reading, name)
