"""An episode in words: short enough for the caption of a picture, the most useful first."""

from collections.abc import Mapping, Sequence

from bot.core import figures
from bot.core.arrays import MINUTE
from bot.core.journal.plan import side_of
from bot.core.language import many, say
from bot.core.market.liquidations import PositionSide
from bot.core.signals.episode import Kind
from bot.core.signals.names import side_name
from bot.core.signals.regime_reading import CLUSTERS, FUNDING, INTEREST
from bot.core.watches.columns import About
from bot.core.watches.figures import Side
from bot.core.watches.followed import Liquidated
from bot.core.watches.gate import Act
from bot.desk import setups_words, steps
from bot.desk.caption import SIMULATED, clock
from bot.desk.grades import is_unproven
from bot.desk.watching.alert_reading import AlertReading
from bot.desk.watching.headlines import headline, seen, shown
from bot.desk.watching.held_back import held_words, late_words
from bot.desk.watching.telling import Telling
from bot.reply import Button

# A caption holds 1,024 characters on Telegram, and chats add words of their own.
MOST = 800
_COINS = 6  # whose sums are told
_WATCH = 120  # characters of a watch's own words
_SIDES = {Side.BELOW: PositionSide.LONG, Side.ABOVE: PositionSide.SHORT}


def lines(reading: AlertReading) -> tuple[str, ...]:
    """Say an episode as it stands; what matters least is left out where there is no room."""
    telling, effect = reading.telling, reading.telling.effect
    over = effect.act is Act.CLOSE
    ranked = [
        (0, say(SIMULATED) if telling.simulated else ""),
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
            *steps.step(say("Mute 1h"), f"watches mute {watch} 1h"),
            *steps.step(say("Explain"), f"explain {symbol}", fresh=True),
            *steps.step(say("Chart"), f"heatmap {symbol} 24h", fresh=True),
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
        return steps.step(say("Log trade"), f"{said} {side.name.lower()} {signal}", fresh=True)
    return [
        button
        for label, name in ((say("Log long"), "long"), (say("Log short"), "short"))
        for button in steps.step(label, f"{said} {name} {signal}", fresh=True)
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
    return say("Also {what}.", what=", ".join(rest)) if rest else ""


def _standing(reading: AlertReading) -> str:
    """Say since when it is, and where the price is."""
    effect, first = reading.telling.effect, reading.telling.first
    price = None if reading.price is None else figures.price(reading.price)
    start = _time(effect.began, effect.time)
    if effect.act is Act.CLOSE:
        said = say("{start} to {end} UTC", start=start, end=_time(effect.time, effect.time))
    else:
        said = say("Since {start} UTC", start=start)
        if effect.time - effect.began >= MINUTE:
            said += f" ({figures.span(effect.time - effect.began)})"
    if price is None:
        return f"{said}."
    if effect.act is Act.OPEN or first is None or first.price is None or not reading.price:
        return say("{said} · price {price}", said=said, price=price)
    move = figures.percent(reading.price / first.price - 1, signed=True)
    before = figures.price(first.price)
    return say(
        "{said} · price {before} to {price} ({move})",
        said=said,
        before=before,
        price=price,
        move=move,
    )


def _time(at: int, now: int) -> str:
    return figures.since(at, now)


def _since(reading: AlertReading) -> str:
    """Say how far price went since it was told, and what was liquidated."""
    found, first = reading.since, reading.telling.first
    if found is None or first is None or first.price is None:
        return ""
    low, high = min(found.low, first.price), max(found.high, first.price)
    said = say("between {low} and {high}", low=figures.price(low), high=figures.price(high))
    gone = found.liquidated
    if gone is not None:
        said = say("{said}; liquidated {what}", said=said, what=gone_words(gone))
        said += say(" (not heard all along)") if gone.partly else ""
    over = reading.telling.effect.act is Act.CLOSE
    return say("Meanwhile: {said}.", said=said) if over else say("Since told: {said}.", said=said)


def _together(reading: AlertReading) -> str:
    """Say what each of the coins that share a cascade has come to."""
    told = reading.of_coins
    if not told:
        return ""
    said = ", ".join(f"{coin} {figures.usd(usd)}" for coin, usd in told[:_COINS])
    more = len(told) - _COINS
    if more > 0:
        return say("Liquidated: {what} and {more} more coins.", what=said, more=more)
    return say("Liquidated: {what}.", what=said)


def gone_words(gone: Liquidated) -> str:
    """Say what was liquidated, by side.

    "$48M of longs, $2M of shorts", "nothing"
    """
    sides = ((gone.long_usd, Side.BELOW), (gone.short_usd, Side.ABOVE))
    return ", ".join(_of_side(usd, side) for usd, side in sides if usd) or say("nothing")


def _of_side(usd: float, side: Side) -> str:
    return say("{usd} of {side}", usd=figures.usd(usd), side=side_name(_SIDES[side]))


def _cluster(reading: AlertReading) -> str:
    """Say the cluster that it is about: its dollars, prices and distance."""
    about = reading.telling.effect.about
    says_it = reading.setup is not None and reading.telling.effect.act is not Act.CLOSE
    if about is None or says_it:  # a setup says its own
        return ""
    told = cluster(about, reading.usd, reading.price)
    if about.side is Side.BELOW:
        return say("Cluster below: {what}.", what=told)
    return say("Cluster above: {what}.", what=told)


def cluster(about: About, usd: float | None, price: float | None) -> str:
    """Say a cluster.

    "$61M of longs at 60,900–61,300 (−0.5 %)"
    """
    how_much = _of_side(usd, about.side) if usd else side_name(_SIDES[about.side])
    far = f" ({_away(about, price)})" if price else ""
    low, high = figures.price(about.low), figures.price(about.high)
    return say("{what} at {low}–{high}", what=how_much, low=low, high=high) + far


def _away(about: About, price: float) -> str:
    """Say how far the price is from a cluster."""
    if about.low <= price <= about.high:
        return say("the price is in it")
    below = about.side is Side.BELOW
    if price < about.low if below else price > about.high:
        return say("the price has gone through it")
    return figures.percent((about.high if below else about.low) / price - 1, signed=True)


def _signal_lines(reading: AlertReading) -> tuple[str, ...]:
    """Say what a signal rests on, in its own words."""
    if reading.setup is not None:
        return setups_words.in_short(reading.setup)
    regime = reading.regime
    if regime is None or not regime.facts:
        return ()
    funding, interest, near = (regime.facts[at] for at in (FUNDING, INTEREST, CLUSTERS))
    seen = say(
        "Funding {funding} for 8 h, open interest {interest} in a day, clusters within 5 % hold "
        "{near} of it.",
        funding=figures.percent(funding.value, signed=True),
        interest=figures.percent(interest.value, signed=True),
        near=figures.percent(near.value),
    )
    ends = str(regime.ends)
    return seen, f"{ends[:1].upper()}{ends[1:]}."


def _late(telling: Telling) -> str:
    """Say why an episode is told only now."""
    effect = telling.effect
    if effect.act is not Act.OPEN or not effect.why:
        return ""
    return say(
        "Told late, {why}: it began {time} UTC.",
        why=late_words(str(effect.why)),
        time=_time(effect.began, effect.time),
    )


def _held(held: Mapping[str, int]) -> str:
    """Count what was held back since the last message."""
    if not held:
        return ""
    return say("Held back before this: {what}.", what=held_words(held))


def _guess(reading: AlertReading) -> str:
    """Say what a map is worth that has not been shown to say more than the price alone."""
    if not is_unproven(reading.grade) or (reading.setup and reading.setup.kind is Kind.CASCADE):
        return ""
    return say("The map is unproven: what is said of its clusters is a guess.")


def _ground(reading: AlertReading) -> str:
    """Say what it rests on: how good the map has been, how many venues, how old."""
    said = [say("Map: {grade}", grade=reading.grade)] if reading.grade else []
    if reading.asked:
        held = reading.venues
        said.append(
            many("{told} of {count} venue", "{told} of {count} venues", reading.asked, told=held)
        )
    said.append(say("data to {clock}", clock=clock(reading.as_of)))
    return " · ".join(said)
