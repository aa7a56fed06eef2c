"""`@bot btc` in any chat: pictures that were drawn already, and the way to a new one.

Nothing is drawn for these: a query comes with every letter that is typed, from anybody.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import structlog
from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQuery,
    InlineQueryResult,
    InlineQueryResultArticle,
    InlineQueryResultCachedPhoto,
    InlineQueryResultsButton,
    InputTextMessageContent,
    Update,
)
from telegram.error import TelegramError
from telegram.ext import ContextTypes

from bot.chats.hears import Asker, Desk
from bot.chats.telegram import wire
from bot.chats.telegram.dress import CAPTION, Dressed, clean, cut, dress, whole
from bot.chats.telegram.links import link, payload
from bot.chats.telegram.uploads import Uploads, photo_key
from bot.chats.words import understood
from bot.core.errors import BotError
from bot.core.instruments import base_of
from bot.core.language import ENGLISH, code, mark, say
from bot.core.windows import DEFAULT_WINDOW
from bot.desk.requests import HeatmapRequest
from bot.languages import known, spoken
from bot.reply import Reply

log = structlog.stdlib.get_logger(__name__)

_KEPT = 500  # pictures that are remembered
_FRESH = 4 * 3600.0  # [s] that a picture is offered; what it shows says of when it is
_PICTURES, _COINS = 10, 5  # offered at most
_SUGGEST_WITHIN = 2.0  # [s]
_CACHED = 20  # [s] that Telegram may give the same answer to others
_TITLE = 64  # letters

_ASK = mark("It is drawn in our chat, as the market stands then.")
_NEWEST = mark("Draw it now")


@dataclass(frozen=True, slots=True)
class Shown:
    """A heatmap that was answered somewhere, without its picture."""

    base: str
    asks: str  # words that ask for it again
    key: str  # of its image
    title: str
    dressed: Dressed
    language: str
    at: float  # [s] of the clock


class Drawn:
    """The desk, and a memory of the heatmaps of all venues that it has answered."""

    def __init__(self, desk: Desk, clock: Callable[[], float] = time.monotonic) -> None:
        self._desk = desk
        self._clock = clock
        # By what asks for it and its language, newest last.
        self._shown: OrderedDict[tuple[str, str], Shown] = OrderedDict()

    async def answer(self, words: str, asker: Asker) -> Reply:
        """Answer as the desk does, and take note of a heatmap."""
        reply = await self._desk.answer(words, asker)
        if reply.kind == "answer" and reply.image is not None and not reply.private:
            self._note(words, reply, reply.image.key)
        return reply

    async def suggest(self, typed: str) -> Sequence[str]:
        """Name coins, as the desk does."""
        return await self._desk.suggest(typed)

    def pictures(self, base: str, asks: str) -> Iterator[Shown]:
        """Yield what was drawn of a coin, or of all if it is "": first what is asked for.

        It speaks the language that is spoken now.
        """
        spoken_now, since = code(), self._clock() - _FRESH
        newest = [
            shown
            for shown in reversed(self._shown.values())
            if shown.at > since and shown.language == spoken_now
        ]
        exact = [shown for shown in newest if shown.asks == asks]
        yield from exact
        yield from (s for s in newest if s not in exact and (not base or s.base == base))

    def _note(self, words: str, reply: Reply, key: str) -> None:
        request = _heatmap(words)
        if request is None or request.venues:
            return
        asks = _asks(request)
        dressed = dress(reply, CAPTION)
        title = cut(clean(reply.headline), _TITLE)
        language = known(reply.language) or ENGLISH.code
        self._shown.pop((asks, language), None)
        base = base_of(request.symbol)
        shown = Shown(base, asks, key, title, dressed, language, self._clock())
        self._shown[asks, language] = shown
        if len(self._shown) > _KEPT:
            self._shown.popitem(last=False)


class Inline:
    """Answers what is typed after the bot's name in any chat."""

    def __init__(self, drawn: Drawn, uploads: Uploads) -> None:
        self._drawn = drawn
        self._uploads = uploads

    async def on_query(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Offer pictures by the ids that Telegram knows them by, and the way to new ones."""
        query, bot = update.inline_query, context.bot.bot.username
        if query is None or not bot:
            return
        with spoken(query.from_user.language_code):
            await self._answer(query, bot)

    async def _answer(self, query: InlineQuery, bot: str) -> None:
        typed = whole(query.query)
        request = _heatmap(typed)
        base, asks = ("", "") if request is None else (base_of(request.symbol), _asks(request))
        coins = await self._coins(typed)
        pictures = [] if typed.strip() and not base else await self._pictures(bot, base, asks)
        wanted = [asks] if base in coins else []
        wanted += [f"heatmap {coin} {DEFAULT_WINDOW.name}" for coin in coins if coin != base]
        articles = [_article(bot, words) for words in wanted[:_COINS]]
        await _answered(query, [*pictures, *articles], wanted[0] if base in coins else "")

    async def _pictures(self, bot: str, base: str, asks: str) -> list[InlineQueryResultCachedPhoto]:
        """Return what Telegram holds of a coin, or of all of them."""
        found = []
        for shown in self._drawn.pictures(base, asks):
            if (file_id := await self._uploads.known(photo_key(shown.key))) is not None:
                found.append(_picture(bot, shown, file_id))
                if len(found) == _PICTURES:
                    break
        return found

    async def _coins(self, typed: str) -> list[str]:
        first = next(iter(typed.split()), "")
        try:
            async with asyncio.timeout(_SUGGEST_WITHIN):
                return [name for name in await self._drawn.suggest(first[:_TITLE]) if base_of(name)]
        except TimeoutError:
            return []


def _picture(bot: str, shown: Shown, file_id: str) -> InlineQueryResultCachedPhoto:
    return InlineQueryResultCachedPhoto(
        _name("p", shown.asks, shown.key),
        file_id,
        title=shown.title,
        caption=shown.dressed.text,
        caption_entities=shown.dressed.entities,
        reply_markup=_way(bot, shown.asks),
    )


def _article(bot: str, words: str) -> InlineQueryResultArticle:
    command, base, *window = words.split()
    what = " ".join((base, "liquidation", command, *window))
    return InlineQueryResultArticle(
        _name("a", words),
        say("Draw {what} now", what=" ".join((base, *window))),
        InputTextMessageContent(
            say("{what}: estimated from public data. Press to have it drawn.", what=what)
        ),
        description=say(_ASK),
        reply_markup=_way(bot, words),
    )


def _way(bot: str, words: str) -> InlineKeyboardMarkup:
    """Lead to the chat in which a picture is drawn: one that stands elsewhere cannot change."""
    return InlineKeyboardMarkup([[InlineKeyboardButton(say(_NEWEST), url=link(bot, words))]])


def _name(*parts: str) -> str:
    """Name a result the same each time, in at most 64 letters."""
    return blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()


async def _answered(query: InlineQuery, results: Sequence[InlineQueryResult], asks: str) -> None:
    coin = asks.split()[1] if asks else ""
    label = say("Draw {coin} in our chat", coin=coin) if coin else say("Open our chat")
    # Telegram gives an answer to others for a while: only one that everybody may read.
    own = code() != ENGLISH.code
    button = InlineQueryResultsButton(label, start_parameter=payload(asks or "start"))
    try:
        await wire.repeated(
            lambda: query.answer(results, cache_time=_CACHED, is_personal=own, button=button)
        )
    except TelegramError as error:
        log.info("inline query not answered", why=str(error))


def _heatmap(words: str) -> HeatmapRequest | None:
    """Return what words ask for, if it is a map."""
    try:
        request = understood(words) if words.strip() else None
    except BotError:
        return None
    return request if isinstance(request, HeatmapRequest) else None


def _asks(request: HeatmapRequest) -> str:
    command = "map" if request.profile else "heatmap"
    return f"{command} {base_of(request.symbol)} {request.window.name}"
