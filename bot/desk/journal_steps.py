"""What may be done with one's own trades: the buttons under them."""

from bot.core import figures
from bot.core.journal.review import Review
from bot.core.journal.trade import TAGS, Trade
from bot.core.journal.words import said as called
from bot.core.language import mark, say
from bot.core.signals.names import capital
from bot.desk import steps
from bot.desk.journal_market import Suggested
from bot.desk.journal_words import CLOSED, name
from bot.reply import Button, Reply

_A_ROW = 4  # mistakes beside one another


def back() -> tuple[Button, ...]:
    """Offer all trades."""
    return (Button(say("Journal"), "journal"),)


def buttons(found: Review) -> tuple[tuple[Button, ...], ...]:
    """Offer each open trade, then the coach."""
    rows = [
        (
            Button(say("Close {trade} now", trade=each.id), f"journal close {each.id}"),
            Button(say("Edit {trade}", trade=each.id), f"journal {each.id}"),
        )
        for each in found.going[:3]
    ]
    closed = [Button(each.id, f"journal {each.id}") for each in found.trades[::-1][:CLOSED]]
    coach = [Button(say("Coach"), "coach")] if found.trades else []
    export = [Button(say("Export"), "export", fresh=True)] if found.trades or found.going else []
    return steps.rows(*rows, closed, (*coach, *export, Button(say("Refresh"), "journal")))


def of_trade(
    trade: Trade, suggested: Suggested | None = None, *, new: bool = False
) -> tuple[tuple[Button, ...], ...]:
    """Offer to close it, to take the stop suggested, to own up to mistakes, to drop it."""
    first: list[Button] = []
    if trade.open:
        first.append(Button(say("Close now"), f"journal close {trade.id}"))
        if suggested is not None and trade.stop is None:
            at = suggested.stop.price
            plain = figures.price(at).replace(",", "")
            label = say("Stop {price}", price=figures.price(at))
            first += steps.step(label, f"journal edit {trade.id} stop {plain}")
    elif trade.exit is not None:
        first.append(Button(say("Open again"), f"journal open {trade.id}"))
    tags = [
        Button(capital(called(tag)), f"journal tag {trade.id} {tag}", chosen=tag in trade.mistakes)
        for tag in (() if new else TAGS)
    ]
    drop = f"journal drop {trade.id}{' yes' if new else ''}"
    last = (Button(say("Undo") if new else say("Drop"), drop), *back())
    rows = [tags[at : at + _A_ROW] for at in range(0, len(tags), _A_ROW)]
    return steps.rows(first, *rows, last)


def asked_once_more(trade: Trade) -> Reply:
    """Ask whether a trade is really to be dropped."""
    return Reply(
        say("Drop {trade}?", trade=trade.id),
        (say("{trade}. It counts in nothing any more.", trade=name(trade)),),
        buttons=(
            (
                Button(say("Drop {trade}", trade=trade.id), f"journal drop {trade.id} yes"),
                Button(say("Keep it"), f"journal {trade.id}"),
            ),
        ),
    )


def which_side(coin: str, signal: str, words: str) -> Reply:
    """Ask for the side, where nothing says which it was."""
    lines = [say("One tap logs it at the price now.")]
    if signal:
        none = mark("No {signal} that is a setup is under way on {coin} now.")
        lines.insert(0, say(none, signal=called(signal), coin=coin))
    row = (*steps.step(say("Long"), f"{words} long"), *steps.step(say("Short"), f"{words} short"))
    return Reply(say("{coin}: long or short?", coin=coin), tuple(lines), buttons=steps.rows(row))
