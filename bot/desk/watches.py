"""`/watch`, `/watches`, `/mute` and `/test`: what people type and press about watches."""

from dataclasses import replace

from bot import languages
from bot.core.errors import UnknownWord, WatchRefused
from bot.core.language import ENGLISH, mark, say
from bot.core.watches import hours, parse
from bot.core.watches.tree import Digest, HeatmapEvery, Watch
from bot.desk import watch_drafts, watches_words
from bot.desk.judging import Judging, LedgerLines
from bot.desk.requests import (
    AlertTestRequest,
    Asker,
    DraftRequest,
    MuteRequest,
    VoteRequest,
    WatchesRequest,
    WatchesRequests,
    WatchRequest,
)
from bot.desk.watch_making import GONE, Draftsman, replaces
from bot.desk.watch_preview import Previews
from bot.desk.watch_rights import may_change
from bot.desk.watches_words import Standing
from bot.messages import Address
from bot.ports import MarketSource
from bot.reply import Button, Reply
from bot.watching import KeptWatch, Manners, Quota, WatchStore

_NOT_HERE = mark("/watches lists what this chat watches.")
_TESTED = mark("It goes the way every alert goes. If nothing arrives within a minute, ask /status.")


class WatchesDesk:
    """Answers what is asked of watches; changes are seen to be allowed when they are made."""

    def __init__(
        self,
        store: WatchStore,
        judging: Judging,
        source: MarketSource,
        draftsman: Draftsman,
        previews: Previews,
        quota: Quota | None = None,
        ledger: LedgerLines | None = None,
        language: str = ENGLISH.code,
    ) -> None:
        """`language` is spoken in chats that have chosen none."""
        self._store = store
        self._judging = judging
        self._source = source
        self._drafts = draftsman
        self._previews = previews
        self._quota = quota or Quota()
        self._ledger = ledger
        self._usual = language

    async def answer(self, request: WatchesRequests, asker: Asker, theme: str) -> Reply:
        """Answer a request. NotAllowed, TooManyWatches, StoreUnavailable, UnknownSymbol, ..."""
        manners = await self._manners(asker)
        theme = manners.theme or theme
        match request:
            case WatchRequest():
                return await self._watch(request, asker, manners, theme)
            case DraftRequest():
                return await self._draft(request, asker, manners, theme)
            case WatchesRequest():
                return await self._watches(request, asker, manners, theme)
            case VoteRequest():
                return await self._vote(request, asker)
            case MuteRequest():
                return await self._mute(request, asker, manners)
            case AlertTestRequest():
                await may_change(asker)
                await self._judging.test(_address(asker))
                return Reply(say("A test alert is on its way"), (say(_TESTED),))

    async def close(self) -> None:
        """Stop drawing."""
        await self._previews.close()

    async def _watch(
        self, request: WatchRequest, asker: Asker, manners: Manners, theme: str
    ) -> Reply:
        words = request.words
        if words and (request.at_once or " " in words):
            await may_change(asker)
        if not request.at_once:
            return await self._drafts.proposed(words, asker, manners, theme)
        try:
            watch = await self._drafts.meant(words)
        except WatchRefused as error:
            return watches_words.refused(error, ())
        kept, new = await self._keep(watch, asker)
        await self._note_language(asker, manners)
        return await self._saved(kept, watch, manners, new=new)

    async def _draft(
        self, request: DraftRequest, asker: Asker, manners: Manners, theme: str
    ) -> Reply:
        await may_change(asker)
        if request.act == "edit":
            if request.draft.startswith("w"):
                kept = await self._of_here(request.draft, asker)
                return await self._drafts.change(kept.id, kept.words, asker, manners)
            return await self._drafts.edited(request, asker, manners, theme)
        draft = await self._drafts.mine(request.draft, asker)
        if draft is None:
            return Reply(say(GONE), kind="problem")
        if request.act == "drop":
            await self._store.drop_draft(draft.id)
            return Reply(say("Cancelled"), (say("Nothing was saved."),), buttons=((_anew(),),))
        watch = watch_drafts.whole(draft.words)
        if watch is None:
            said = say("That is no whole watch yet. Go on with the buttons.")
            return Reply(said, kind="problem")
        before = replaces(draft)
        if before and await self._store.watch(before) is not None:
            kept = await self._of_here(before, asker)
            await self._store.reword(kept.id, str(watch))
            # Where another says the same by now, that one is kept alone.
            there = await self._store.of_chat(asker.chat)
            kept = next((each for each in there if each.words == str(watch)), kept)
            new = kept.id == before
        else:
            kept, new = await self._keep(watch, asker, only_once=draft.id)
        await self._store.drop_draft(draft.id)
        await self._note_language(asker, manners)
        self._judging.changed()
        return await self._saved(kept, watch, manners, new=new, undo=not before)

    async def _keep(
        self, watch: Watch, asker: Asker, only_once: str = ""
    ) -> tuple[KeptWatch, bool]:
        """Save a watch; says whether it is new. TooManyWatches."""
        there = {each.id for each in await self._store.of_chat(asker.chat)}
        made = KeptWatch(
            "", _address(asker), asker.user, asker.shared, str(watch), self._source.now()
        )
        kept = await self._store.add(made, self._quota, only_once=only_once)
        self._judging.changed()
        return kept, kept.id not in there

    async def _note_language(self, asker: Asker, manners: Manners) -> None:
        """Have alerts come in the language in which their watch was made.

        Nobody's phone is asked when they do. In a chat of many only a moderator's choice counts.
        """
        own = None if asker.shared else languages.known(asker.language)
        if manners.language is None and own not in {None, self._usual}:
            await self._store.set_manners(asker.chat, replace(manners, language=own))
            self._judging.changed()

    async def _saved(
        self, kept: KeptWatch, watch: Watch, manners: Manners, *, new: bool, undo: bool = True
    ) -> Reply:
        """Say that a watch is kept, and what may be expected of it."""
        now = self._source.now()
        scheduled = isinstance(watch.what, Digest | HeatmapEvery)
        lines = [kept.words]
        if scheduled:
            lines.append(say("Next: {times}.", times=watches_words.times(watch, now, manners.zone)))
        elif said := await self._previews.line(watch, manners):
            lines.append(said)
        lines.append(watches_words.promises(watch, manners))
        undoing = [Button(say("Undo"), f"watches remove {kept.id} yes")] if new and undo else []
        said = say("This is watched already, as {watch}", watch=kept.id)
        return Reply(
            say("Watching as {watch}", watch=kept.id) if new else said,
            tuple(lines),
            buttons=(
                (*undoing, Button(say("Details"), f"watches {kept.id}")),
                (_all(), Button(say("Test alert"), "test", fresh=True)),
            ),
            simulated=self._source.simulated,
        )

    async def _watches(
        self, request: WatchesRequest, asker: Asker, manners: Manners, theme: str
    ) -> Reply:
        if not request.watch:
            return await self._listing(request.page, asker, manners)
        kept = await self._of_here(request.watch, asker)
        if request.act in {"mute", "wake", "remove"}:
            await may_change(asker)
        match request.act:
            case "mute" | "wake":
                return await self._snoozed(kept, request, manners)
            case "remove" if request.sure:
                await self._store.remove(kept.id)
                self._judging.changed()
                removed = say("Removed {watch}", watch=kept.id)
                return Reply(removed, (kept.words,), buttons=((_anew(), _all()),))
            case "preview":
                shown = await self._previews.of(parse.watch(kept.words), manners, theme)
                back = Button(say("Details"), f"watches {kept.id}", fresh=True)
                return Reply(
                    kept.words,
                    shown.lines,
                    shown.image,
                    ((back,),),
                    simulated=self._source.simulated,
                )
        return await self._detail(kept, manners, sure=request.act == "remove")

    async def _listing(self, page: int, asker: Asker, manners: Manners) -> Reply:
        kept = await self._store.of_chat(asker.chat)
        reply = watches_words.listing(
            [self._standing(each) for each in kept],
            page,
            manners,
            self._judging.held_back(asker.chat),
            self._source.now(),
        )
        return replace(reply, simulated=self._source.simulated)

    async def _detail(self, kept: KeptWatch, manners: Manners, *, sure: bool = False) -> Reply:
        ledger = () if self._ledger is None else tuple(await self._ledger(kept))
        reply = watches_words.detail(
            self._standing(kept), manners, self._source.now(), ledger, sure=sure
        )
        return replace(reply, simulated=self._source.simulated)

    async def _snoozed(self, kept: KeptWatch, request: WatchesRequest, manners: Manners) -> Reply:
        """Silence a watch, or let it speak; pressed under an alert, that alert stays as it is."""
        now = self._source.now()
        until = now + request.lasts if request.act == "mute" else 0
        await self._store.snooze(kept.id, until)
        self._judging.changed()
        kept = replace(kept, snoozed_until=until)
        if request.here:
            return await self._detail(kept, manners)
        if not until:
            said = say("{watch} speaks again", watch=kept.id)
            return Reply(said, (kept.words,), kind="note")
        silent = watches_words.moment(until, now, manners.zone)
        said = say("{watch} is muted until {time}", watch=kept.id, time=silent)
        return Reply(said, (kept.words,), kind="note")

    async def _vote(self, request: VoteRequest, asker: Asker) -> Reply:
        entry = await self._store.entry(request.message)
        kept = await self._store.watch(entry.watch) if entry is not None else None
        if kept is None or kept.address.chat != asker.chat:
            return Reply(say("That episode is not kept any more."), kind="problem")
        await self._store.vote(request.message, asker.user, useful=request.useful)
        return Reply(
            say("Noted: useful") if request.useful else say("Noted: not useful"),
            (say("It counts in the watch's ledger."),),
            kind="note",
        )

    async def _mute(self, request: MuteRequest, asker: Asker, manners: Manners) -> Reply:
        now = self._source.now()
        if request.lasts is None and request.until is None:
            said = watches_words.muted_words(manners, now) or say("This chat is not muted")
            return Reply(said, buttons=_mutes(manners, now))
        await may_change(asker)
        until = now + (request.lasts or 0) if request.lasts else 0
        if request.until is not None:
            until = hours.upcoming(Digest(request.until), now, manners.zone)
        manners = replace(manners, muted_until=until)
        await self._store.set_manners(asker.chat, manners)
        self._judging.changed()
        if not until:
            return Reply(say("Watches speak again here"), buttons=_mutes(manners, now))
        return Reply(
            say("Muted until {time}", time=watches_words.moment(until, now, manners.zone)),
            (say("What is held back meanwhile is counted, and told late if it still lasts."),),
            buttons=_mutes(manners, now),
        )

    async def _of_here(self, watch_id: str, asker: Asker) -> KeptWatch:
        """Return a watch of the asker's own chat; of others nobody is told that they are there."""
        kept = await self._store.watch(watch_id)
        if kept is None or kept.address.chat != asker.chat:
            raise UnknownWord(watch_id, say(_NOT_HERE))
        return kept

    async def _manners(self, asker: Asker) -> Manners:
        return (await self._store.manners([asker.chat])).get(asker.chat, Manners())

    def _standing(self, kept: KeptWatch) -> Standing:
        return Standing(kept, self._judging.state(kept.id), self._judging.next_due(kept.id))


def _all() -> Button:
    return Button(say("All watches"), "watches")


def _anew() -> Button:
    return Button(say("New watch"), "watch")


def _address(asker: Asker) -> Address:
    return Address(asker.chat, asker.topic)


def _mutes(manners: Manners, now: int) -> tuple[tuple[Button, ...], ...]:
    return ((*watches_words.mute_buttons(manners, now), _all()),)
