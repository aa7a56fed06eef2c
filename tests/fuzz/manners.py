"""What every reply must be, whatever was asked: sayable, harmless, and within limits."""

import re
import unicodedata
from collections.abc import Iterator

from bot.chats.discord import dress as discord
from bot.chats.telegram import dress as telegram
from bot.desk.front import _APOLOGY
from bot.reply import Reply

REFUSAL = 600  # characters
_SENTENCE = (".", "?", "!", "…", ")")
# What Discord would act on, unless a backslash stands before it.
_PINGS = re.compile(r"(?<!\\)(?:@everyone|@here|<[@#]|</|\[[^\]]*\]\(|https?://)")


def faults(reply: Reply) -> list[str]:
    """Name all that is wrong with a reply; none if all is well."""
    found = list(_said(reply))
    found += _telegram(reply)
    found += _discord(reply)
    return found


def _said(reply: Reply) -> Iterator[str]:
    text = reply.text()
    if text == _APOLOGY:
        yield "an apology for what was not foreseen"
    if not text.strip():
        yield "nothing is said"
    if reply.kind != "problem":
        return
    if len(text) > REFUSAL:
        yield "a refusal that is too long"
    if not text.rstrip().endswith(_SENTENCE):
        yield "a refusal that is no sentence"
    hidden = {each for each in text if each != "\n" and unicodedata.category(each)[0] == "C"}
    if hidden:
        yield "a refusal repeats signs that nobody sees"


def _telegram(reply: Reply) -> Iterator[str]:
    for limit in (telegram.CAPTION, telegram.TEXT):
        dressed = telegram.dress(reply, limit)
        if len(dressed.text.encode("utf-16-le")) // 2 > limit:
            yield "too long for Telegram"
        if "@" in dressed.text:
            yield "names somebody in Telegram"
        if not dressed.text.strip():
            yield "nothing that Telegram would show"
    note = telegram.cut(telegram.clean(reply.text()), telegram.ALERT)
    if len(note.encode("utf-16-le")) // 2 > telegram.ALERT:
        yield "too long a note for Telegram"


def _discord(reply: Reply) -> Iterator[str]:
    card = discord.card(reply)
    body, title = card.description or "", card.title or ""
    if len(title) > discord.TITLE or len(body) > discord.DESCRIPTION:
        yield "too long for Discord"
    if not (title or body).strip():
        yield "nothing that Discord would show"
    outside = re.sub(r"```.*?```", "", body, flags=re.DOTALL)
    for text in (title, re.sub(r"Data from <t:\d+:R>", "", outside)):
        if ping := _PINGS.search(text):
            yield f"would be acted upon in Discord: {ping[0]}"
    view = discord.steps(reply)
    for item in view.children if view else ():
        if not 1 <= len(getattr(item, "custom_id", "") or "") <= 100:
            yield "a button that Discord does not take"
