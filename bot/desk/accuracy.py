"""`/accuracy`: how good the map of a coin has been, beside what knows only prices."""

import hashlib
import math
from collections.abc import Sequence
from functools import partial

from bot.core import figures
from bot.core.instruments import venue_name
from bot.core.judge.accuracy import FORECASTERS, MAP, PRICES, SIDES, Accuracy, AccuracyReading, Line
from bot.core.judge.bootstrap import Figure
from bot.core.judge.grade import FEWEST, UNPROVEN
from bot.core.language import Said, code, many, mark, say, say_of
from bot.desk.caption import SIMULATED, clock
from bot.desk.drawing import Drawing
from bot.desk.markets import Found, Markets
from bot.desk.requests import AccuracyRequest
from bot.desk.scoring import Scoring
from bot.desk.shared import Shared
from bot.desk.snapshot import Kept, Snapshots
from bot.desk.steps import rows, step
from bot.reply import Button, Image, Reply, described

_PICTURES_KEPT = 32
_CHOICES = (7, 30, 90)  # days, as buttons

_LEGEND = mark(
    "Figures are Spearman ranks of what the map held on the way of price with what was liquidated "
    "then; in brackets the 90 % range when the days are drawn again."
)


def graded(found: Accuracy | None) -> Said:
    """Return a grade for a caption, with what it is drawn from.

    "good, 412 hours"
    """
    return UNPROVEN if found is None else found.graded


class AccuracyDesk:
    """Answers for the scores."""

    def __init__(
        self,
        markets: Markets,
        snapshots: Snapshots,
        scoring: Scoring,
        *,
        drawing: Drawing | None = None,
    ) -> None:
        self._markets = markets
        self._snapshots = snapshots
        self._scoring = scoring
        self._pictures: Shared[str, bytes] = Shared(_PICTURES_KEPT)
        self._drawing = drawing or Drawing()

    async def answer(self, request: AccuracyRequest, theme: str) -> Reply:
        """Answer with a table in words and a picture. UnknownSymbol, UnknownVenue, ..."""
        found = await self._markets.find(request.symbol, request.venues)
        snapshot = await self._snapshots.of(found.instruments)
        verdict = await self._scoring.of(snapshot.kept, request.days)
        simulated = any(kept.history.simulated for kept in snapshot.kept)
        failures = (*found.failures, *snapshot.failures)
        if verdict is None:
            lines = ((say(SIMULATED),) if simulated else ()) + _nothing_yet(snapshot.kept)
            return Reply(
                say("{coin} map accuracy: nothing scored yet", coin=found.base),
                (*lines, *failures),
                buttons=((Button(say("Heatmap"), f"heatmap {found.symbol}"),),),
                simulated=simulated,
                as_of=snapshot.now,
            )
        said = verdict.accuracy
        reading = AccuracyReading(found.base, said, verdict.venues, simulated)
        lines = _lines(reading)
        headline = say("{coin} map accuracy: {grade}", coin=found.base, grade=graded(said))
        name = f"{found.base.lower()}-accuracy.png"
        key = hashlib.blake2b(repr((reading, theme, code())).encode(), digest_size=12).hexdigest()
        png = await self._pictures.get(key, lambda: self._draw(reading, theme))
        return Reply(
            headline,
            (*lines, *failures),
            Image(png, described(f"{headline}.", *lines), name, key),
            _buttons(request, found),
            simulated=simulated,
            as_of=said.until,
        )

    async def close(self) -> None:
        """Stop drawing."""
        await self._pictures.close()

    async def _draw(self, reading: AccuracyReading, theme: str) -> bytes:
        work = partial(_picture, reading, theme)
        return await self._drawing.do(work)


def _nothing_yet(kept: Sequence[Kept]) -> tuple[str, ...]:
    """Say why there is no score, and when there will be."""
    if all(each.history.liquidations is None for each in kept) and not any(
        each.history.liquidation_totals for each in kept
    ):
        return (
            say("No venue has told of liquidations here so far; listening has begun by asking."),
        )
    return (
        say("An hour is scored when it is over and its liquidations were heard from end to end."),
        say("A grade needs {count} of them.", count=FEWEST),
    )


def _lines(reading: AccuracyReading) -> tuple[str, ...]:
    """Say the table in words: a line for each side and forecaster."""
    found = reading.accuracy
    names = ", ".join(venue_name(venue) for venue in reading.venues)
    source = many(
        "{intervals} in {count} day to {until} ({venues}), {size} reported.",
        "{intervals} in {count} days to {until} ({venues}), {size} reported.",
        found.days,
        intervals=found.intervals,
        until=clock(found.until),
        venues=names,
        size=figures.usd(found.reported),
    )
    by_side = {
        (line.side, line.name): f"{_side(line)}, {_forecaster(line)}: {_said(line)}."
        for line in found.lines
    }
    return (
        *((say(SIMULATED),) if reading.simulated else ()),
        say("Graded {grade}: {why}.", grade=found.grade.said, why=found.grade.why),
        source,
        *(by_side[side, name] for side in SIDES for name in FORECASTERS),
        say(_LEGEND),
    )


def _side(line: Line) -> str:
    return say("Longs") if line.side == SIDES[0] else say("Shorts")


def _forecaster(line: Line) -> str:
    if line.name == MAP:
        return say_of("forecaster", "map")
    return say("prices only") if line.name == PRICES else say("bare move")


def _said(line: Line) -> str:
    """Write a line's figures; those beside the map's own come in the same order."""
    given, biggest, rho = (_figure(score) for score in (line.partial, line.biggest, line.rho))
    if line.name == MAP:
        return say(
            "given the move {given}, biggest moves {biggest}, all {rho}, dollars ×{ratio}",
            given=given,
            biggest=biggest,
            rho=rho,
            ratio=_figure(line.usd),
        )
    return f"{given}, {biggest}, {rho}"


def _figure(score: Figure) -> str:
    """Write a score and its range.

    >>> _figure(Figure(0.684, -0.04, 0.7))
    '0.68 (−0.04 to 0.70)'
    """
    if not math.isfinite(score.value):
        return figures.NOTHING
    value, low, high = (
        f"{part:.2f}".replace("-", "−") for part in (score.value, score.low, score.high)
    )
    return say("{value} ({low} to {high})", value=value, low=low, high=high)


def _buttons(request: AccuracyRequest, found: Found) -> tuple[tuple[Button, ...], ...]:
    theme = (request.theme,) if request.theme else ()

    def words(days: int) -> str:
        return " ".join(("accuracy", found.symbol, f"{days}d", *request.venues, *theme))

    spans: list[Button] = []
    for days in _CHOICES:
        label = many("{count} day", "{count} days", days)
        spans += step(label, words(days), chosen=days == request.days)
    heatmap = " ".join(("heatmap", found.symbol, *request.venues, *theme))
    return rows(spans, (*step(say("Refresh"), words(request.days)), *step(say("Heatmap"), heatmap)))


def _picture(reading: AccuracyReading, theme: str) -> bytes:
    from renderers import accuracy
    from renderers.theme import theme_named

    return accuracy.render(reading, theme_named(theme))
