"""Watches kept in memory, by the rules of the real memory."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.core.errors import TooManyWatches
from bot.core.watches.ledger import After, Entry, Told
from bot.watching import Draft, KeptWatch, Manners, Quota


class FakeWatchStore:
    """A WatchStore of one world that forgets everything in the end."""

    def __init__(self) -> None:
        self.kept: dict[str, KeptWatch] = {}
        self.drafts: dict[str, Draft] = {}
        self.chats: dict[str, Manners] = {}
        self.entries: dict[str, Entry] = {}
        self.afters: dict[str, dict[int, After]] = {}
        self.votes: dict[str, dict[str, bool]] = {}
        self._once: dict[str, str] = {}
        self._numbers = 0

    async def add(self, watch: KeptWatch, quota: Quota, *, only_once: str = "") -> KeptWatch:
        there = self.kept.get(self._once.get(only_once, "")) if only_once else None
        same = [
            each
            for each in self.kept.values()
            if (each.address, each.words, each.retired) == (watch.address, watch.words, "")
        ]
        if there or same:
            return there or same[0]
        if len(await self.of_user(watch.owner)) >= quota.of_user:
            raise TooManyWatches(quota.of_user, "You keep")
        if len(await self.of_chat(watch.address.chat)) >= quota.of_chat:
            raise TooManyWatches(quota.of_chat, "This chat keeps")
        kept = replace(watch, id=self._next("w"))
        self.kept[kept.id] = kept
        if only_once:
            self._once[only_once] = kept.id
        return kept

    async def watch(self, watch_id: str) -> KeptWatch | None:
        found = self.kept.get(watch_id)
        return found if found is not None and not found.retired else None

    async def watches(self) -> Sequence[KeptWatch]:
        return [each for each in self.kept.values() if not each.retired]

    async def of_chat(self, chat: str, *, retired: bool = False) -> Sequence[KeptWatch]:
        return [
            each
            for each in self.kept.values()
            if each.address.chat == chat and (retired or not each.retired)
        ]

    async def of_user(self, user: str) -> Sequence[KeptWatch]:
        return [each for each in await self.watches() if each.owner == user]

    async def snooze(self, watch_id: str, until: int) -> None:
        self._change(watch_id, snoozed_until=until)

    async def reword(self, watch_id: str, words: str) -> None:
        changed = self.kept.get(watch_id)
        if changed is None:
            return
        there = [each for each in await self.of_chat(changed.address.chat) if each.words == words]
        if any(each.address == changed.address and each.id != watch_id for each in there):
            await self.remove(watch_id)
        else:
            self._change(watch_id, words=words)

    async def remove(self, watch_id: str) -> bool:
        for message in [key for key, each in self.entries.items() if each.watch == watch_id]:
            for kept in (self.entries, self.afters, self.votes):
                kept.pop(message, None)
        return self.kept.pop(watch_id, None) is not None

    async def retire(self, chat: str, why: str, *, watch: str = "") -> int:
        theirs = [each for each in await self.of_chat(chat) if watch in {"", each.id}]
        for each in theirs:
            self._change(each.id, retired=why)
        return len(theirs)

    async def move(self, chat: str, to: str) -> None:
        for each in await self.of_chat(chat, retired=True):
            self._change(each.id, address=replace(each.address, chat=to))
        if chat in self.chats:
            self.chats[to] = self.chats.pop(chat)

    async def forget(self, who: str) -> None:
        for each in list(self.kept.values()):
            if who in {each.address.chat, each.owner}:
                await self.remove(each.id)
        for draft in list(self.drafts.values()):
            if who in {draft.chat, draft.user}:
                del self.drafts[draft.id]
        for votes in self.votes.values():
            votes.pop(who, None)
        self.chats.pop(who, None)

    async def manners(self, chats: Sequence[str] | None = None) -> Mapping[str, Manners]:
        return {chat: each for chat, each in self.chats.items() if chats is None or chat in chats}

    async def set_manners(self, chat: str, manners: Manners) -> None:
        self.chats[chat] = manners

    async def draft(self, draft_id: str) -> Draft | None:
        return self.drafts.get(draft_id)

    async def keep_draft(self, draft: Draft) -> Draft:
        kept = draft if draft.id else replace(draft, id=self._next("d"))
        whose = kept.user, kept.chat
        for other in [each for each in self.drafts.values() if (each.user, each.chat) == whose]:
            del self.drafts[other.id]
        self.drafts[kept.id] = kept
        return kept

    async def drop_draft(self, draft_id: str) -> None:
        self.drafts.pop(draft_id, None)

    async def entry(self, message: str) -> Entry | None:
        return self.entries.get(message)

    async def note(self, after: After) -> None:
        self.afters.setdefault(after.message, {})[after.after] = after

    async def vote(self, message: str, user: str, *, useful: bool) -> None:
        self.votes.setdefault(message, {})[user] = useful

    async def numbers(self, watches: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
        found: dict[str, dict[str, int]] = {}
        for each in self.entries.values():
            if each.watch in watches:
                markets = found.setdefault(each.watch, {})
                number = int(each.message.rpartition("/")[2])
                markets[each.market] = max(number, markets.get(each.market, 0))
        return found

    async def ledger(self, watch_id: str, limit: int = 100) -> Sequence[Told]:
        found = [each for each in self.entries.values() if each.watch == watch_id]
        newest = sorted(found, key=lambda each: -each.began)[:limit]
        return [self._told(each) for each in newest]

    def _told(self, entry: Entry) -> Told:
        after = self.afters.get(entry.message, {})
        votes = list(self.votes.get(entry.message, {}).values())
        return Told(
            entry,
            tuple(after[key] for key in sorted(after)),
            sum(votes),
            len(votes) - sum(votes),
        )

    def _next(self, letter: str) -> str:
        self._numbers += 1
        return f"{letter}{self._numbers}"

    def _change(self, watch_id: str, **changes: object) -> None:
        if watch_id in self.kept:
            self.kept[watch_id] = replace(self.kept[watch_id], **changes)  # type: ignore[arg-type]
