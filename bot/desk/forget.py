"""`/forget`: everything that is kept of somebody, deleted for good once he has said so twice."""

import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.core.errors import NotAllowed
from bot.core.language import many, mark, say
from bot.desk.own_requests import ForgetRequest
from bot.desk.requests import Asker
from bot.reply import Button, Reply
from bot.watching import Forgotten, OwnStore

_LASTS = 600.0  # [s] that a question waits for its answer
_QUESTIONS = 1000  # waiting at the same time; the oldest are dropped
_MODERATORS = mark(
    "Only moderators delete what this chat keeps. /forget alone deletes what is yours."
)
_NOBODY = mark("You write here in the chat's name. /forget chat deletes what the chat keeps.")
_TOO_OLD = mark("Nothing was deleted: that button is used up or too old. Send /forget again.")


@dataclass(frozen=True, slots=True)
class _Question:
    """What has been asked, of whom: only he, or a moderator of that chat, can say yes."""

    chat: str
    user: str
    whole_chat: bool
    until: float


class ForgetDesk:
    """Asks once more, then deletes; each question is answered once."""

    def __init__(
        self,
        own: OwnStore,
        changed: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`changed` is told that watches are gone."""
        self._own = own
        self._changed = changed
        self._clock = clock
        self._questions: dict[str, _Question] = {}

    async def answer(self, request: ForgetRequest, asker: Asker) -> Reply:
        """Answer a request. NotAllowed, StoreUnavailable."""
        whole_chat = request.chat and asker.shared  # alone with the bot, a chat is a person's own
        if whole_chat and not await asker.moderates():
            raise NotAllowed(say(_MODERATORS))
        if not whole_chat and asker.shared and asker.user == asker.chat:
            raise NotAllowed(say(_NOBODY))
        if not request.token:
            return self._asked(asker, whole_chat=whole_chat)
        question = self._questions.get(request.token)
        if question is None or not self._his(question, asker, whole_chat=whole_chat):
            return Reply(say(_TOO_OLD), private=asker.shared, kind="problem")
        del self._questions[request.token]
        if whole_chat:
            gone = await self._own.forget((asker.chat,))
        else:
            gone = await self._own.forget(() if asker.shared else (asker.chat,), asker.user)
        self._changed()
        return _said(gone, asker, whole_chat=whole_chat)

    def _asked(self, asker: Asker, *, whole_chat: bool) -> Reply:
        token = secrets.token_hex(8)
        now = self._clock()
        waiting = {key: each for key, each in self._questions.items() if each.until > now}
        waiting[token] = _Question(asker.chat, asker.user, whole_chat, now + _LASTS)
        self._questions = dict(list(waiting.items())[-_QUESTIONS:])
        if whole_chat:
            return Reply(
                say("Delete all that this chat keeps?"),
                (
                    say(
                        "Its watches with their ledgers, its settings, messages sent or still to "
                        "come."
                    ),
                    say("What is its members' own stays theirs. There is no way back."),
                ),
                buttons=(
                    (
                        Button(say("Delete for good"), f"forget chat {token}"),
                        Button(say("Export first"), "export chat", fresh=True),
                    ),
                ),
            )
        return Reply(
            say("Delete all that is kept of you?"),
            (
                say("Your watches with ledgers, drafts, votes, trades, settings, and messages."),
                say("Watches you made for a group stay with it, without your name."),
                say("There is no way back."),
            ),
            buttons=(
                (
                    Button(say("Delete for good"), f"forget me {token}"),
                    Button(say("Export first"), "export", fresh=True),
                ),
            ),
            private=asker.shared,
        )

    def _his(self, question: _Question, asker: Asker, *, whole_chat: bool) -> bool:
        """Say whether a question may be answered by whoever presses."""
        if question.whole_chat != whole_chat or question.until <= self._clock():
            return False
        return question.chat == asker.chat if whole_chat else question.user == asker.user


def _said(gone: Forgotten, asker: Asker, *, whole_chat: bool) -> Reply:
    """Say exactly what was deleted."""
    counts = ", ".join(_counted(gone))
    lines = [say("Deleted: {counts}.", counts=counts) if counts else say("Nothing was kept.")]
    if gone.unnamed:
        lines.append(
            many(
                "{count} watch stays with the groups you made them for, without your name.",
                "{count} watches stay with the groups you made them for, without your name.",
                gone.unnamed,
            )
        )
    if asker.shared and not whole_chat:
        lines.append(say("What our private chat has chosen goes when you send /forget there."))
    lines.append(say("Copies that whoever runs this bot has made before are not reached by this."))
    return Reply(
        say("Forgotten"),
        tuple(lines),
        buttons=((Button(say("Privacy"), "privacy", fresh=True),),),
        private=asker.shared and not whole_chat,
    )


def _counted(gone: Forgotten) -> Iterator[str]:
    """Count what was deleted, without what there was none of."""
    if gone.watches:
        yield many("{count} watch", "{count} watches", gone.watches)
    if gone.drafts:
        yield many("{count} draft", "{count} drafts", gone.drafts)
    if gone.votes:
        yield many("{count} vote", "{count} votes", gone.votes)
    if gone.trades:
        yield many("{count} trade", "{count} trades", gone.trades)
    if gone.settings:
        yield many("{count} chat's settings", "{count} chats' settings", gone.settings)
    if gone.messages:
        yield many("{count} message", "{count} messages", gone.messages)
