"""How good the maps of a coin have been, in the words of a caption."""

import structlog

from bot.desk.accuracy import UNPROVEN, graded
from bot.desk.scoring import Scoring
from bot.desk.snapshot import Snapshot

log = structlog.get_logger()


async def grade_of(scoring: Scoring | None, snapshot: Snapshot) -> str:
    """Say how good the maps of these markets have been; no answer fails for that."""
    if scoring is None:
        return UNPROVEN
    try:
        verdict = await scoring.of(snapshot.kept)
    except Exception:
        log.exception("maps not graded")
        return UNPROVEN
    return graded(verdict.accuracy if verdict else None)


def is_unproven(grade: str) -> bool:
    """Whether a map has not been shown to say more than the price alone."""
    return grade.startswith(UNPROVEN)
