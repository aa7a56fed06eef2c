"""An episode in words: short enough for the caption of a picture, the most useful first."""

from collections.abc import Mapping, Sequence

from bot.core import figures
from bot.core.arrays import MINUTE
from bot.core.journal.plan import side_of
from bot.core.market.liquidations import PositionSide
from bot.core.signals.episode import Kind
from bot.core.signals.regime_reading import CLUSTERS, FUNDING, INTEREST
from bot.core.watches.columns import About
from bot.core.watches.figures import Side
from bot.core.watches.followed import Liquidated
from bot.core.watches.gate import Act, Why
from bot.desk import setups_words, steps
from bot.desk.caption import SIMULATED, clock
from bot.desk.grades import is_unproven
from bot.desk.watching.alert_reading import AlertReading
from bot.desk.watching.headlines import headline, seen, shown
from bot.desk.watching.telling import Telling
from bot.reply import Button

# A caption holds 1,024 characters on Telegram, and chats add words of their own.
MOST = 800
_COINS = 6  # whose sums are told
_WATCH = 120  # characters of a watch's own words
_SIDES = {Side.BELOW: "longs", Side.ABOVE: "shorts"}
# How what was held back is counted.
_HELD = {
    Why.MUTED.value: "while muted",
    Why.SNOOZED.value: "while the watch was muted",
    Why.QUIET.value: "in quiet hours",
    Why.CASCADE.value: "during a cascade",
    Why.COOLDOWN.value: "too soon after the same",
    Why.CAP.value: "over the daily limit",
}
_LATE = {
    Why.MUTED.value: "the chat was muted",
    Why.SNOOZED.value: "the watch was muted",
    Why.QUIET.value: "quiet hours are over",
    Why.CASCADE.value: "the cascade is over",
    Why.COOLDOWN.value: "the same had been told shortly before",
    Why.CAP.value: "the daily limit was reached",
}


def lines(reading: AlertReading) -> tuple[str, ...]:
    """Say an episode as it stands; what matters least is left out where there is no room."""
    telling, effect = reading.telling, reading.telling.effect
    over = effect.act is Act.CLOSE
    ranked = [
        (0, SIMULATED if telling.simulated else ""),
        (3, _also(reading)),
        (1, _standing(reading)),
        (2, _since(reading)),
        (3, "" if over else _together(reading)),
        (2, _cluster(reading)),
        *((4, each) for each in _signal_lines(reading) if not over),
        (5, "" if over else reading.evidence),
        (3, _late(telling)),
        (6, _held(effect.held)),
        (2, "" if over else _guess(reading)),
        (4, _ground(reading)),
        (2, watch_line(telling)),
    ]
    if effect.act is Act.REPEAT:
        kept = {_standing(reading), _since(reading), watch_line(telling)}
        ranked = [(rank, each) for rank, each in ranked if rank == 0 or each in kept]
    return fitted(headline(reading), [(rank, each) for rank, each in ranked if each])


def fitted(head: str, ranked: Sequence[tuple[int, str]]) -> tuple[str, ...]:
    """Leave out what matters least, highest rank first, until the rest fits a caption.

    >>> fitted("x" * 700, [(1, "a" * 50), (3, "b" * 60), (2, "c" * 40)])[1] == "c" * 40
    True
    """
    kept = list(ranked)
    while len(kept) > 1 and len(head) + sum(len(each) + 1 for _, each in kept) > MOST:
        last = max(range(len(kept)), key=lambda place: (kept[place][0], place))
        del kept[last]
    return tuple(each for _, each in kept)


def buttons(reading: AlertReading) -> tuple[tuple[Button, ...], ...]:
    """Offer silence, why it is so, the picture, a trade to be logged; each with a new message."""
    watch, symbol = reading.telling.kept.id, reading.symbol
    return steps.rows(
        (
            *steps.step("Mute 1h", f"watches mute {watch} 1h"),
            *steps.step("Explain", f"explain {symbol}", fresh=True),
            *steps.step("Chart", f"heatmap {symbol} 24h", fresh=True),
        ),
        _logging(reading),
    )


def _logging(reading: AlertReading) -> list[Button]:
    """Offer to log a trade: on the side that the episode speaks for, else on either.

    Whoever presses is answered privately, and pressing twice logs once.
    """
    effect, setup = reading.telling.effect, reading.setup
    signal = "watch"
    if setup is not None:
        signal, side = setups_words.NAMES[setup.kind], side_of(setup.now)
    else:
        if effect.cascade:
            signal = "cascade"
        elif reading.regime is not None and reading.regime.kind is Kind.SQUEEZE:
            signal = "squeeze"
        side = _WAYS.get(effect.way)
    said = f"journal log {effect.message}"
    if side is not None:
        return steps.step("Log trade", f"{said} {side.name.lower()} {signal}", fresh=True)
    return [
        button
        for name in ("long", "short")
        for button in steps.step(f"Log {name}", f"{said} {name} {signal}", fresh=True)
    ]


_WAYS = {"up": PositionSide.LONG, "down": PositionSide.SHORT}


def watch_line(telling: Telling) -> str:
    """Name the watch that speaks."""
    words = telling.kept.words
    short = words if len(words) <= _WATCH else f"{words[: _WATCH - 1]}…"
    return f"{telling.kept.id}: {short}"


def _also(reading: AlertReading) -> str:
    """Say the clauses that the headline had no room for."""
    if len(reading.telling.together) > 1 or reading.telling.effect.act is Act.CLOSE:
        return ""
    said = seen(reading)
    rest = said[len(shown(said)) :]
    return f"Also {', '.join(rest)}." if rest else ""


def _standing(reading: AlertReading) -> str:
    """Say since when it is, and where the price is."""
    effect, first = reading.telling.effect, reading.telling.first
    price = None if reading.price is None else figures.price(reading.price)
    if effect.act is Act.CLOSE:
        said = f"{_time(effect.began, effect.time)} to {_time(effect.time, effect.time)} UTC"
    else:
        said = f"Since {_time(effect.began, effect.time)} UTC"
        if effect.time - effect.began >= MINUTE:
            said += f" ({figures.span(effect.time - effect.began)})"
    if price is None:
        return f"{said}."
    if effect.act is Act.OPEN or first is None or first.price is None or not reading.price:
        return f"{said} · price {price}"
    move = figures.percent(reading.price / first.price - 1, signed=True)
    return f"{said} · price {figures.price(first.price)} to {price} ({move})"


def _time(at: int, now: int) -> str:
    return figures.since(at, now)


def _since(reading: AlertReading) -> str:
    """Say how far price went since it was told, and what was liquidated."""
    found, first = reading.since, reading.telling.first
    if found is None or first is None or first.price is None:
        return ""
    low, high = min(found.low, first.price), max(found.high, first.price)
    said = f"between {figures.price(low)} and {figures.price(high)}"
    gone = found.liquidated
    if gone is not None:
        partly = " (not heard all along)" if gone.partly else ""
        said += f"; liquidated {gone_words(gone)}{partly}"
    when = "Meanwhile" if reading.telling.effect.act is Act.CLOSE else "Since told"
    return f"{when}: {said}."


def _together(reading: AlertReading) -> str:
    """Say what each of the coins that share a cascade has come to."""
    told = reading.of_coins
    if not told:
        return ""
    said = ", ".join(f"{coin} {figures.usd(usd)}" for coin, usd in told[:_COINS])
    more = len(told) - _COINS
    return f"Liquidated: {said}{f' and {more} more coins' if more > 0 else ''}."


def gone_words(gone: Liquidated) -> str:
    """Say what was liquidated, by side.

    "$48M of longs, $2M of shorts", "nothing"
    """
    sides = ((gone.long_usd, "longs"), (gone.short_usd, "shorts"))
    return ", ".join(f"{figures.usd(usd)} of {name}" for usd, name in sides if usd) or "nothing"


def _cluster(reading: AlertReading) -> str:
    """Say the cluster that it is about: its dollars, prices and distance."""
    about = reading.telling.effect.about
    told = reading.setup is not None and reading.telling.effect.act is not Act.CLOSE
    if about is None or told:  # a setup says its own
        return ""
    return f"Cluster {about.side.value}: {cluster(about, reading.usd, reading.price)}."


def cluster(about: About, usd: float | None, price: float | None) -> str:
    """Say a cluster.

    "$61M of longs at 60,900–61,300 (−0.5 %)"
    """
    side = _SIDES[about.side]
    how_much = f"{figures.usd(usd)} of {side}" if usd else side
    far = f" ({_away(about, price)})" if price else ""
    return f"{how_much} at {figures.price(about.low)}–{figures.price(about.high)}{far}"


def _away(about: About, price: float) -> str:
    """Say how far the price is from a cluster."""
    if about.low <= price <= about.high:
        return "the price is in it"
    below = about.side is Side.BELOW
    if price < about.low if below else price > about.high:
        return "the price has gone through it"
    return figures.percent((about.high if below else about.low) / price - 1, signed=True)


def _signal_lines(reading: AlertReading) -> tuple[str, ...]:
    """Say what a signal rests on, in its own words."""
    if reading.setup is not None:
        return setups_words.in_short(reading.setup)
    regime = reading.regime
    if regime is None or not regime.facts:
        return ()
    funding, interest, near = (regime.facts[at] for at in (FUNDING, INTEREST, CLUSTERS))
    seen = (
        f"Funding {figures.percent(funding.value, signed=True)} for 8 h, open interest "
        f"{figures.percent(interest.value, signed=True)} in a day, clusters within 5 % hold "
        f"{figures.percent(near.value)} of it."
    )
    return seen, f"{regime.ends[:1].upper()}{regime.ends[1:]}."


def _late(telling: Telling) -> str:
    """Say why an episode is told only now."""
    effect = telling.effect
    if effect.act is not Act.OPEN or not effect.why:
        return ""
    why = _LATE.get(effect.why, effect.why)
    return f"Told late, {why}: it began {_time(effect.began, effect.time)} UTC."


def _held(held: Mapping[str, int]) -> str:
    """Count what was held back since the last message."""
    if not held:
        return ""
    return f"Held back before this: {held_words(held)}."


def held_words(held: Mapping[str, int]) -> str:
    """Count what was held back, by reason.

    >>> held_words({"quiet hours": 2, "daily limit": 1})
    '1 over the daily limit, 2 in quiet hours'
    """
    return ", ".join(f"{count} {_HELD.get(why, why)}" for why, count in sorted(held.items()))


def _guess(reading: AlertReading) -> str:
    """Say what a map is worth that has not been shown to say more than the price alone."""
    if not is_unproven(reading.grade) or (reading.setup and reading.setup.kind is Kind.CASCADE):
        return ""
    return "The map is unproven: what is said of its clusters is a guess."


def _ground(reading: AlertReading) -> str:
    """Say what it rests on: how good the map has been, how many venues, how old."""
    grade = f"Map: {reading.grade} · " if reading.grade else ""
    venues = ""
    if reading.asked:
        venues = f"{reading.venues} of {reading.asked} venue{'s' * (reading.asked != 1)} · "
    return f"{grade}{venues}data to {clock(reading.as_of)}"
