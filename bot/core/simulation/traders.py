"""Who trades in a simulated market: habits of classes of traders, and how one arrival is drawn.

Nothing here was taken from an estimate, and nothing here may be read by one. The figures are a
belief about how crowds trade, argued line by line; what the market then shows (turnover, share
of open interest liquidated, tails) is what was compared with recorded markets.
"""

from dataclasses import dataclass

import numpy as np

from bot.core.arrays import DAY, HOUR, Floats, floats


@dataclass(frozen=True, slots=True)
class Habit:
    """How one class of traders trades; shares are fractions of its accounts."""

    name: str
    accounts: float  # open at one time in a quiet market, before stops and liquidations [1]
    worth: float  # share of the target open interest, both sides counted, that they hold
    spread: float  # standard deviation of log position value
    lifetime: int  # [ms] mean, if nothing closes the position first
    leverage: tuple[float, ...]  # the choices, stops of venues' sliders
    liking: tuple[float, ...]  # share that takes each choice on a calm large market
    isolated: float  # share on isolated margin; the others are cross
    backing: float  # log of how much more than the margin a cross account holds, median
    stops: float  # share with a stop-loss
    takes: float  # share with a take-profit
    tops_up: float  # share that adds margin when liquidation comes near
    taker: float  # share of openings that take from the book instead of waiting in it
    bias: float  # log odds of being long in a market without direction
    chase: float  # of log odds, to the move of the last hours
    follow: float  # of log odds, to the move of the last days
    herd: float  # of log odds, to the mood that all share
    absorb: float  # of log odds, towards the side the market makers want to be rid of


# Small accounts: venues say most accounts use 10x or more and hold little of the open interest.
# They chase the last move, favour longs, seldom outlive a day, and half of them trust no stop.
RETAIL = Habit(
    "retail",
    accounts=1200,
    worth=0.04,
    spread=0.9,
    lifetime=9 * HOUR,
    leverage=(5.0, 10.0, 20.0, 25.0, 50.0, 75.0, 100.0, 125.0),
    liking=(0.08, 0.20, 0.24, 0.12, 0.20, 0.06, 0.08, 0.02),
    isolated=0.75,
    backing=0.35,
    stops=0.45,
    takes=0.35,
    tops_up=0.15,
    taker=0.70,
    bias=1.0,
    chase=0.55,
    follow=0.25,
    herd=0.5,
    absorb=6.0,
)
# Days to weeks, moderate leverage, a plan with a stop more often than not.
SWING = Habit(
    "swing",
    accounts=3600,
    worth=0.42,
    spread=0.7,
    lifetime=3 * DAY,
    leverage=(2.0, 3.0, 5.0, 8.0, 10.0, 15.0, 20.0, 25.0),
    liking=(0.09, 0.20, 0.28, 0.10, 0.19, 0.05, 0.07, 0.02),
    isolated=0.50,
    backing=0.5,
    stops=0.45,
    takes=0.30,
    tops_up=0.20,
    taker=0.45,
    bias=0.4,
    chase=-0.15,
    follow=0.55,
    herd=0.4,
    absorb=9.0,
)
# Few, large, cross margin: a venue where every account is public shows about 7x nominal, with
# much more collateral behind it. They accumulate against the crowd's last move.
WHALE = Habit(
    "whale",
    accounts=800,
    worth=0.33,
    spread=0.6,
    lifetime=9 * DAY,
    leverage=(2.0, 3.0, 5.0, 7.0, 10.0, 20.0),
    liking=(0.15, 0.20, 0.25, 0.20, 0.12, 0.08),
    isolated=0.05,
    backing=1.0,
    stops=0.15,
    takes=0.20,
    tops_up=0.40,
    taker=0.30,
    bias=0.10,
    chase=-0.30,
    follow=0.25,
    herd=-0.2,
    absorb=9.0,
)
# Short against coins they own, or long against a short elsewhere, for the funding: no leverage.
HEDGER = Habit(
    "hedger",
    accounts=600,
    worth=0.31,
    spread=0.7,
    lifetime=14 * DAY,
    leverage=(1.0, 1.5, 2.0),
    liking=(0.75, 0.15, 0.10),
    isolated=0.0,
    backing=0.3,
    stops=0.0,
    takes=0.0,
    tops_up=0.9,
    taker=0.20,
    bias=-0.9,
    chase=0.0,
    follow=0.0,
    herd=0.0,
    absorb=25.0,
)
HABITS = (RETAIL, SWING, WHALE, HEDGER)

# A stop is set at a distance the trader finds usual for his horizon, a take-profit somewhat
# farther, and no stop is set so near the liquidation that it would be of no use.
STOP_AT, TAKE_AT = 0.9, 1.3  # median, in standard deviations of the price over the lifetime
PLAN_SPREAD = 0.5  # standard deviation of its log
STOP_INSIDE = 0.92  # of the log distance to liquidation, at most

FAR = 700.0  # in log price: as good as never, and exp() still holds it
_TINY = 1e-300

# Powers of leverage beyond which all but one choice is all but forgotten, and how exact one is.
_MOST_LEANING, _LEANING_STEP = 8.0, 1e-9


def liquidation_level(
    side: Floats, entry: Floats, value: Floats, wallet: Floats, rate: Floats, deduction: Floats
) -> Floats:
    """Log mark price at which a linear position is liquidated; -FAR for a long that cannot be.

        P = E (s V - W - c) / (V (s - m))

    s side, E entry price (`entry` is its log), V value at entry, W wallet, m rate and c
    deduction of the bracket: equity W + s q (P - E) has fallen to the maintenance margin
    q P m - c. A long at twice its own money, without maintenance margin, is gone at half price.

    >>> one = np.ones(1)
    >>> np.exp(liquidation_level(one, 0 * one, 100 * one, 50 * one, 0 * one, 0 * one))
    array([0.5])
    """
    ratio = (side * value - wallet - deduction) / (value * (side - rate))
    level = entry + np.log(np.maximum(ratio, _TINY))
    return np.where(ratio > _TINY, level, -FAR)


def leaning(leverage: Floats, liking: Floats, times: float) -> Floats:
    """Shares that take each choice of leverage in a market where `times` the leverage is usual.

    Venues take whole numbers and their sliders stop at round ones, so that on a wilder coin nobody
    trades at 0.6 times 20x: more take 10x. Liking is shifted by a power of the leverage until its
    geometric mean is `times` as high, or as near to that as the choices allow. All have shape (C,).

    >>> leaning(np.array([5.0, 10.0, 20.0]), np.array([0.2, 0.4, 0.4]), 0.7).round(2)
    array([0.47, 0.38, 0.15])
    """
    shares = floats(liking / liking.sum())
    steps = np.log(leverage)
    wanted = float(shares @ steps) + np.log(times)
    weakest, strongest = -_MOST_LEANING, _MOST_LEANING
    while strongest - weakest > _LEANING_STEP:
        power = (weakest + strongest) / 2
        leant = shares * leverage**power
        leant /= leant.sum()
        if float(leant @ steps) < wanted:
            weakest = power
        else:
            strongest = power
    return shares if times == 1 else floats(leant)


class Crowd:
    """The habits as arrays, one row for each class, so that arrivals of all are drawn at once."""

    def __init__(
        self, habits: tuple[Habit, ...], scale: float, daily_volatility: float, many: float = 1.0
    ) -> None:
        """`scale` times the leverage is usual, and `many` times the accounts hold the same in all.

        Stops and targets follow the usual volatility.
        """
        self.habits = habits
        column = {
            name: np.array([getattr(habit, name) for habit in habits], dtype=np.float64)
            for name in Habit.__dataclass_fields__
            if name not in {"name", "leverage", "liking"}
        }
        self.accounts = column["accounts"] * many
        self.lifetime = column["lifetime"]
        self.spread = column["spread"]
        self.share = column["worth"] / self.accounts  # of the target, by account
        self.isolated, self.backing = column["isolated"], column["backing"]
        self.stops, self.takes, self.tops_up = column["stops"], column["takes"], column["tops_up"]
        self.taker, self.bias, self.herd = column["taker"], column["bias"], column["herd"]
        self.chase, self.follow = column["chase"], column["follow"]
        self.absorb = column["absorb"]
        # What the price usually does while such a position is open [log price].
        self.horizon = daily_volatility * np.sqrt(self.lifetime / DAY)
        width = max(len(habit.leverage) for habit in habits)
        self.leverage = np.ones((len(habits), width))
        self.liking = np.ones((len(habits), width))  # cumulative
        for row, habit in enumerate(habits):
            count = len(habit.leverage)
            choices = np.array(habit.leverage)
            self.leverage[row, :count] = choices
            liking = leaning(choices, np.array(habit.liking), scale)
            self.liking[row, : count - 1] = np.cumsum(liking)[:-1]
