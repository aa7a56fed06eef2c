"""Who may change what a chat watches, and what is told to those who may not."""

from bot.core.errors import NotAllowed
from bot.core.language import say
from bot.desk.requests import Asker


async def may_change(asker: Asker) -> None:
    """See to it that somebody may change what a chat watches, and can be told of it. NotAllowed."""
    if asker.unreachable:
        why = say("I cannot write here by myself. Send me the same in a private chat.")
        raise NotAllowed(why)
    if asker.shared and not await asker.moderates():
        why = say(
            "Only moderators change what this chat watches. Send me the same in a private chat, "
            "and I watch it for you alone."
        )
        raise NotAllowed(why)
    if asker.lacking:
        *some, last = asker.lacking
        rights = say("{some} and {last}", some=" and ".join(some), last=last) if some else last
        why = say(
            "I could not tell anything here: in this channel I lack {rights}. Allow me that in the "
            "channel's settings, under Permissions, and ask again.",
            rights=rights,
        )
        raise NotAllowed(why)
