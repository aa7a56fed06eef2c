"""How good the maps of a coin have been, in the words of a caption."""

import asyncio

import structlog

from bot.core.judge.grade import MEASURING, UNPROVEN, is_unproven
from bot.core.language import Said
from bot.desk.accuracy import graded
from bot.desk.scoring import Scoring
from bot.desk.snapshot import Snapshot

__all__ = ["grade_of", "is_unproven"]

log = structlog.get_logger()


async def grade_of(
    scoring: Scoring | None, snapshot: Snapshot, within: float | None = None
) -> Said:
    """Say how good the maps of these markets have been; no answer fails for that.

    MEASURING if that takes longer than `within` [s]; the work goes on for whoever asks next.
    """
    if scoring is None:
        return UNPROVEN
    waited = asyncio.timeout(within)
    try:
        async with waited:
            verdict = await scoring.of(snapshot.kept)
    except Exception:
        if waited.expired():
            return MEASURING
        log.exception("maps not graded")
        return UNPROVEN
    return graded(verdict.accuracy if verdict else None)
