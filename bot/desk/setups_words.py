"""Setups in words, and what may be asked next."""

import math
from collections.abc import Iterator

from bot.core import figures
from bot.core.evidence.words import before, reached, verdict
from bot.core.instruments import venue_name
from bot.core.journal.plan import side_of
from bot.core.market.liquidations import PositionSide
from bot.core.signals.episode import Episode, Kind
from bot.core.signals.explain import zone_in_words
from bot.core.signals.machine import MAJOR_TURNOVER
from bot.core.signals.magnet import MAGNET_USD, profit
from bot.core.signals.setups import Setup, SetupsReading, risk
from bot.core.signals.sweep import SWEEP_USD
from bot.core.signals.weeks import WARM_UP, WEEK
from bot.desk import steps
from bot.desk.caption import SIMULATED, clock
from bot.desk.markets import Found
from bot.desk.requests import PanelRequest
from bot.reply import Button, described

NAMES = {Kind.SWEEP: "sweep", Kind.MAGNET: "magnet", Kind.CASCADE: "cascade"}  # as typed
_SIDES = {PositionSide.LONG: "longs", PositionSide.SHORT: "shorts"}
_TOLD, _OVER, _COINS = 3, 3, 8  # told one by one
_COIN_BUTTONS = 4

# What is said of a setup that a longer past might tell otherwise.
EARLY = (
    f"Less than {WARM_UP // WEEK} weeks of this market were held when it began: with more of its "
    "past it may be told otherwise."
)

# What a sweep still lacks.
_LACKS = {
    "swept": "Not a setup: a spike of liquidations has to confirm it first.",
    "confirmed": "Not yet a setup: two hours without a new extreme would make it one.",
}


def least(turnover: float) -> tuple[float, ...]:
    """Return how large a cluster must be for a sweep and for a magnet [USD]; () if not known."""
    if not math.isfinite(turnover):
        return ()
    return tuple(usd * turnover / MAJOR_TURNOVER for usd in (SWEEP_USD, MAGNET_USD))


def headline(reading: SetupsReading) -> str:
    """Name what is under way.

    "BTC setups: sweep reversal up, magnet down"
    """
    of = f"{reading.base} setups" if reading.base else "Setups"
    if not reading.current:
        return f"{of}: none under way"
    if not reading.base:
        count = len(reading.current)
        return f"{of}: {count} under way on {reading.coins} coin{'s' * (reading.coins != 1)}"
    return f"{of}: {', '.join(named(each.now) for each in reading.current[:_TOLD])}"


def alt(reading: SetupsReading, drawn: Setup) -> str:
    """Describe the picture of one setup to somebody who cannot see it; then what else there is."""
    now = drawn.now
    until = "under way" if now.ended is None else now.why_ended
    what = f"{reading.base} {named(now)} since {clock(now.began)}, {until}"
    simulated = SIMULATED if reading.simulated else ""
    said = (*in_short(drawn), *evidence(drawn), f"{headline(reading)}.", *lines(reading))
    return described(f"{what}; price {figures.price(drawn.price)}.", simulated, *said)


def named(episode: Episode) -> str:
    """Name a setup and its way; a sweep that is none yet is a sweep only."""
    if episode.kind is Kind.SWEEP and episode.phase in _LACKS and episode.zone is not None:
        return f"sweep of {_SIDES[episode.zone.side]}"
    return " ".join(part for part in (episode.kind.value, episode.way.value) if part)


def lines(reading: SetupsReading) -> tuple[str, ...]:
    """Say each setup of a coin with its evidence, the most urgent first."""
    said = [SIMULATED] if reading.simulated else []
    for each in reading.current[:_TOLD]:
        said += _setup(each, reading.as_of)
    if not reading.current:
        said += _nothing(reading)
    if any(each.now.early for each in (*reading.current, *reading.recent)):
        said.append(EARLY)
    if reading.recent:
        told = "; ".join(_ended(each.now) for each in reading.recent[:_OVER])
        said.append(f"Over within a day: {told}.")
    if reading.proven:
        said.append(f"Measured accuracy of the map: {reading.grade}.")
    else:
        said.append(
            f"The map is {reading.grade}: it raises no magnet and no sweep. Cascades are told, "
            "which the tape of liquidations shows alone."
        )
    if not reading.tape:
        said.append("No venue here tells liquidations one by one, so cascades cannot be seen.")
    names = ", ".join(venue_name(each) for each in reading.venues)
    count = f"{len(reading.venues)} of {len(reading.asked)} venue{'s' * (len(reading.asked) != 1)}"
    said.append(f"{count} ({names}) · data to {clock(reading.as_of)}; estimates, never exact.")
    said += reading.failures
    return tuple(line for line in said if line)


def _nothing(reading: SetupsReading) -> Iterator[str]:
    """Say what it would take."""
    if reading.proven and reading.least:
        sweep, magnet = (figures.usd(each) for each in reading.least)
        yield (
            f"A sweep takes a cluster of {sweep} here, a magnet one of {magnet} within 5 % that "
            "holds a quarter more than the nearest on the other side."
        )
    elif reading.proven:
        yield "Its turnover has not been seen for a day yet, so no cluster can be called dense."


def _setup(setup: Setup, as_of: int) -> Iterator[str]:
    """Say one setup: what it is, where it is right and wrong, what came of others."""
    now, price = setup.now, setup.price
    name = named(now)
    lasted = f" ({figures.span(as_of - now.began)})" if as_of > now.began else ""
    yield f"{name[:1].upper()}{name[1:]} since {clock(now.began)}{lasted}: {_about(setup)}"
    yield _plan(now, price)
    yield f"It ends when {now.invalidation}." if now.invalidation else ""
    yield from evidence(setup)


def in_short(setup: Setup) -> tuple[str, ...]:
    """Say what a setup is about, and where it is right and wrong."""
    about = _about(setup)
    return tuple(
        each for each in (about[:1].upper() + about[1:], _plan(setup.now, setup.price)) if each
    )


def evidence(setup: Setup) -> tuple[str, ...]:
    """Say what came of others like it, beside random times."""
    over = f"Counted {setup.over}: " if setup.over else ""
    came = reached(setup.followed) if setup.now.target is not None else ""
    return tuple(each for each in (f"{over}{before(setup.kind, setup.followed)}", came) if each)


def _about(setup: Setup) -> str:
    now, price = setup.now, setup.price
    if now.kind is Kind.SWEEP and now.zone is not None:
        swept = f"price went through {zone_in_words(now.zone, price)}."
        return f"{swept} {_LACKS[now.phase]}" if now.phase in _LACKS else swept
    if now.kind is Kind.MAGNET and now.zone is not None:
        return f"{zone_in_words(now.zone, price)} draws the price."
    side = "longs" if now.way.sign < 0 else "shorts"
    total = sum(fact.value for fact in now.facts if fact.name in _FORCED)
    ahead = f" Ahead: {zone_in_words(now.target, price)}." if now.target is not None else ""
    return f"{figures.usd(total)} of {side} liquidated until it was confirmed.{ahead}"


# Facts of a cascade that add up to what was liquidated until it was confirmed.
_FORCED = ("liquidations in the first wave", "liquidations after it")


def _plan(now: Episode, price: float) -> str:
    """Say where it is right, where it is wrong, and what stands to be won for what is risked."""
    if now.target is None or now.stop is None or now.phase in _LACKS:
        return ""
    at = profit(now.target) if now.kind is Kind.MAGNET else now.target.near
    said = f"Target {_at(at, price)}, stop {_at(now.stop, price)}"
    found = risk(now, price)
    ratio = f": {found[0] / found[1]:.1f} to win for 1 at risk" if found is not None else ""
    before_it = "; profit belongs before the cluster" if now.kind is Kind.MAGNET else ""
    return f"{said}{ratio}{before_it}."


def _at(at: float, price: float) -> str:
    return f"{figures.price(at)} ({figures.percent(at / price - 1, signed=True)})"


def _ended(now: Episode) -> str:
    return f"{named(now)} of {clock(now.began)}, {now.why_ended}"


def lines_of_all(reading: SetupsReading) -> tuple[str, ...]:
    """Say the setups of all coins in a line each, the most urgent first."""
    said = [SIMULATED] if reading.simulated else []
    for place, each in enumerate(reading.current[:_COINS], 1):
        now = each.now
        what = "" if now.phase in ("draws", "cascade") else f", {now.phase}"
        zone = now.target or now.zone
        about = f", {zone_in_words(zone, each.price)}" if zone is not None else ""
        said.append(
            f"{place}. {each.base}: {named(now)}{what}, {figures.span(reading.as_of - now.began)}"
            f"{about}; after others: {verdict(each.followed)}."
        )
    if more := len(reading.current) - _COINS:
        said += [f"And {more} more."] if more > 0 else []
    if reading.unproven:
        said.append(
            f"{_coins(reading.unproven)} with a map that is unproven: of these only cascades."
        )
    if reading.waiting:
        said.append(f"{_coins(reading.waiting)} still being read: ask again in a minute.")
    held = f"{_coins(reading.coins)} looked at" if reading.coins else "No coin is held here yet"
    said.append(f"{held}; ask for one, such as /setups BTC, and it is from then on.")
    said.append(f"Data to {clock(reading.as_of)}; estimates, never exact.")
    return tuple(said)


def _coins(count: int) -> str:
    return f"{count} coin{'s' * (count != 1)}"


def buttons(
    reading: SetupsReading, request: PanelRequest, found: Found
) -> tuple[tuple[Button, ...], ...]:
    """Offer venues, the map, the words, and how the strategy did."""
    theme = (request.theme,) if request.theme else ()

    def words(venues: tuple[str, ...]) -> str:
        return " ".join(("setups", found.symbol, *venues, *theme))

    first = (*reading.current, *reading.recent)[:1]
    strategy = NAMES[first[0].kind] if first else "magnet"
    return steps.rows(
        steps.venues(found, request.venues, words),
        _logging(reading, request, found),
        (
            *steps.step("Refresh", f"{words(request.venues)} refresh"),
            *steps.step("Heatmap", " ".join(("heatmap", found.symbol, *theme))),
            *steps.step("Explain", f"explain {found.symbol}"),
            *steps.step("Backtest", " ".join(("backtest", strategy, found.symbol, *theme))),
            *steps.step("All coins", " ".join(("setups", *theme))),
        ),
    )


def _logging(reading: SetupsReading, request: PanelRequest, found: Found) -> list[Button]:
    """Offer to log a trade of each setup that is one; who presses is answered privately."""
    told = [each.now for each in reading.current[:_TOLD] if side_of(each.now) is not None]
    row: list[Button] = []
    for kind in dict.fromkeys(each.kind for each in told):
        name = NAMES[kind]
        label = "Log trade" if len(told) == 1 else f"Log {name}"
        said = " ".join(("journal log", name, found.symbol, *request.venues))
        row += steps.step(label, said, fresh=True)
    return row


def buttons_of_all(reading: SetupsReading, request: PanelRequest) -> tuple[tuple[Button, ...], ...]:
    """Offer the first coins, and all of them anew."""
    theme = (request.theme,) if request.theme else ()
    coins: list[Button] = []
    for base in list(dict.fromkeys(each.base for each in reading.current))[:_COIN_BUTTONS]:
        coins += steps.step(base, " ".join(("setups", base, *theme)))
    return steps.rows(coins, steps.step("Refresh", " ".join(("setups", *request.venues, *theme))))
