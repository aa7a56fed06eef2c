"""Setups in words, and what may be asked next."""

import math
from collections.abc import Iterator

from bot.core import figures
from bot.core.evidence.words import before, reached, verdict
from bot.core.journal.plan import side_of
from bot.core.journal.words import said as signal_said
from bot.core.language import many, mark, say
from bot.core.market.liquidations import PositionSide
from bot.core.signals.cascade import AFTERWARDS, FIRST
from bot.core.signals.episode import Episode, Kind
from bot.core.signals.explain_words import zone_in_words
from bot.core.signals.machine import MAJOR_TURNOVER
from bot.core.signals.magnet import MAGNET_USD, profit
from bot.core.signals.names import capital, kind_name, side_name, way_name
from bot.core.signals.setups import Setup, SetupsReading, risk
from bot.core.signals.sweep import SWEEP_USD
from bot.core.signals.weeks import WARM_UP, WEEK
from bot.desk import ranking_words, sources, steps
from bot.desk.caption import SIMULATED, clock
from bot.desk.markets import Found
from bot.desk.requests import PanelRequest
from bot.reply import Button, described

NAMES = {Kind.SWEEP: "sweep", Kind.MAGNET: "magnet", Kind.CASCADE: "cascade"}  # as typed
_TOLD, _OVER, _COINS = 3, 3, 8  # told one by one
_COIN_BUTTONS = 4

# What is said of a setup that a longer past might tell otherwise.
_EARLY = mark(
    "Less than {weeks} weeks of this market were held when it began: with more of its past it may "
    "be told otherwise."
)

# What a sweep still lacks.
_LACKS = {
    "swept": mark("Not a setup: a spike of liquidations has to confirm it first."),
    "confirmed": mark("Not yet a setup: two hours without a new extreme would make it one."),
}

# The states of a sweep under way, which others have none of worth a word.
_PHASES = {"swept": mark("swept"), "confirmed": mark("confirmed"), "setup": mark("setup")}


def least(turnover: float) -> tuple[float, ...]:
    """Return how large a cluster must be for a sweep and for a magnet [USD]; () if not known."""
    if not math.isfinite(turnover):
        return ()
    return tuple(usd * turnover / MAJOR_TURNOVER for usd in (SWEEP_USD, MAGNET_USD))


def headline(reading: SetupsReading) -> str:
    """Name what is under way.

    "BTC setups: sweep reversal up, magnet down"
    """
    if not reading.base and not reading.current:
        return say("Setups: none under way")
    if not reading.base:
        return many(
            "Setups: {going} under way on {count} coin",
            "Setups: {going} under way on {count} coins",
            reading.coins,
            going=len(reading.current),
        )
    if not reading.current:
        return say("{coin} setups: none under way", coin=reading.base)
    setups = ", ".join(named(each.now) for each in reading.current[:_TOLD])
    return say("{coin} setups: {setups}", coin=reading.base, setups=setups)


def alt(reading: SetupsReading, drawn: Setup) -> str:
    """Describe the picture of one setup to somebody who cannot see it; then what else there is."""
    now = drawn.now
    what = say(
        "{coin} {setup} since {time}, {until}; price {price}.",
        coin=reading.base,
        setup=named(now),
        time=clock(now.began),
        until=say("under way") if now.ended is None else say(now.why_ended),
        price=figures.price(drawn.price),
    )
    simulated = say(SIMULATED) if reading.simulated else ""
    said = (*in_short(drawn), *evidence(drawn), f"{headline(reading)}.", *lines(reading))
    return described(what, simulated, *said)


def named(episode: Episode) -> str:
    """Name a setup and its way; a sweep that is none yet is a sweep only."""
    if episode.kind is Kind.SWEEP and episode.phase in _LACKS and episode.zone is not None:
        return say("sweep of {side}", side=side_name(episode.zone.side))
    return f"{kind_name(episode.kind)} {way_name(episode.way)}".rstrip()


def lines(reading: SetupsReading) -> tuple[str, ...]:
    """Say each setup of a coin with its evidence, the most urgent first."""
    said = [say(SIMULATED)] if reading.simulated else []
    for each in reading.current[:_TOLD]:
        said += _setup(each, reading.as_of)
    if not reading.current:
        said += _nothing(reading)
    if any(each.now.early for each in (*reading.current, *reading.recent)):
        said.append(say(_EARLY, weeks=WARM_UP // WEEK))
    if reading.recent:
        told = "; ".join(_ended(each.now) for each in reading.recent[:_OVER])
        said.append(say("Over within a day: {setups}.", setups=told))
    if reading.proven:
        said.append(sources.measured(reading.grade))
    else:
        said.append(
            say(
                "The map is {grade}: it raises no magnet and no sweep. Cascades are told, which "
                "the tape of liquidations shows alone.",
                grade=reading.grade,
            )
        )
    if not reading.tape:
        said.append(say("No venue here tells liquidations one by one, so cascades cannot be seen."))
    there = sources.told(reading.venues, reading.asked, reading.as_of)
    said.append(there + "; " + say("estimates, never exact."))
    said += map(str, reading.failures)
    return tuple(line for line in said if line)


def _nothing(reading: SetupsReading) -> Iterator[str]:
    """Say what it would take."""
    if reading.proven and reading.least:
        sweep, magnet = (figures.usd(each) for each in reading.least)
        yield say(
            "A sweep takes a cluster of {sweep} here, a magnet one of {magnet} within 5 % that "
            "holds a quarter more than the nearest on the other side.",
            sweep=sweep,
            magnet=magnet,
        )
    elif reading.proven:
        yield say(
            "Its turnover has not been seen for a day yet, so no cluster can be called dense."
        )


def _setup(setup: Setup, as_of: int) -> Iterator[str]:
    """Say one setup: what it is, where it is right and wrong, what came of others."""
    now = setup.now
    told = {"setup": capital(named(now)), "time": clock(now.began), "about": _about(setup)}
    if as_of > now.began:
        yield say(
            "{setup} since {time} ({span}): {about}", **told, span=figures.span(as_of - now.began)
        )
    else:
        yield say("{setup} since {time}: {about}", **told)
    yield _plan(now, setup.price)
    yield say("It ends when {why}.", why=say(now.invalidation)) if now.invalidation else ""
    yield from evidence(setup)


def in_short(setup: Setup) -> tuple[str, ...]:
    """Say what a setup is about, and where it is right and wrong."""
    return tuple(each for each in (capital(_about(setup)), _plan(setup.now, setup.price)) if each)


def evidence(setup: Setup) -> tuple[str, ...]:
    """Say what came of others like it, beside random times."""
    said = before(setup.kind, setup.followed)
    if setup.over:
        said = say("Counted {over}: {followed}", over=setup.over, followed=said)
    came = reached(setup.followed) if setup.now.target is not None else ""
    return tuple(each for each in (said, came) if each)


def _about(setup: Setup) -> str:
    now, price = setup.now, setup.price
    if now.kind is Kind.SWEEP and now.zone is not None:
        swept = say("price went through {zone}.", zone=zone_in_words(now.zone, price))
        return f"{swept} {say(_LACKS[now.phase])}" if now.phase in _LACKS else swept
    if now.kind is Kind.MAGNET and now.zone is not None:
        return say("{zone} draws the price.", zone=zone_in_words(now.zone, price))
    side = side_name(PositionSide.LONG if now.way.sign < 0 else PositionSide.SHORT)
    total = sum(fact.value for fact in now.facts if fact.name in (FIRST, AFTERWARDS))
    said = say(
        "{size} of {side} liquidated until it was confirmed.", size=figures.usd(total), side=side
    )
    if now.target is not None:
        said += " " + say("Ahead: {zone}.", zone=zone_in_words(now.target, price))
    return said


def _plan(now: Episode, price: float) -> str:
    """Say where it is right, where it is wrong, and what stands to be won for what is risked."""
    if now.target is None or now.stop is None or now.phase in _LACKS:
        return ""
    at = profit(now.target) if now.kind is Kind.MAGNET else now.target.near
    said = say("Target {target}, stop {stop}", target=_at(at, price), stop=_at(now.stop, price))
    if (found := risk(now, price)) is not None:
        ratio = f"{found[0] / found[1]:.1f}"
        said += ": " + say("{ratio} to win for 1 at risk", ratio=ratio)
    if now.kind is Kind.MAGNET:
        said += "; " + say("profit belongs before the cluster")
    return f"{said}."


def _at(at: float, price: float) -> str:
    return f"{figures.price(at)} ({figures.percent(at / price - 1, signed=True)})"


def _ended(now: Episode) -> str:
    return say(
        "{setup} of {time}, {why}", setup=named(now), time=clock(now.began), why=say(now.why_ended)
    )


def lines_of_all(reading: SetupsReading) -> tuple[str, ...]:
    """Say the setups of all coins in a line each, the most urgent first."""
    said = [say(SIMULATED)] if reading.simulated else []
    for place, each in enumerate(reading.current[:_COINS], 1):
        said.append(f"{place}. {_of_coin(each, reading.as_of)}")
    if (more := len(reading.current) - _COINS) > 0:
        said.append(say("And {count} more.", count=more))
    if reading.unproven:
        said.append(
            many(
                "{count} coin with a map that is unproven: of these only cascades.",
                "{count} coins with a map that is unproven: of these only cascades.",
                reading.unproven,
            )
        )
    if reading.waiting:
        said.append(ranking_words.waiting(reading.waiting))
    if reading.coins:
        held = many("{count} coin looked at", "{count} coins looked at", reading.coins)
    else:
        held = say("No coin is held here yet")
    said.append(say("{held}; ask for one, such as /setups BTC, and it is from then on.", held=held))
    said.append(say("Data to {time}; estimates, never exact.", time=clock(reading.as_of)))
    return tuple(said)


def _of_coin(setup: Setup, as_of: int) -> str:
    """Say one setup among those of all coins."""
    now = setup.now
    zone = now.target or now.zone
    about = (
        named(now),
        say(_PHASES[now.phase]) if now.phase in _PHASES else "",
        figures.span(as_of - now.began),
        zone_in_words(zone, setup.price) if zone is not None else "",
    )
    return say(
        "{coin}: {setup}; after others: {verdict}.",
        coin=setup.base,
        setup=", ".join(filter(None, about)),
        verdict=verdict(setup.followed),
    )


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
            *steps.step(say("Refresh"), f"{words(request.venues)} refresh"),
            *steps.step(say("Heatmap"), " ".join(("heatmap", found.symbol, *theme))),
            *steps.step(say("Explain"), f"explain {found.symbol}"),
            *steps.step(say("Backtest"), " ".join(("backtest", strategy, found.symbol, *theme))),
            *steps.step(say("All coins"), " ".join(("setups", *theme))),
        ),
    )


def _logging(reading: SetupsReading, request: PanelRequest, found: Found) -> list[Button]:
    """Offer to log a trade of each setup that is one; who presses is answered privately."""
    told = [each.now for each in reading.current[:_TOLD] if side_of(each.now) is not None]
    row: list[Button] = []
    for kind in dict.fromkeys(each.kind for each in told):
        name = NAMES[kind]
        label = say("Log trade")
        if len(told) > 1:
            label = say("Log {signal}", signal=signal_said(name))
        said = " ".join(("journal log", name, found.symbol, *request.venues))
        row += steps.step(label, said, fresh=True)
    return row


def buttons_of_all(reading: SetupsReading, request: PanelRequest) -> tuple[tuple[Button, ...], ...]:
    """Offer the first coins, and all of them anew."""
    theme = (request.theme,) if request.theme else ()
    coins: list[Button] = []
    for base in list(dict.fromkeys(each.base for each in reading.current))[:_COIN_BUTTONS]:
        coins += steps.step(base, " ".join(("setups", base, *theme)))
    return steps.rows(
        coins, steps.step(say("Refresh"), " ".join(("setups", *request.venues, *theme)))
    )
