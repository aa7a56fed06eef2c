"""What a picture of an episode points at."""

from dataclasses import dataclass

from bot.core.watches.columns import About


@dataclass(frozen=True, slots=True)
class Mark:
    """When an episode began, and the cluster that it is about."""

    began: int  # [ms] UTC
    label: str  # in a word, before the time at which it began: "since"
    about: About | None = None
