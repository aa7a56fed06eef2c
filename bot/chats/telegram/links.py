"""Deep links: `t.me/BOT?start=heatmap_BTC_24h` opens a private chat, and Start asks that there.

Anybody can make such a link and send it to anybody, so it may only ask: no link saves, changes,
silences or removes anything, whoever follows it.
"""

import re
from collections.abc import Mapping

from telegram.helpers import create_deep_linked_url

from bot.core.errors import UnknownWord
from bot.core.language import mark, say

_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")  # all that Telegram takes
_START = "start"
_LEADS_NOWHERE = mark("That link leads to nothing I know. /help lists what you can ask.")

# Commands that may be asked by a link, and with how many words at most: the words of a watch would
# be its condition, or a press; those of a journal a trade.
_MANY = 12
_FREELY = (
    *("heatmap", "map", "liqs", "book", "funding", "oi", "ratio", "squeeze", "explain", "setups"),
    *("backtest", "whatif", "position", "accuracy", "model", "markets"),
)
_ALONE = ("watches", "journal", "coach", "settings", "privacy", "status")
_ASKING: Mapping[str, int] = {
    **dict.fromkeys(_FREELY, _MANY),
    **dict.fromkeys(("watch", "help"), 1),
    **dict.fromkeys(_ALONE, 0),
}


def opened(words: str) -> str:
    """Return what is asked by words that may be a followed link. UnknownWord.

    >>> opened("start heatmap_BTC_24h"), opened("start"), opened("map BTC")
    ('heatmap BTC 24h', 'start', 'map BTC')
    """
    command, *rest = words.split()
    if command.lower() != _START or not rest:
        return words
    said = rest[0]
    if len(rest) == 1 and said.lower() == _START:
        return _START
    if len(rest) > 1 or not _PAYLOAD.fullmatch(said) or not _asks(said.split("_")):
        raise UnknownWord(said[:20], say(_LEADS_NOWHERE))
    return said.replace("_", " ")


def link(bot: str, words: str) -> str:
    """Return the address that asks `words` of a bot in private, or only opens its chat.

    >>> link("ember_bot", "heatmap BTC 24h"), link("ember_bot", "journal add BTC long")
    ('https://t.me/ember_bot?start=heatmap_BTC_24h', 'https://t.me/ember_bot?start=start')
    """
    return str(create_deep_linked_url(bot, payload(words)))


def payload(words: str) -> str:
    """Return what a link to `words` carries; where it cannot carry them, hello."""
    said = words.split()
    joined = "_".join(said)
    fits = _PAYLOAD.fullmatch(joined) and "_" not in "".join(said) and _asks(said)
    return joined if fits else _START


def _asks(words: list[str]) -> bool:
    return len(words) - 1 <= _ASKING.get(words[0], -1) and all(words)
