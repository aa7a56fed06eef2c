"""`/export`: all that is kept of somebody, or of a chat, as a file for him alone."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import msgspec

from bot.core import figures
from bot.core.errors import NotAllowed
from bot.core.language import many, mark, say
from bot.core.watches.ledger import Told
from bot.desk.journal_csv import journal_csv
from bot.desk.map_data import utc, zipped
from bot.desk.own_requests import ExportRequest
from bot.desk.preferences import SettingsDesk
from bot.desk.requests import Asker
from bot.desk.zones import shown
from bot.journals import JournalStore
from bot.ports import MarketSource
from bot.reply import Button, Document, Reply
from bot.watching import KeptBeside, KeptWatch, OwnStore, WatchStore

# Discord takes no more of an ordinary server; nobody's own fills it.
LARGEST = 8_000_000  # [bytes]
_EPISODES = 1000  # of each watch, the newest
_NOBODY = mark("You write in the chat's name, so everybody would get it. Ask under your own name.")
_MODERATORS = mark("Only moderators take what this chat keeps. /export alone brings what is yours.")


class ExportDesk:
    """Puts together what is kept."""

    def __init__(
        self,
        source: MarketSource,
        settings: SettingsDesk,
        watches: WatchStore,
        journal: JournalStore,
        own: OwnStore,
    ) -> None:
        self._source = source
        self._settings = settings
        self._watches = watches
        self._journal = journal
        self._own = own

    async def answer(self, request: ExportRequest, asker: Asker) -> Reply:
        """Answer with a file, privately. NotAllowed, StoreUnavailable."""
        if asker.shared and asker.user == asker.chat:
            raise NotAllowed(say(_NOBODY))
        if request.chat and asker.shared:
            if not await asker.moderates():
                raise NotAllowed(say(_MODERATORS))
            return await self._of_chat(asker.chat)
        return await self._of_person(asker)

    async def _of_person(self, asker: Asker) -> Reply:
        made = await self._watches.of_user(asker.user)
        private = [each.address.chat for each in made if not each.shared]
        chats = tuple(
            dict.fromkeys((asker.user, *([] if asker.shared else [asker.chat]), *private))
        )
        trades = await self._journal.trades(asker.user)
        beside = await self._own.beside(asker.user, chats)
        watches = dict.fromkeys(made)
        for chat in chats:
            watches |= dict.fromkeys(await self._watches.of_chat(chat, retired=True))
        kept = await self._written(asker.user, chats, list(watches), beside)
        files = {"emberline.json": _encoded(kept)}
        if trades:
            files["trades.csv"] = journal_csv(trades)
        counts = (
            _watches(len(watches)),
            many("{count} trade", "{count} trades", len(trades)),
            many("{count} draft", "{count} drafts", len(beside.drafts)),
            many("{count} vote", "{count} votes", len(beside.votes)),
            _messages(len(beside.messages)),
        )
        return _reply(
            say("All that is kept of you"),
            (say("{counts}, and your settings.", counts=", ".join(counts)),),
            files,
            simulated=self._source.simulated,
        )

    async def _of_chat(self, chat: str) -> Reply:
        watches = await self._watches.of_chat(chat, retired=True)
        beside = await self._own.beside("", (chat,))
        kept = await self._written(chat, (chat,), watches, beside)
        said = say(
            "{watches}, {messages}, and the chat's settings. What is its members' own is not in "
            "it.",
            watches=_watches(len(watches)),
            messages=_messages(len(beside.messages)),
        )
        files = {"emberline.json": _encoded(kept)}
        headline = say("All that this chat keeps")
        return _reply(headline, (said,), files, simulated=self._source.simulated)

    async def _written(
        self,
        whose: str,
        chats: Sequence[str],
        watches: Sequence[KeptWatch],
        beside: KeptBeside,
    ) -> dict[str, Any]:
        """Write down what is kept, with names that a person understands."""
        return {
            "of": whose,
            "written_utc": utc(self._source.now()),
            "settings": {chat: await self._preferences(chat) for chat in chats},
            "watches": [await self._watch(each, whose) for each in watches],
            "drafts": [
                {"id": each.id, "words": each.words, "touched_utc": utc(each.touched)}
                for each in beside.drafts
            ],
            "votes": [
                {"episode": episode, "useful": useful} for episode, useful in beside.votes.items()
            ],
            "messages": [
                {"chat": each.chat, "put_utc": utc(each.put), "text": each.text}
                for each in beside.messages
            ],
        }

    async def _preferences(self, chat: str) -> dict[str, Any]:
        known = await self._settings.of(chat)
        manners = asdict(known.manners) | {"zone": shown(known.manners.zone)}
        return asdict(known.settings) | manners

    async def _watch(self, kept: KeptWatch, whose: str) -> dict[str, Any]:
        ledger = await self._watches.ledger(kept.id, _EPISODES)
        return {
            "id": kept.id,
            "chat": kept.address.chat,
            "topic": kept.address.topic,
            "made_by_you": kept.owner == whose,
            "shared": kept.shared,
            "words": kept.words,
            "made_utc": utc(kept.made),
            "retired": kept.retired,
            "ledger": [_episode(each) for each in ledger],
        }


def _episode(told: Told) -> dict[str, Any]:
    entry = told.entry
    return {
        "episode": entry.message,
        "market": entry.market,
        "began_utc": utc(entry.began),
        "told_utc": None if entry.told is None else utc(entry.told),
        "ended_utc": None if entry.ended is None else utc(entry.ended),
        "held_back": entry.held,
        "price": entry.price,
        "cluster_usd": entry.usd,
        "came": [
            {
                "after": figures.span(each.after),
                "price": each.price,
                "move": each.move,
                "worst": each.worst,
                "reached": each.reached,
                "liquidated_usd": each.liquidated,
            }
            for each in told.after
        ],
        "useful": told.useful,
        "not_useful": told.useless,
    }


def _reply(
    headline: str, lines: tuple[str, ...], files: dict[str, bytes], *, simulated: bool
) -> Reply:
    """Hand over one file: a lone one as it is if it is small, several in a ZIP."""
    document = Document(zipped(files), "emberline.zip", "application/zip")
    if len(document.body) > LARGEST:
        return Reply(
            say("That is more than a chat can carry"),
            (say("Whoever runs this bot can hand it to you."),),
            private=True,
            kind="problem",
        )
    return Reply(
        headline,
        lines,
        buttons=((Button(say("Privacy"), "privacy", fresh=True),),),
        private=True,
        simulated=simulated,
        document=document,
    )


def _encoded(kept: dict[str, Any]) -> bytes:
    return msgspec.json.format(msgspec.json.encode(kept), indent=2)


def _watches(count: int) -> str:
    return many("{count} watch with ledgers", "{count} watches with ledgers", count)


def _messages(count: int) -> str:
    return many("{count} message", "{count} messages", count)
