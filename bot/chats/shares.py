"""How much one person, and one chat, may ask: a share that fills up again as time passes."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from bot.core.language import say
from bot.desk.requests import Asker
from bot.reply import Reply

BURST = 8.0  # questions at once; with a button or a word of help they are more
CHAT = 3.0  # a chat in which many ask has so many shares of one person
_IN_WORDS = 0.25  # of a question: nothing is gathered or drawn for these
_WORDS_ALONE = frozenset(
    {"help", "start", "status", "markets", "watches", "mute", "settings", "privacy", "forget"}
)
_REMEMBERED = 20_000  # people and chats; whoever is forgotten has the whole share


@dataclass(slots=True)
class _Share:
    left: float  # questions
    at: float  # [s] when so many were left
    refused_until: float = -math.inf  # [s]; until then it has been said


class Shares:
    """Counts what is asked; a question that is refused costs nothing."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        """With 0 `per_minute` nothing is counted."""
        self._per_minute = per_minute
        self._clock = clock
        self._shares: OrderedDict[str, _Share] = OrderedDict()

    def refusal(self, words: str, asker: Asker) -> Reply | None:
        """Count a question; what to say if it is one too many, privately, and once."""
        cost = asker.effort * (_IN_WORDS if _command(words) in _WORDS_ALONE else 1.0)
        if not self._per_minute or not cost:
            return None
        now = self._clock()
        person = self._share(asker.user, 1.0, now)
        chat = self._share(f"in {asker.chat}", CHAT, now) if asker.shared else person
        # To the microsecond, so that who comes just in time is not sent away by a rounding.
        waits = [round((cost - one.left) / rate, 6) for one, rate in self._rates(person, chat)]
        if max(waits) <= 0:
            person.left -= cost
            if chat is not person:
                chat.left -= cost
            return None
        # Until the next question fits in, it is said to this person once.
        quiet = now < person.refused_until
        if not quiet:
            person.refused_until = now + max(waits)
        wait = math.ceil(max(waits))
        if waits[0] > 0:
            said = say(
                "That is more than {most} questions a minute: please go on in {wait} s.",
                most=self._per_minute,
                wait=wait,
            )
        else:
            said = say(
                "This chat asks more than {most} questions a minute: please go on in {wait} s.",
                most=f"{CHAT * self._per_minute:.0f}",
                wait=wait,
            )
        return Reply(said, private=True, kind="problem", quiet=quiet)

    def _rates(self, person: _Share, chat: _Share) -> list[tuple[_Share, float]]:
        """Pair each share with how fast it fills up [1/s]."""
        rate = self._per_minute / 60
        alone = [(person, rate)]
        return alone if chat is person else [*alone, (chat, CHAT * rate)]

    def _share(self, key: str, times: float, now: float) -> _Share:
        """Return what somebody has left now, and take note that he is there."""
        share = self._shares.pop(key, None) or _Share(times * BURST, now)
        self._shares[key] = share
        if len(self._shares) > _REMEMBERED:
            self._shares.popitem(last=False)
        filled = share.left + times * self._per_minute / 60 * (now - share.at)
        share.left, share.at = min(times * BURST, filled), now
        return share


def _command(words: str) -> str:
    first = words.lstrip("/ ").partition(" ")[0]
    return first.partition("@")[0].lower()
