"""Answers that are partial because a venue is slow: a chat asks for the whole, and shows it."""

from dataclasses import replace

from bot.core.language import mark, say
from bot.desk.requests import (
    AccuracyRequest,
    BacktestRequest,
    ModelRequest,
    PanelRequest,
    PositionRequest,
    Request,
    WhatIfRequest,
)
from bot.patience import COMING, Patience
from bot.reply import Reply

# What is waited for as people do; a heatmap sees to it by itself, and others wait for no venue.
_COMPLETED = (
    PanelRequest,
    WhatIfRequest,
    PositionRequest,
    AccuracyRequest,
    BacktestRequest,
    ModelRequest,
)
_WHOLE = " whole"
_AGAIN = mark("The others are still asked: ask again in a moment.")


def parted(words: str) -> tuple[str, bool]:
    """Tell words from the wish for all there is.

    >>> parted("funding BTC okx whole"), parted("funding BTC")
    (('funding BTC okx', True), ('funding BTC', False))
    """
    said = words.rstrip()
    return said.removesuffix(_WHOLE), said.endswith(_WHOLE)


def is_completed(request: Request) -> bool:
    """Whether a request's answer may be partial at first."""
    return isinstance(request, _COMPLETED)


def completed(reply: Reply, said: str, patience: Patience) -> Reply:
    """Say that more comes, and with which words the chat asks for it."""
    if not patience.late or reply.kind != "answer" or reply.live is not None:
        return reply
    if reply.private:  # what one person alone has been told cannot always be changed
        return replace(reply, lines=(*reply.lines, say(_AGAIN)))
    lines = reply.lines if patience.whole else (*reply.lines, say(COMING))
    return replace(reply, lines=lines, coming=said + _WHOLE)
