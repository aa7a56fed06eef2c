"""Trades of one's own in words, and what may be done with each."""

from collections.abc import Iterator, Mapping

from bot.core import figures
from bot.core.journal.review import Expectancy, Review
from bot.core.journal.trade import TAGS, Trade
from bot.core.market.liquidations import PositionSide
from bot.desk import steps
from bot.desk.caption import clock
from bot.desk.journal_market import Suggested
from bot.reply import Button, Reply

_OPEN, _CLOSED = 5, 4  # told one by one
_NOTE = 120  # letters of a note beside others
_A_ROW = 4  # mistakes beside one another
_HOW = (
    "One tap under an alert or under /setups logs a trade. In words:",
    "  /journal add BTC long 60000 20x $30k stop 59000 target 63000 note why",
    "  /journal close t12 61000, or without a price: now",
)
ASKED = "Was anything wrong with it? One tap says so; the coach counts what each mistake costs."
BACK = (Button("Journal", "journal"),)
_PRIVATE = "Only you see this. /export gives it to you, /forget deletes it."


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
    return "long" if trade.side is PositionSide.LONG else "short"


def listing(found: Review, prices: Mapping[str, float]) -> tuple[str, tuple[str, ...]]:
    """Say a journal: a headline, and what is open, closed and brought."""
    going, closed = len(found.going), len(found.trades)
    if not going and not closed:
        return "Your journal is empty", (*_HOW, _PRIVATE)
    lines = [standing(each, prices.get(each.base)) for each in found.going[:_OPEN]]
    lines += _more(going - _OPEN, "open")
    if closed:
        lines.append(brings(found.whole, found.unit))
    lines += [_ended(each) for each in found.trades[::-1][:_CLOSED]]
    lines += _more(closed - _CLOSED, "closed")
    lines.append(_PRIVATE)
    return f"Journal: {going} open, {closed} closed", tuple(lines)


def _more(count: int, what: str) -> list[str]:
    return [f"And {count} more {what}."] if count > 0 else []


def standing(trade: Trade, price: float | None) -> str:
    """Say how an open trade stands, and how far its stop and target are."""
    said = name(trade)
    if price is None:
        return f"{said}: no price to be had just now; {_bounds(trade, trade.entry)}"
    now = figures.percent(trade.move(price), signed=True)
    multiple = f" ({amount(trade.move(price) / trade.risk, 'R')})" if trade.risk else ""
    return f"{said}: {figures.price(price)} now, {now}{multiple}; {_bounds(trade, price)}"


def _bounds(trade: Trade, price: float) -> str:
    stop, target = "no stop", ""
    if trade.stop is not None:
        past = (price - trade.stop) * trade.side.value <= 0
        away = "the price is past it" if past else _away(trade.stop, price)
        stop = f"stop {figures.price(trade.stop)} ({away})"
    if trade.target is not None:
        there = (trade.target - price) * trade.side.value <= 0
        away = "reached" if there else _away(trade.target, price)
        target = f", target {figures.price(trade.target)} ({away})"
    return f"{stop}{target}."


def _away(at: float, price: float) -> str:
    return figures.percent(at / price - 1, signed=True)


def brought(trade: Trade) -> str:
    """Say what a closed trade brought.

    "+2.5 % (+1.2R)"
    """
    multiple = "" if trade.multiple is None else f" ({amount(trade.multiple, 'R')})"
    return f"{figures.percent(trade.result or 0.0, signed=True)}{multiple}"


def _ended(trade: Trade) -> str:
    mistakes = "".join(f", {each}" for each in trade.found_out)
    signal = f", {trade.signal}" if trade.signal else ""
    return (
        f"{name(trade)} to {figures.price(trade.exit or 0.0)}: {brought(trade)}{signal}{mistakes}."
    )


def brings(found: Expectancy, unit: str) -> str:
    """Say what a trade brings on the average, and how sure that is."""
    if not found.enough:
        return f"What a trade brings: {found.verdict}; it takes 10."
    mean, low, high = (small(each, unit) for each in (found.mean, found.low, found.high))
    return (
        f"A trade brings {mean} (90 %: {low} to {high}, {found.count} trades, "
        f"{figures.percent(found.wins)} won): {found.verdict}."
    )


def detail(
    trade: Trade, price: float | None, now: int, suggested: Suggested | None = None
) -> tuple[str, ...]:
    """Say all of one trade."""
    return tuple(each for each in _detail(trade, price, now, suggested) if each)


def _detail(
    trade: Trade, price: float | None, now: int, suggested: Suggested | None
) -> Iterator[str]:
    opened = f"Opened {clock(trade.opened)}"
    if trade.exit is not None:
        until = trade.closed or trade.opened
        lasted = f", {figures.span(until - trade.opened)}" if until > trade.opened else ""
        yield f"{opened}, closed {clock(until)}{lasted}: {brought(trade)} after costs."
    elif price is not None:
        made = figures.percent(trade.move(price), signed=True)
        multiple = f" ({amount(trade.move(price) / trade.risk, 'R')})" if trade.risk else ""
        yield f"{opened} ({figures.ago(now - trade.opened)})."
        yield f"{figures.price(price)} now: {made}{multiple} after costs."
    else:
        yield f"{opened}. No price to be had just now."
    yield from _risked(trade, price)
    if trade.open and trade.stop is None:
        yield from _suggested(trade, suggested)
    size = f"Size {figures.usd(trade.usd)}. " if trade.usd is not None else ""
    signal = f"Signal: {trade.signal}" if trade.signal else "Own idea"
    told = f", {trade.source}" if trade.source.startswith("w") and "/" in trade.source else ""
    yield f"{size}{signal}{told}."
    yield f"“{trade.note}”" if trade.note else ""
    if trade.found_out:
        yield f"Mistakes: {', '.join(trade.found_out)}."


def _risked(trade: Trade, price: float | None) -> Iterator[str]:
    """Say what is at risk and what stands to be won for it."""
    if trade.risk:
        share = figures.percent(trade.risk)
        loss = f", {figures.usd(trade.usd * trade.risk)}" if trade.usd is not None else ""
        won = ""
        if trade.target is not None:
            multiple = abs(trade.target - trade.entry) / trade.entry / trade.risk
            won = f", the target {multiple:.1f}R"
        yield f"1R is {share} of its value{loss}{won}."
    if trade.open:
        bounds = _bounds(trade, trade.entry if price is None else price)
        yield f"{bounds[:1].upper()}{bounds[1:]}"


def _suggested(trade: Trade, suggested: Suggested | None) -> Iterator[str]:
    yield "Without a stop all of it is at risk, and it cannot be counted in R."
    if suggested is not None:
        stop = suggested.stop
        guess = "; the map is unproven, take it for a guess" if suggested.unproven else ""
        yield (
            f"One belongs at {figures.price(stop.price)} ({_away(stop.price, trade.entry)}), "
            f"behind the cluster of {figures.usd(stop.zone.usd)}, not at it{guess}."
        )


def edits(trade: Trade) -> str:
    """Say what may be changed in words."""
    return (
        f"Change it in words: /journal edit {trade.id} stop …, target …, entry …, size or note …; "
        f"close it at a price: /journal close {trade.id} …"
        if trade.open
        else f"Change it in words: /journal edit {trade.id} exit …, stop …, entry … or note …"
    )


def buttons(found: Review) -> tuple[tuple[Button, ...], ...]:
    """Offer each open trade, then the coach."""
    rows = [
        (
            Button(f"Close {each.id} now", f"journal close {each.id}"),
            Button(f"Edit {each.id}", f"journal {each.id}"),
        )
        for each in found.going[:3]
    ]
    closed = [Button(each.id, f"journal {each.id}") for each in found.trades[::-1][:_CLOSED]]
    coach = [Button("Coach", "coach")] if found.trades else []
    export = [Button("Export", "export", fresh=True)] if found.trades or found.going else []
    return steps.rows(*rows, closed, (*coach, *export, Button("Refresh", "journal")))


def of_trade(
    trade: Trade, suggested: Suggested | None = None, *, new: bool = False
) -> tuple[tuple[Button, ...], ...]:
    """Offer to close it, to take the stop suggested, to own up to mistakes, to drop it."""
    first: list[Button] = []
    if trade.open:
        first.append(Button("Close now", f"journal close {trade.id}"))
        if suggested is not None and trade.stop is None:
            at = suggested.stop.price
            plain = figures.price(at).replace(",", "")
            label = f"Stop {figures.price(at)}"
            first += steps.step(label, f"journal edit {trade.id} stop {plain}")
    elif trade.exit is not None:
        first.append(Button("Open again", f"journal open {trade.id}"))
    tags = [
        Button(str(tag).capitalize(), f"journal tag {trade.id} {tag}", chosen=tag in trade.mistakes)
        for tag in (() if new else TAGS)
    ]
    drop = f"journal drop {trade.id}{' yes' if new else ''}"
    last = (Button("Undo" if new else "Drop", drop), Button("Journal", "journal"))
    rows = [tags[at : at + _A_ROW] for at in range(0, len(tags), _A_ROW)]
    return steps.rows(first, *rows, last)


def asked_once_more(trade: Trade) -> Reply:
    """Ask whether a trade is really to be dropped."""
    return Reply(
        f"Drop {trade.id}?",
        (f"{name(trade)}. It counts in nothing any more.",),
        buttons=(
            (
                Button(f"Drop {trade.id}", f"journal drop {trade.id} yes"),
                Button("Keep it", f"journal {trade.id}"),
            ),
        ),
    )


def which_side(coin: str, signal: str, words: str) -> Reply:
    """Ask for the side, where nothing says which it was."""
    none = (f"No {signal} that is a setup is under way on {coin} now.",) if signal else ()
    row = (*steps.step("Long", f"{words} long"), *steps.step("Short", f"{words} short"))
    lines = (*none, "One tap logs it at the price now.")
    return Reply(f"{coin}: long or short?", lines, buttons=steps.rows(row))
