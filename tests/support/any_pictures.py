"""Every picture, drawn of any market; what is slow to make is made a few times."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

from bot.core.arrays import HOUR, MINUTE
from bot.core.estimate.strips import BELOW, USUAL_BELOW
from bot.core.judge.accuracy import AccuracyReading
from bot.core.market.liquidations import PositionSide
from bot.core.panels.reading import Kind
from bot.core.signals.episode import Kind as Episodes
from bot.core.signals.setups import SetupChart
from bot.core.signals.squeeze import RankingReading, SqueezeReading, VenueRegime
from bot.core.watches.columns import About
from bot.core.watches.figures import Side
from bot.core.watches.mark import Mark
from bot.core.watches.previewed import WatchReading
from renderers import (
    accuracy,
    backtest,
    book,
    cascade,
    heatmap,
    liqs,
    panel,
    position,
    profile,
    ranking,
    setup,
    squeeze,
    watch_preview,
    whatif,
)
from renderers.canvas import HEIGHT, Canvas
from renderers.theme import Palette
from tests.support.accuracies import accuracy_reading
from tests.support.any_markets import Market, histories_of, map_of, market
from tests.support.flows import Venue, book_reading, liquidated_reading
from tests.support.own_positions import position_reading
from tests.support.panels import panel_of
from tests.support.setups import cascade_chart, magnet_chart, strategy_reading, sweep_chart
from tests.support.squeezes import ranking_reading, squeeze_reading, whatif_reading
from tests.support.watch_previews import watch_reading

_POOL = 12  # markets that are slow to make
_WATCHES = (
    "BTC funding > 0.03% and oi rising 4h",
    "BTC squeeze or funding < 0.004% until funding > 0.01% quiet 22:00-07:00",
    "BTC price > 100000",
    "BTC cascade",
)


def _heatmap(canvas: Canvas, of: Market, look: Palette) -> int:
    heatmap.draw(canvas, map_of(of.seed), look)
    return HEIGHT


def _marked(canvas: Canvas, of: Market, look: Palette) -> int:
    made = map_of(of.seed)
    ends = sorted(made.price * (1 + of.random.uniform(-0.1, 0.1, 2)))
    about = About(Side.BELOW, *ends) if of.chance(0.7) else None
    began = made.as_of - int(of.random.integers(0, 40)) * HOUR
    below = (BELOW, (), USUAL_BELOW, BELOW[:1], BELOW[2:])[of.seed % 5]
    heatmap.draw(canvas, made, look, Mark(began, "since", about), below)
    return HEIGHT


def _profile(canvas: Canvas, of: Market, look: Palette) -> int:
    profile.draw(canvas, map_of(of.seed), look)
    return HEIGHT


@cache
def _regime(place: int) -> SqueezeReading:
    strengths = (1.0, -1.0, 0.0, 0.4)[place % 4]
    surges = ((0.3, 20, -0.6), ((0.9, 1.0)[place % 2], 26, strengths))
    return squeeze_reading(surges=surges, days=(16, 40)[place % 3 > 0], seed=place, venues=("okx",))


def _squeeze(canvas: Canvas, of: Market, look: Palette) -> int:
    made = _regime(of.seed % _POOL)
    waiting = tuple(venue for venue in of.venues if of.chance(0.2))
    now = made.venues[0].reading
    made = replace(
        made,
        base=of.base,
        price=of.price,
        venues=tuple(VenueRegime(each, None if each in waiting else now) for each in of.venues),
        waiting=waiting,
        asked=(*of.venues, *of.failed),
        grade=of.grade,
        simulated=of.simulated,
    )
    if of.seed % 20 == 7:
        made = replace(made, reading=None, hours=())
    squeeze.draw(canvas, made, look)
    return squeeze.height(made)


@cache
def _ranked() -> RankingReading:
    return ranking_reading([f"COIN{at}" for at in range(7)])


def _ranking(canvas: Canvas, of: Market, look: Palette) -> int:
    some = of.random.permutation(7).tolist() * 3
    count = int(of.random.integers(0, 21))
    names = (of.base, *(market(of.seed + at).base for at in range(1, 21)))
    coins = tuple(
        replace(_ranked().coins[at], base=name)
        for at, name in zip(some[:count], names, strict=False)
    )
    waiting, new, old = of.random.integers(0, 400, 3).tolist()
    made = replace(_ranked(), coins=coins, simulated=of.simulated)
    made = replace(made, waiting=waiting, new=new, old=old)
    ranking.draw(canvas, made, look)
    return ranking.height(made)


def _liqs(canvas: Canvas, of: Market, look: Palette) -> int:
    others = tuple(market(of.seed + at).base for at in range(1, 12)) if of.chance(0.3) else ()
    made = liquidated_reading(
        of.base,
        price=of.price,
        venues=of.venues,
        others=tuple(dict.fromkeys(name for name in others if name != of.base)),
        failed=of.failed,
        count=int(of.random.choice([0, 1, 30])),
        usd=of.size(0, 9),
        deaf=float(of.random.choice([0.0, 0.3, 0.99])),
        seed=of.seed,
        simulated=of.simulated,
    )
    liqs.draw(canvas, made, look)
    return HEIGHT


def _book(canvas: Canvas, of: Market, look: Palette) -> int:
    venues = tuple(
        Venue(name, of.size(-3.5, -1), of.size(3, 11), int(of.random.choice([0, 0, 90_000])))
        for name in (of.venues if of.seed < _POOL else of.venues[:4])
    )
    near = [
        (float(away), of.size(3, 12))
        for away in of.random.uniform(-0.05, 0.05, int(of.random.integers(0, 9)))
    ]
    made = book_reading(
        of.base,
        price=of.price,
        venues=venues,
        failed=of.failed,
        seed=of.seed,
        walls=of.chance(0.7),
        traded=of.chance(0.7),
        clusters=tuple(near) if of.chance(0.8) else None,
        span=int(of.random.choice([2_000, 4 * MINUTE, 5 * HOUR])),
        simulated=of.simulated,
    )
    book.draw(canvas, made, look)
    return HEIGHT


def _panel(kind: Kind) -> "Draw":
    def draw(canvas: Canvas, of: Market, look: Palette) -> int:
        made = panel_of(kind, *histories_of(of), base=of.base, failed=of.failed)
        panel.draw(canvas, made, look)
        return panel.height(made)

    return draw


def _whatif(canvas: Canvas, of: Market, look: Palette) -> int:
    made = whatif_reading(
        float(of.random.choice([-1, 1])) * of.size(-3, -0.4),
        base=of.base,
        price=of.price,
        books=of.chance(0.8),
        grade=of.grade,
        simulated=of.simulated,
        usd=of.size(-9, 11),
        depth=of.size(-3, 1),
    )
    whatif.draw(canvas, replace(made, venues=of.venues, asked=of.venues + of.failed), look)
    return whatif.HEIGHT


def _position(canvas: Canvas, of: Market, look: Palette) -> int:
    value = of.size(1, 3.4)
    made = position_reading(
        PositionSide.LONG if of.chance(0.5) else PositionSide.SHORT,
        float(of.random.choice([1, 2.5, 5, 20])),
        entry=float(of.random.choice([0.7, 0.98, 1.0, 1.00001, 1.04, 1.5])),
        value=value,
        wallet=value * float(of.random.choice([0.4, 3])) if of.chance(0.4) else None,
        base=of.base,
        price=of.price,
        usd=of.size(-9, 11),
        grade=of.grade,
        simulated=of.simulated,
    )
    position.draw(canvas, replace(made, venues=of.venues, asked=of.venues + of.failed), look)
    return position.HEIGHT


def _setup(make: Callable[[Market], SetupChart]) -> "Draw":
    def draw(canvas: Canvas, of: Market, look: Palette) -> int:
        made = make(of)
        states = list(made.setup.states)
        if of.chance(0.4):
            stop = made.price * float(of.random.choice([0.6, 0.99, 1.0, 1.0001, 1.5]))
            states[-1] = replace(states[-1], stop=stop)
        made = replace(
            made,
            base=of.base,
            setup=replace(made.setup, states=tuple(states)),
            evidence=made.evidence * int(of.random.integers(0, 4)),
            grade=of.grade,
            venues=of.venues,
            asked=of.venues + of.failed,
            simulated=of.simulated,
        )
        if of.chance(0.2):
            made = replace(made, events=None, amounts=None)
        (cascade if made.setup.kind is Episodes.CASCADE else setup).draw(canvas, made, look)
        return HEIGHT

    return draw


def _backtest(canvas: Canvas, of: Market, look: Palette) -> int:
    made = strategy_reading(
        int(of.random.choice([0, 1, 5, 60])), simulated=of.simulated, price=of.price
    )
    made = replace(made, base=of.base, grade=of.grade)
    backtest.draw(canvas, replace(made, venues=of.venues, asked=of.venues + of.failed), look)
    return HEIGHT


@cache
def _scores(place: int) -> AccuracyReading:
    return accuracy_reading(
        count=(1, 5, 80, 700)[place % 4],
        skill=(-1.0, 0.0, 0.7)[place % 3],
        coverage=(1e-6, 0.5, 1e4)[place // 2 % 3],
        seed=place,
    )


def _accuracy(canvas: Canvas, of: Market, look: Palette) -> int:
    made = replace(_scores(of.seed % _POOL), base=of.base, simulated=of.simulated)
    accuracy.draw(canvas, replace(made, venues=of.venues), look)
    return accuracy.HEIGHT


@cache
def _watched(place: int) -> WatchReading:
    return watch_reading(
        _WATCHES[place % len(_WATCHES)],
        days=(4, 12, 20)[place % 3],
        price=(1.2e-5, 0.4, 97_000.0)[place // 2 % 3],
        seed=place,
    )


def _watch(canvas: Canvas, of: Market, look: Palette) -> int:
    made = replace(_watched(of.seed % _POOL), base=of.base, simulated=of.simulated)
    told_by, asked = of.venues, of.venues + of.failed
    words = made.words.replace("BTC", of.base)
    watch_preview.draw(canvas, replace(made, words=words, told=told_by, asked=asked), look)
    return watch_preview.HEIGHT


# What draws a market on a canvas, and returns how high the picture is [px].
Draw = Callable[[Canvas, Market, Palette], int]

PICTURES: dict[str, Draw] = {
    "heatmap": _heatmap,
    "heatmap of an episode": _marked,
    "map": _profile,
    "squeeze": _squeeze,
    "ranking": _ranking,
    "liqs": _liqs,
    "book": _book,
    "funding": _panel(Kind.FUNDING),
    "open interest": _panel(Kind.INTEREST),
    "ratio": _panel(Kind.RATIO),
    "whatif": _whatif,
    "position": _position,
    "sweep": _setup(
        lambda of: sweep_chart(scale=of.price / 87_000, phases=int(of.random.integers(1, 5)))
    ),
    "magnet": _setup(lambda of: magnet_chart(scale=of.price / 92)),
    "cascade": _setup(
        lambda of: cascade_chart(scale=of.price / 92, over=of.chance(0.5), usd=of.size(-2, 6))
    ),
    "backtest": _backtest,
    "accuracy": _accuracy,
    "watch": _watch,
}
