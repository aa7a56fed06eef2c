"""A day of liquidations in words: how much, whose, how large, and what was not heard."""

import re
from itertools import groupby

from bot.core import figures
from bot.core.flow.liquidated import Coverage, LiquidatedReading, OneLiquidation, Sums
from bot.core.instruments import venue_name
from bot.core.language import many, mark, say
from bot.core.market.liquidations import PositionSide
from bot.core.signals.names import side_name
from bot.desk.caption import SIMULATED, clock
from bot.reply import described

_LARGEST, _COINS, _VENUES = 3, 6, 6  # told in words
_NO_WORDS = mark("nothing is known of how complete its feed is")
_NUMBER = re.compile(r"\d[\d,]*")


def headline(reading: LiquidatedReading) -> str:
    """Name the picture."""
    usd = figures.usd(reading.day.usd)
    if reading.base:
        return say("{base} liquidations · {usd} in 24 h", base=reading.base, usd=usd)
    return many(
        "Liquidations of {count} coin · {usd} in 24 h",
        "Liquidations of {count} coins · {usd} in 24 h",
        len(reading.coins),
        usd=usd,
    )


def lines(reading: LiquidatedReading) -> tuple[str, ...]:
    """Say what the picture shows, the most useful first."""
    said = [say(SIMULATED)] if reading.simulated else []
    said += [_sums(say("Last hour"), reading.hour), _sums(say("Last 24 h"), reading.day)]
    said.append(
        say(
            "{freshness} heard all day ({names}) · {time}",
            freshness=reading.freshness,
            names=", ".join(venue_name(each.exchange) for each in reading.coverage),
            time=clock(reading.as_of),
        )
    )
    if not reading.base:
        said.append(_ranked(reading))
    said.append(_sizes(reading))
    if reading.largest:
        largest = "; ".join(_one(one, coin=not reading.base) for one in reading.largest[:_LARGEST])
        said.append(say("Largest: {list}.", list=largest))
    if len(reading.venues) > 1:
        shares = [f"{venue_name(v.name)} {figures.usd(v.day.usd)}" for v in reading.venues]
        said.append(say("By venue in 24 h: {list}.", list=_some(shares, _VENUES)))
    said += coverage(reading.coverage)
    said += map(str, reading.failures)
    return tuple(line for line in said if line)


def alt(reading: LiquidatedReading) -> str:
    """Describe the picture to somebody who cannot see it."""
    return described(f"{headline(reading)}.", *lines(reading))


def coverage(venues: tuple[Coverage, ...]) -> list[str]:
    """Say how complete each feed is and how long it was heard, feeds of a kind in one line."""
    said = []
    ranked = sorted(venues, key=lambda each: each.feed)
    for feed, some in groupby(ranked, key=lambda each: each.feed):
        names = "; ".join(_heard(each) for each in some)
        said.append(f"{names}: {feed_words(feed or _NO_WORDS)}.")
    if any(not each.whole for each in venues):
        said.append(say("What was not heard is not counted."))
    return said


def feed_words(words: str) -> str:
    """Say how complete a feed is: its words are kept in English, and a number in them as told."""
    number = _NUMBER.search(words)
    if number is None or "{" in words:
        return say(words)
    before, after = words[: number.start()], words[number.end() :]
    template = before + "{count}" + after
    return say(template, count=number[0])


def _heard(each: Coverage) -> str:
    name = venue_name(each.exchange)
    if each.whole:
        return name
    if each.heard <= 0:
        return say("{venue} (not heard)", venue=name)
    hours = f"{24 * each.heard:.1f}".removesuffix(".0")
    if each.until is None:
        return say("{venue} (heard {hours} of 24 h)", venue=name, hours=hours)
    return say(
        "{venue} (heard {hours} of 24 h, not since {time} UTC)",
        venue=name,
        hours=hours,
        time=figures.clock(each.until),
    )


def _sums(when: str, sums: Sums) -> str:
    if not sums.usd:
        return say("{when}: none reported.", when=when)
    sides = [
        _part(name, usd, count)
        for name, usd, count in (
            (side_name(PositionSide.LONG), sums.long_usd, sums.long_count),
            (side_name(PositionSide.SHORT), sums.short_usd, sums.short_count),
        )
    ]
    return f"{when}: {figures.usd(sums.usd)} ({', '.join(sides)})."


def _part(name: str, usd: float, count: int) -> str:
    """Name a part of all with its dollars, and how many they are if that is known."""
    dollars = figures.usd(usd)
    if not count:
        return f"{name} {dollars}"
    return say("{name} {usd} in {count}", name=name, usd=dollars, count=f"{count:,}")


def _sizes(reading: LiquidatedReading) -> str:
    sizes = [
        _part(say(share.name), share.day.usd, share.day.count)
        for share in reversed(reading.classes)
        if share.day.count
    ]
    return say("By size in 24 h: {list}.", list=", ".join(sizes)) if sizes else ""


def _one(one: OneLiquidation, *, coin: bool) -> str:
    who = say("long") if one.side > 0 else say("short")
    return say(
        "{usd} {what} at {price} on {venue}, {time}",
        usd=figures.usd(one.usd),
        what=f"{one.instrument.base} {who}" if coin else who,
        price=figures.price(one.price),
        venue=venue_name(one.instrument.exchange),
        time=figures.clock(one.time),
    )


def _ranked(reading: LiquidatedReading) -> str:
    shares = [f"{coin.name} {figures.usd(coin.day.usd)}" for coin in reading.coins if coin.day.usd]
    return say("Most in 24 h: {list}.", list=_some(shares, _COINS)) if shares else ""


def _some(shares: list[str], most: int) -> str:
    """Join the first few, and say how many more there are."""
    more, told = len(shares) - most, ", ".join(shares[:most])
    return say("{list} and {count} more", list=told, count=more) if more > 0 else told
