"""`/privacy`: what is kept, where, for how long, and what is not."""

from dataclasses import dataclass

from bot.core.arrays import DAY
from bot.core.language import many, say
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
    if kept is None:
        return Reply(say("Nothing of you is kept"), (say("This bot has no memory of anybody."),))
    return Reply(
        say("What is kept of you"),
        (
            say("Watches: their words, their chat and your id, until you remove them."),
            say(
                "Their ledgers, with your votes: {ledgers}. Drafts: {drafts}.",
                ledgers=_days(kept.ledgers),
                drafts=_days(kept.drafts),
            ),
            say(
                "Messages I sent by myself, with their chat's id: {messages}.",
                messages=_days(kept.messages),
            ),
            say(
                "Settings of a chat, and trades you log: until you delete them. Only you see "
                "trades."
            ),
            say(
                "It stands in the database of whoever runs this bot, and in the copies he makes "
                "of it."
            ),
            say(
                "Not kept: your name, what else you ask, and the positions you ask /position about."
            ),
            say("If something fails, the log may hold the question or the chat's id."),
            say("/export brings all of it as a file, /forget deletes it."),
        ),
        buttons=(
            (
                Button(say("Export"), "export", fresh=True),
                Button(say("Forget"), "forget", fresh=True),
            ),
        ),
    )


def _days(length: int) -> str:
    return many("{count} day", "{count} days", round(length / DAY))
