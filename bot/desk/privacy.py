"""`/privacy`: what is kept, where, for how long, and what is not."""

from dataclasses import dataclass

from bot.core.arrays import DAY
from bot.reply import Button, Reply
from bot.watching import DRAFT_LASTS


@dataclass(frozen=True, slots=True)
class KeptFor:
    """How long what is kept of people stays [ms], where it is not deleted before."""

    messages: int  # that were sent
    ledgers: int  # of watches
    drafts: int = DRAFT_LASTS


def privacy_reply(kept: KeptFor | None) -> Reply:
    """Say what is kept; `None`: nothing is remembered here."""
    row = (Button("Export", "export", fresh=True), Button("Forget", "forget", fresh=True))
    if kept is None:
        return Reply("Nothing of you is kept", ("This bot has no memory of anybody.",))
    return Reply(
        "What is kept of you",
        (
            "Watches: their words, their chat and your id, until you remove them.",
            f"Their ledgers, with your votes: {_days(kept.ledgers)}. Drafts: {_days(kept.drafts)}.",
            f"Messages I sent by myself, with their chat's id: {_days(kept.messages)}.",
            "Settings of a chat, and trades you log: until you delete them. Only you see trades.",
            "It stands in the database of whoever runs this bot, and in the copies he makes of it.",
            "Not kept: your name, what else you ask, and the positions you ask /position about.",
            "If something fails, the log may hold the question or the chat's id.",
            "/export brings all of it as a file, /forget deletes it.",
        ),
        buttons=(row,),
    )


def _days(length: int) -> str:
    days = round(length / DAY)
    return f"{days} day{'s' * (days != 1)}"
