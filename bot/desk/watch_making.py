"""Watches that are not saved yet: said in words, put right, put together by buttons, previewed."""

import asyncio
import re
from dataclasses import dataclass, replace

from bot.core.errors import NotAllowed, UnknownSymbol, WatchRefused
from bot.core.instruments import base_of
from bot.core.language import mark, say
from bot.core.watches import parse
from bot.core.watches.refusal import FIGURES
from bot.core.watches.tree import ALL, Digest, HeatmapEvery, Watch
from bot.desk import watch_drafts, watches_words
from bot.desk.markets import Markets
from bot.desk.requests import Asker, DraftRequest
from bot.desk.steps import rows, step
from bot.desk.watch_drafts import APART, Question
from bot.desk.watch_fixes import fixed, fixes
from bot.desk.watch_levels import Levels
from bot.desk.watch_preview import Previews
from bot.ports import MarketSource
from bot.reply import Button, Reply
from bot.watching import Draft, Manners, WatchStore

_USUAL = "BTC"  # shown where no coin is named
_GUIDED, _WRONG, _SHOWN = "guided", "wrong", "shown"
_A_ROW = 3  # buttons beside one another
GONE = mark(
    "That watch is not being made any more: it was saved, cancelled, or left for a day. /watches "
    "shows what is kept."
)
_NO_CHOICE = mark("That is none of the choices here.")
_ANOTHERS = mark("Somebody else is making that watch. Send /watch to make your own.")


@dataclass(frozen=True, slots=True)
class Draftsman:
    """Makes watches ready to be saved; never saves one."""

    store: WatchStore
    source: MarketSource
    markets: Markets
    previews: Previews

    async def proposed(self, words: str, asker: Asker, manners: Manners, theme: str) -> Reply:
        """Answer what was typed: presets for a coin, a preview, or what is wrong with it."""
        if not words:
            return watches_words.menu(_USUAL)
        if " " not in words and words.lower() not in FIGURES and base_of(words):
            found = await self.markets.find(words)
            return watches_words.menu(found.base)
        try:
            watch = await self.meant(words)
        except WatchRefused as error:
            return await self._refused(error, asker)
        except UnknownSymbol as error:
            return _another_coin(words, error)
        draft = await self._kept(asker, str(watch), _SHOWN)
        return await self.shown(draft, watch, manners, theme)

    async def meant(self, words: str) -> Watch:
        """Read a watch and look up its coins and venues.

        WatchRefused, UnknownSymbol, UnknownVenue, NothingAnswered.
        """
        watch = parse.watch(words)
        for name in watch.markets:
            if name != ALL:
                await self.markets.find(name, watch.venues)
        return watch

    async def shown(
        self, draft: Draft, watch: Watch, manners: Manners, theme: str, *, patient: bool = False
    ) -> Reply:
        """Say what a watch would have done, before it is saved; what is missing comes later."""
        now = self.source.now()
        buttons = rows(
            [
                Button(say("Save"), f"watch keep {draft.id}"),
                Button(say("Change"), f"watch edit {draft.id}"),
                Button(say("Cancel"), f"watch drop {draft.id}"),
            ]
        )
        if isinstance(watch.what, Digest | HeatmapEvery):
            lines: tuple[str, ...] = (
                say("Next: {times}.", times=watches_words.times(watch, now, manners.zone)),
                watches_words.promises(watch, manners),
            )
            return Reply(str(watch), lines, buttons=buttons)
        shown = await self.previews.of(watch, manners, theme, patient=patient)
        lines = (*shown.lines, watches_words.promises(watch, manners), say("Not saved yet."))
        again = f"watch edit {draft.id} {len(draft.words)} {watch_drafts.LATER}"
        return Reply(
            str(watch),
            lines,
            shown.image,
            buttons,
            simulated=self.source.simulated,
            coming=again if shown.gathering else "",
        )

    async def mine(self, draft_id: str, asker: Asker) -> Draft | None:
        """Return a draft that somebody may change; None if it is gone. NotAllowed."""
        draft = await self.store.draft(draft_id)
        if draft is None or draft.chat != asker.chat:
            return None
        # Who writes in a chat's own name is known by his own when he presses a button.
        chats_own = draft.user == draft.chat and await asker.moderates()
        if draft.user != asker.user and not chats_own:
            raise NotAllowed(say(_ANOTHERS))
        return draft

    async def edited(
        self, request: DraftRequest, asker: Asker, manners: Manners, theme: str
    ) -> Reply:
        """Take one step of a draft; forged and stale presses change nothing. NotAllowed."""
        if not request.draft:
            coin = request.choice and (await self.markets.find(request.choice)).base
            return await self._asked(await self._kept(asker, coin, _GUIDED), manners)
        draft = await self.mine(request.draft, asker)
        if draft is None:
            return Reply(say(GONE), kind="problem")
        if request.choice and request.at != len(draft.words):
            past = say("That step is past; here is where it stands.")
            return await self._asked(draft, manners, past)
        if draft.step == _WRONG:
            return await self._put_right(draft, request.choice, asker, manners, theme)
        watch = watch_drafts.whole(draft.words)
        if request.choice in {watch_drafts.SHOW, watch_drafts.LATER} and watch is not None:
            patient = request.choice == watch_drafts.LATER
            return await self.shown(draft, watch, manners, theme, patient=patient)
        return await self._step(draft, request.choice, asker, manners)

    async def change(self, watch_id: str, words: str, asker: Asker, manners: Manners) -> Reply:
        """Begin to change a watch that is kept."""
        draft = await self._kept(asker, words, f"{_GUIDED} {watch_id}")
        return await self._asked(draft, manners)

    async def _step(self, draft: Draft, choice: str, asker: Asker, manners: Manners) -> Reply:
        """Take an answer in; without one, go on from where the draft stands."""
        try:
            words = watch_drafts.answered(draft.words, choice) if choice else draft.words
        except ValueError:
            return Reply(say(_NO_CHOICE), kind="problem")
        step_ = f"{_GUIDED} {replaces(draft)}".strip()
        return await self._asked(await self._kept(asker, words, step_, draft), manners)

    async def _put_right(
        self, draft: Draft, word: str, asker: Asker, manners: Manners, theme: str
    ) -> Reply:
        try:
            words = await asyncio.to_thread(fixed, draft.words, word)
        except ValueError:
            return Reply(say(_NO_CHOICE), kind="problem")
        try:
            watch = await self.meant(words)
        except WatchRefused as error:
            refused = await self._refused(error, asker, draft)
            return replace(refused, kind="answer")  # a step on: it takes the place of the last
        draft = await self._kept(asker, str(watch), _SHOWN, draft)
        return await self.shown(draft, watch, manners, theme)

    async def _refused(
        self, error: WatchRefused, asker: Asker, draft: Draft | None = None
    ) -> Reply:
        """Say what is wrong, with a button for each word that leads further."""
        words = " ".join(error.text.split())
        found = await asyncio.to_thread(fixes, words)
        if not found:
            return watches_words.refused(error, ())
        kept = await self._kept(asker, words, _WRONG, draft)
        buttons = [
            button
            for word in found
            for button in step(word, f"watch edit {kept.id} {len(words)} {word}")
        ]
        return watches_words.refused(error, buttons)

    async def _asked(self, draft: Draft, manners: Manners, note: str = "") -> Reply:
        """Ask the next question of a draft."""
        words = draft.words
        asked = watch_drafts.question(words)
        said = f"{words.replace(APART, ' ')} …" if words else say("A new watch")
        lines = [note] if note else []

        def press(label: str, piece: str) -> list[Button]:
            return step(label, f"watch edit {draft.id} {len(words)} {piece}")

        choices = [(each.label, each.piece) for each in asked.choices]
        if asked.name == "value" and not choices:
            levels = await self._levels(words, asked)
            choices, lines = list(levels.choices), [*lines, levels.about]
        if asked.name == "more" and (watch := watch_drafts.whole(words)):
            said = words
            lines += [each for each in [await self.previews.line(watch, manners)] if each]
            lines.append(watches_words.promises(watch, manners))
        flat = [button for label, piece in choices for button in press(label, piece)]
        last = [
            *press(say("Start over"), watch_drafts.AGAIN),
            Button(say("Cancel"), f"watch drop {draft.id}"),
        ]
        if APART in words:
            last = [*press(say("Back"), watch_drafts.BACK), *last]
        first: list[Button] = []
        if asked.name == "more":
            first = [
                Button(say("Save"), f"watch keep {draft.id}"),
                *press(say("Preview"), watch_drafts.SHOW),
            ]
        lines.append(str(asked))
        return Reply(
            said,
            tuple(lines),
            buttons=rows(
                first, *(flat[at : at + _A_ROW] for at in range(0, len(flat), _A_ROW)), last
            ),
        )

    async def _levels(self, words: str, asked: Question) -> Levels:
        """Suggest values by the coin's own past."""
        coin = words.split(APART, maxsplit=1)[0].split(",", maxsplit=1)[0].split(maxsplit=1)[0]
        return await self.previews.levels(coin, asked.figure, upward=asked.upward)

    async def _kept(
        self, asker: Asker, words: str, step_: str, before: Draft | None = None
    ) -> Draft:
        now = self.source.now()
        user = asker.user if before is None else before.user
        draft_id = "" if before is None else before.id
        return await self.store.keep_draft(Draft(draft_id, asker.chat, user, words, step_, now))


def replaces(draft: Draft) -> str:
    """Return the watch that a draft is to take the place of; "" if it is a new one."""
    return draft.step.partition(" ")[2]


def _another_coin(words: str, error: UnknownSymbol) -> Reply:
    """Offer the same watch on coins that are called much like the one that is unknown."""
    other = re.compile(re.escape(error.symbol), re.IGNORECASE)
    buttons = [
        button
        for name in error.suggestions
        for button in step(name, f"watch {other.sub(name, words, count=1)}")
    ]
    return Reply(str(error), buttons=rows(buttons), kind="problem")
