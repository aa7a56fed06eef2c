"""Trades of one's own in words."""

from collections.abc import Iterator, Mapping

from bot.core import figures
from bot.core.journal.review import Expectancy, Review
from bot.core.journal.trade import Trade
from bot.core.journal.words import said as called
from bot.core.language import mark, say
from bot.core.market.liquidations import PositionSide
from bot.core.signals.names import capital
from bot.desk.caption import clock
from bot.desk.journal_market import Suggested

_OPEN, CLOSED = 5, 4  # told one by one
_HOW = (
    mark("One tap under an alert or under /setups logs a trade. In words:"),
    "  /journal add BTC long 60000 20x $30k stop 59000 target 63000 note why",
    mark("  /journal close t12 61000, or without a price: now"),
)
ASKED = mark(
    "Was anything wrong with it? One tap says so; the coach counts what each mistake costs."
)
_PRIVATE = mark("Only you see this. /export gives it to you, /forget deletes it.")


def amount(value: float, unit: str) -> str:
    """Write what a trade brought.

    >>> amount(-1.234, "R"), amount(0.0213, "%"), amount(12.0, "R"), amount(float("nan"), "R")
    ('−1.2R', '+2.1 %', '+12R', '–')
    """
    if unit == "%":
        return figures.percent(value, signed=True)
    written = figures.usd(value, signed=True).replace("$", "")
    return written if written == figures.NOTHING else f"{written}R"


def small(value: float, unit: str) -> str:
    """Write what a trade brings on the average, which is little: with two decimals.

    >>> small(0.214, "R"), small(-0.05, "R"), small(0.0213, "%")
    ('+0.21R', '−0.05R', '+2.1 %')
    """
    if unit == "%" or not abs(value) < 9.995:  # noqa: PLR2004 - rounds to 10
        return amount(value, unit)
    return f"{value:+.2f}R".replace("-", "−")


def name(trade: Trade) -> str:
    """Name a trade.

    "t12 BTC long 60,000 20x"
    """
    leverage = "" if trade.leverage is None else f" {trade.leverage:g}x"
    return f"{trade.id} {trade.base} {side(trade)} {figures.price(trade.entry)}{leverage}"


def side(trade: Trade) -> str:
    """Say which side it is on."""
    return say("long") if trade.side is PositionSide.LONG else say("short")


def logged(trade: Trade, *, before: bool = False) -> str:
    """Say that a trade has been logged, or had been."""
    if before:
        return say("Logged already: {trade}", trade=name(trade))
    return say("Logged {trade}", trade=name(trade))


def listing(found: Review, prices: Mapping[str, float]) -> tuple[str, tuple[str, ...]]:
    """Say a journal: a headline, and what is open, closed and brought."""
    going, closed = len(found.going), len(found.trades)
    if not going and not closed:
        return say("Your journal is empty"), (*map(say, _HOW), say(_PRIVATE))
    lines = [standing(each, prices.get(each.base)) for each in found.going[:_OPEN]]
    if going > _OPEN:
        lines.append(say("And {count} more open.", count=going - _OPEN))
    if closed:
        lines.append(brings(found.whole, found.unit))
    lines += [_ended(each) for each in found.trades[::-1][:CLOSED]]
    if closed > CLOSED:
        lines.append(say("And {count} more closed.", count=closed - CLOSED))
    lines.append(say(_PRIVATE))
    return say("Journal: {open} open, {closed} closed", open=going, closed=closed), tuple(lines)


def standing(trade: Trade, price: float | None) -> str:
    """Say how an open trade stands, and how far its stop and target are."""
    if price is None:
        return say(
            "{trade}: no price to be had just now; {bounds}",
            trade=name(trade),
            bounds=_bounds(trade, trade.entry),
        )
    return say(
        "{trade}: {price} now, {made}; {bounds}",
        trade=name(trade),
        price=figures.price(price),
        made=_made(trade, price),
        bounds=_bounds(trade, price),
    )


def _made(trade: Trade, price: float) -> str:
    """Write what a trade would have brought at a price: "+2.5 % (+1.2R)"."""
    made = figures.percent(trade.move(price), signed=True)
    return f"{made} ({amount(trade.move(price) / trade.risk, 'R')})" if trade.risk else made


def _bounds(trade: Trade, price: float) -> str:
    said = say("no stop")
    if trade.stop is not None:
        past = (price - trade.stop) * trade.side.value <= 0
        away = say("the price is past it") if past else _away(trade.stop, price)
        said = say("stop {price} ({away})", price=figures.price(trade.stop), away=away)
    if trade.target is not None:
        there = (trade.target - price) * trade.side.value <= 0
        away = say("reached") if there else _away(trade.target, price)
        target = say("target {price} ({away})", price=figures.price(trade.target), away=away)
        said = f"{said}, {target}"
    return f"{said}."


def _away(at: float, price: float) -> str:
    return figures.percent(at / price - 1, signed=True)


def brought(trade: Trade) -> str:
    """Say what a closed trade brought.

    "+2.5 % (+1.2R)"
    """
    multiple = "" if trade.multiple is None else f" ({amount(trade.multiple, 'R')})"
    return f"{figures.percent(trade.result or 0.0, signed=True)}{multiple}"


def _ended(trade: Trade) -> str:
    parts = [brought(trade), *map(called, (trade.signal, *trade.found_out))]
    return say(
        "{trade} to {price}: {told}.",
        trade=name(trade),
        price=figures.price(trade.exit or 0.0),
        told=", ".join(part for part in parts if part),
    )


def brings(found: Expectancy, unit: str) -> str:
    """Say what a trade brings on the average, and how sure that is."""
    if not found.enough:
        return say("What a trade brings: {verdict}; it takes 10.", verdict=found.verdict)
    return say(
        "A trade brings {mean} (90 %: {low} to {high}, {count} trades, {wins} won): {verdict}.",
        mean=small(found.mean, unit),
        low=small(found.low, unit),
        high=small(found.high, unit),
        count=found.count,
        wins=figures.percent(found.wins),
        verdict=found.verdict,
    )


def detail(
    trade: Trade, price: float | None, now: int, suggested: Suggested | None = None
) -> tuple[str, ...]:
    """Say all of one trade."""
    return tuple(each for each in _detail(trade, price, now, suggested) if each)


def _detail(
    trade: Trade, price: float | None, now: int, suggested: Suggested | None
) -> Iterator[str]:
    opened = clock(trade.opened)
    if trade.exit is not None:
        yield _lasted(trade)
    elif price is not None:
        yield say("Opened {time} ({ago}).", time=opened, ago=figures.ago(now - trade.opened))
        made = _made(trade, price)
        yield say("{price} now: {made} after costs.", price=figures.price(price), made=made)
    else:
        yield say("Opened {time}. No price to be had just now.", time=opened)
    yield from _risked(trade, price)
    if trade.open and trade.stop is None:
        yield from _suggested(trade, suggested)
    yield _why(trade)
    yield say("“{note}”", note=trade.note) if trade.note else ""
    if trade.found_out:
        yield say("Mistakes: {list}.", list=", ".join(map(called, trade.found_out)))


def _lasted(trade: Trade) -> str:
    """Say when a closed trade began and ended, and what it brought."""
    until = trade.closed or trade.opened
    lasted = mark("Opened {opened}, closed {closed}, {span}: {told} after costs.")
    at_once = mark("Opened {opened}, closed {closed}: {told} after costs.")
    return say(
        lasted if until > trade.opened else at_once,
        opened=clock(trade.opened),
        closed=clock(until),
        span=figures.span(until - trade.opened),
        told=brought(trade),
    )


def _why(trade: Trade) -> str:
    """Say how large a trade is and what it was opened for."""
    size = say("Size {usd}.", usd=figures.usd(trade.usd)) if trade.usd is not None else ""
    signal = say("Signal: {signal}", signal=called(trade.signal)) if trade.signal else ""
    told = trade.source if trade.source.startswith("w") and "/" in trade.source else ""
    reason = ", ".join(part for part in (signal or say("Own idea"), told) if part)
    return f"{size} {reason}.".lstrip()


def _risked(trade: Trade, price: float | None) -> Iterator[str]:
    """Say what is at risk and what stands to be won for it."""
    if trade.risk:
        parts = [say("1R is {share} of its value", share=figures.percent(trade.risk))]
        if trade.usd is not None:
            parts.append(figures.usd(trade.usd * trade.risk))
        if trade.target is not None:
            multiple = abs(trade.target - trade.entry) / trade.entry / trade.risk
            parts.append(say("the target {multiple}", multiple=f"{multiple:.1f}R"))
        yield f"{', '.join(parts)}."
    if trade.open:
        bounds = _bounds(trade, trade.entry if price is None else price)
        yield capital(bounds)


def _suggested(trade: Trade, suggested: Suggested | None) -> Iterator[str]:
    yield say("Without a stop all of it is at risk, and it cannot be counted in R.")
    if suggested is not None:
        stop = suggested.stop
        proven = mark("One belongs at {price} ({away}), behind the cluster of {usd}, not at it.")
        guess = mark(
            "One belongs at {price} ({away}), behind the cluster of {usd}, not at it; the map is "
            "unproven, take it for a guess."
        )
        yield say(
            guess if suggested.unproven else proven,
            price=figures.price(stop.price),
            away=_away(stop.price, trade.entry),
            usd=figures.usd(stop.zone.usd),
        )


def edits(trade: Trade) -> str:
    """Say what may be changed in words."""
    if trade.open:
        return say(
            "Change it in words: /journal edit {trade} stop …, target …, entry …, size or note …; "
            "close it at a price: /journal close {trade} …",
            trade=trade.id,
        )
    return say(
        "Change it in words: /journal edit {trade} exit …, stop …, entry … or note …",
        trade=trade.id,
    )
