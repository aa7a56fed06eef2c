"""The only door to a language model: any endpoint that speaks OpenAI's chat completions.

It is off unless it has been set up, and nobody waits for it for long. What it returns is not to be
trusted; whoever shows it holds it against the facts first.
"""

import json
import time
from collections.abc import Sequence

import aiohttp
import structlog

from bot.core.language import code

log = structlog.get_logger()

LIMIT = 4.0  # [s] for the whole answer
_LARGEST = 64 * 1024  # bytes of an answer that are read
_PAUSE = 60.0  # [s] it is left alone after it failed, lest every answer waits for it
_TOKENS = 600

_TASK = (
    "Reword the sentences you are given for a trader, in plain, calm {language}. Keep their order "
    "and their meaning, every caveat and every figure exactly as written with its unit. Add "
    "nothing: no figure, no coin, no advice, no promise, no link, no markup. About as long as the "
    "original."
)
# What the model is asked for, by the language of who asks.
_LANGUAGES = {
    "en": "English",
    "de": "German as traders speak it (longs, shorts, funding and open interest stay English)",
}


class LanguageModel:
    """Rewords sentences, if it can do so in time."""

    def __init__(self, url: str, model: str, key: str | None = None, limit: float = LIMIT) -> None:
        """Take the address that /chat/completions is appended to, such as http://127.0.0.1/v1."""
        self._url = f"{url.rstrip('/')}/chat/completions"
        self._model = model
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._timeout = aiohttp.ClientTimeout(total=limit)
        self._session: aiohttp.ClientSession | None = None
        self._paused = 0.0  # [s] of the monotonic clock until which it is left alone

    async def rephrase(self, sentences: Sequence[str]) -> str | None:
        """Return other words for some sentences, in the language spoken now, which is theirs.

        None if there are none to be had soon.
        """
        if time.monotonic() < self._paused:
            return None
        try:
            return await self._ask(" ".join(sentences))
        except (aiohttp.ClientError, TimeoutError, ValueError, LookupError, TypeError) as error:
            # The address is left out: it may hold a key.
            log.warning("not rephrased", why=type(error).__name__)
            self._paused = time.monotonic() + _PAUSE
            return None

    async def close(self) -> None:
        """Let go of the connection."""
        if self._session is not None:
            await self._session.close()

    async def _ask(self, text: str) -> str:
        if self._session is None:
            self._session = aiohttp.ClientSession(headers=self._headers, timeout=self._timeout)
        task = _TASK.format(language=_LANGUAGES.get(code(), _LANGUAGES["en"]))
        asked = {
            "model": self._model,
            "messages": [
                {"role": "system", "content": task},
                {"role": "user", "content": text},
            ],
            "temperature": 0.2,
            "max_tokens": _TOKENS,
        }
        async with self._session.post(self._url, json=asked, allow_redirects=False) as answer:
            if answer.status != 200:  # noqa: PLR2004 - OK
                raise ValueError(f"HTTP {answer.status}")
            body = await answer.content.read(_LARGEST)
            while not answer.content.at_eof() and len(body) < _LARGEST:
                body += await answer.content.read(_LARGEST - len(body))
        return _content(body)


def _content(body: bytes) -> str:
    """Read the text of an answer. ValueError, LookupError, TypeError if it is none."""
    content = json.loads(body)["choices"][0]["message"]["content"]
    if not isinstance(content, str):
        raise TypeError("the content is no text")
    return " ".join(content.split())
