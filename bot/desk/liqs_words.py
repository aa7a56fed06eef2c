"""A day of liquidations in words: how much, whose, how large, and what was not heard."""

from itertools import groupby

from bot.core import figures
from bot.core.flow.liquidated import Coverage, LiquidatedReading, OneLiquidation, Sums
from bot.core.instruments import venue_name
from bot.desk.caption import SIMULATED, clock
from bot.reply import described

_LARGEST, _COINS, _VENUES = 3, 6, 6  # told in words
_NO_WORDS = "nothing is known of how complete its feed is"


def headline(reading: LiquidatedReading) -> str:
    """Name the picture."""
    usd = figures.usd(reading.day.usd)
    if reading.base:
        return f"{reading.base} liquidations · {usd} in 24 h"
    count = len(reading.coins)
    return f"Liquidations of {count} coin{'s' * (count != 1)} · {usd} in 24 h"


def lines(reading: LiquidatedReading) -> tuple[str, ...]:
    """Say what the picture shows, the most useful first."""
    said = [SIMULATED] if reading.simulated else []
    said += [_sums("Last hour", reading.hour), _sums("Last 24 h", reading.day)]
    names = ", ".join(venue_name(each.exchange) for each in reading.coverage)
    said.append(f"{reading.freshness} heard all day ({names}) · {clock(reading.as_of)}")
    if not reading.base:
        said.append(_ranked(reading))
    said.append(_sizes(reading))
    if reading.largest:
        largest = "; ".join(_one(one, coin=not reading.base) for one in reading.largest[:_LARGEST])
        said.append(f"Largest: {largest}.")
    if len(reading.venues) > 1:
        shares = [f"{venue_name(v.name)} {figures.usd(v.day.usd)}" for v in reading.venues]
        said.append(f"By venue in 24 h: {_some(shares, _VENUES)}.")
    said += coverage(reading.coverage)
    said += reading.failures
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
        said.append(f"{names}: {feed or _NO_WORDS}.")
    if any(not each.whole for each in venues):
        said.append("What was not heard is not counted.")
    return said


def _heard(each: Coverage) -> str:
    name = venue_name(each.exchange)
    if each.whole:
        return name
    if each.heard <= 0:
        return f"{name} (not heard)"
    hours = f"{24 * each.heard:.1f}".removesuffix(".0")
    deaf = "" if each.until is None else f", not since {figures.clock(each.until)} UTC"
    return f"{name} (heard {hours} of 24 h{deaf})"


def _sums(when: str, sums: Sums) -> str:
    if not sums.usd:
        return f"{when}: none reported."
    sides = [
        f"{name} {figures.usd(usd)}" + (f" in {count:,}" if count else "")
        for name, usd, count in (
            ("longs", sums.long_usd, sums.long_count),
            ("shorts", sums.short_usd, sums.short_count),
        )
    ]
    return f"{when}: {figures.usd(sums.usd)} ({', '.join(sides)})."


def _sizes(reading: LiquidatedReading) -> str:
    sizes = [
        f"{share.name} {figures.usd(share.day.usd)} in {share.day.count:,}"
        for share in reversed(reading.classes)
        if share.day.count
    ]
    return f"By size in 24 h: {', '.join(sizes)}." if sizes else ""


def _one(one: OneLiquidation, *, coin: bool) -> str:
    who = "long" if one.side > 0 else "short"
    name = f"{one.instrument.base} " if coin else ""
    venue = venue_name(one.instrument.exchange)
    return (
        f"{figures.usd(one.usd)} {name}{who} at {figures.price(one.price)}"
        f" on {venue}, {figures.clock(one.time)}"
    )


def _ranked(reading: LiquidatedReading) -> str:
    shares = [f"{coin.name} {figures.usd(coin.day.usd)}" for coin in reading.coins if coin.day.usd]
    return f"Most in 24 h: {_some(shares, _COINS)}." if shares else ""


def _some(shares: list[str], most: int) -> str:
    """Join the first few, and say how many more there are."""
    more = len(shares) - most
    return ", ".join(shares[:most]) + (f" and {more} more" if more > 0 else "")
