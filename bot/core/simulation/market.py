"""A simulated perpetual market that is stepped on, and whose every position is known."""

import math
from zlib import crc32

import numpy as np

from bot.core.arrays import DAY, HOUR, MINUTE, Floats
from bot.core.instruments import Instrument
from bot.core.simulation import accounts, plans, tape
from bot.core.simulation.arrivals import draw, long_odds, placed
from bot.core.simulation.book import Book
from bot.core.simulation.dealers import Dealers
from bot.core.simulation.genesis import past, populate
from bot.core.simulation.mood import Mood
from bot.core.simulation.path import Quotes, Walk, Why
from bot.core.simulation.record import Record
from bot.core.simulation.styles import Style, style_brackets
from bot.core.simulation.traders import HABITS, Crowd
from bot.core.simulation.underlying import Followed, News, Underlying

START = 1_767_225_600_000  # [ms] 2026-01-01 00:00 UTC
STEP = 5 * MINUTE
SUBSTEP = 15_000  # [ms]
FUNDING_EVERY = 8 * HOUR

_PREMIUM_HALF = 3 * MINUTE  # arbitrage with other venues
_LEAN = 0.006  # premium [log price] by which dealers short of all open interest would quote
_MOOD_PAYS = 0.0003  # premium [log price] that a crowd in a mood pays
_SHAKE = 0.12  # of the usual move of a step: noise of quotes in each substep, soon forgotten
_THIN = 0.5  # power of restlessness by which books thin out
_REACH = 3.0  # usual moves of a step within which levels are looked at first
_FUNDING_CLAMP, _FUNDING_CALM, _FUNDING_CAP = 0.0002, 0.0001, 0.0075
_NARROWEST = 1e-9  # [log price] range of a bar in which nothing moved
_SLICE, _SLICE_GAP = 2.5e-5, 250.0  # of the open interest in one forced order; [ms] to the next


class Market:
    """One venue's perpetual; the same arguments give the same market, however it is stepped.

    `leader` is another Market of equal start and step that this one's price follows, and which
    must have been stepped before this one is. `leverage` times the style's is usual among
    traders, who are `crowd` times as many, each with the less: a large crowd's map is smoother,
    and takes longer.
    """

    def __init__(
        self,
        style: Style,
        seed: int,
        *,
        instrument: Instrument | None = None,
        start: int = START,
        step: int = STEP,
        price: float | None = None,
        open_interest: float | None = None,
        leader: "Market | None" = None,
        leverage: float = 1.0,
        crowd: float = 1.0,
    ) -> None:
        if step % SUBSTEP or start % step:
            raise ValueError("a step is a whole number of substeps, and the start of steps")
        self.style = style
        self.instrument = instrument or Instrument("sim", style.base, "USDT", "USDT")
        self.step_length = step
        substeps = step // SUBSTEP
        self.record = Record(start, step, substeps)
        self.target = open_interest or style.open_interest  # [quote]
        self.brackets = style_brackets(style, self.target)
        self.crowd = Crowd(HABITS, style.leverage * leverage, style.volatility, crowd)
        mix = np.random.SeedSequence([seed, crc32(style.name.encode())])
        self._rng, news, arriving, dealers = (np.random.default_rng(s) for s in mix.spawn(4))
        self._mood = Mood(style, arriving, step)
        self.past: Floats = leader.past if leader else past(style, price or style.price, news)
        self._underlying: Underlying = (
            Followed(leader) if leader else News(style, news, step, substeps)
        )
        self._lasting = 0.0 if leader else style.lasting
        self.book = Book()
        populate(self.book, self.crowd, self.past, self.target, self.brackets, arriving)
        self._spot = float(self.past[0])
        self._premium = 0.0
        self._price = self._spot  # log
        self._net = self.book.net()  # [base] traders' longs less their shorts
        self.dealers = Dealers(-self._net, self.target / math.exp(self._spot), dealers)
        self.ledger = accounts.Ledger(deposited=accounts.equity(self.book, self.price))
        self._premiums = [0.0]
        self._usual = style.volatility * math.sqrt(step / DAY)
        self._hour_ago = self._spot

    @property
    def time(self) -> int:
        """End of the last step [ms] UTC."""
        return self.record.start + self.record.bars.count * self.step_length

    @property
    def price(self) -> float:
        """Last price [quote/base]."""
        return math.exp(self._price)

    @property
    def restless(self) -> float:
        """Volatility now, as a multiple of the usual."""
        return self._underlying.restless

    @property
    def open_interest(self) -> float:
        """Sum of all longs [base]; that of all shorts is the same."""
        held = float(self.book["quantity"].sum())
        return (held + self._net) / 2 + self.dealers.longs

    def increments(self, time: int) -> Floats:
        """Log price increments traded through in the step that began at `time`, shape (M,)."""
        place = (time - self.record.start) // self.step_length
        if not 0 <= place < self.record.bars.count:
            raise ValueError("a market was stepped past the one it follows")
        last = self.record.trails.rows[place, 0::3]
        opened = self.record.bars.rows[place, 0]
        return np.diff(np.log(last), prepend=math.log(opened))

    def step(self, count: int = 1) -> None:
        """Go on by `count` steps."""
        for _ in range(count):
            self._step()

    def _step(self) -> None:
        time, before = self.time, self._price
        if time % FUNDING_EVERY == 0 and self.record.bars.count:
            self._settle_funding(time)
        if time % HOUR == 0:
            accounts.drift(self.book, self.ledger, self._price - self._hour_ago, self._rng)
            self._hour_ago = self._price
        accounts.top_up(self.book, self.ledger, self._price, self.step_length, self._rng)
        moves = self._underlying.moves(time)
        inventory = -self._net * self.price / self.target
        drawn = self._arrivals(inventory, float(moves.sum()) / self._usual)
        self._settle(self._walk(moves, drawn, inventory), drawn, time)
        self._underlying.saw(self._price - before)

    def _arrivals(self, inventory: float, coming: float) -> dict[str, Floats]:
        sentiment = self._mood.sentiment(inventory)
        usual = self.crowd.accounts / self.crowd.lifetime * self.step_length
        counts = self._rng.poisson(usual * self._mood.arrivals(self.restless, coming))
        habit = np.repeat(np.arange(len(counts)), counts)
        odds = long_odds(self.crowd, sentiment)
        return draw(self.crowd, habit, odds, self.target, self.brackets, self._rng)

    def _walk(self, moves: Floats, drawn: dict[str, Floats], inventory: float) -> Walk:
        """Let the price take its way through the step, with all that is meant to happen there."""
        usual, restless, substeps = self._usual, self.restless, len(moves)
        push = self.style.impact / self.target
        leave = plans.leaving(self.book, self._price, restless, self.step_length)
        orders, openings = plans.orders(self.book, drawn, leave, self.price, substeps, self._rng)
        lean = _MOOD_PAYS * self._mood.sentiment(inventory).mood - _LEAN * inventory
        keep, thin = 0.5 ** (SUBSTEP / _PREMIUM_HALF), max(restless, 0.5) ** _THIN
        quotes = Quotes(lean, keep, self._lasting * push, (1 - self._lasting) * push * thin)
        noise = self._rng.standard_normal(substeps) * (_SHAKE * usual * restless)
        reach = _REACH * usual * max(restless, 1.0)
        walk = Walk(self._spot, self._premium, quotes, reach, self.book)
        walk.run(moves.tolist(), noise.tolist(), orders, openings, SUBSTEP)
        return walk

    def _settle(self, walk: Walk, drawn: dict[str, Floats], time: int) -> None:
        """Bring the accounts up to date with what happened on the way, and record it."""
        book, opened_at, closings = self.book, self.price, walk.closings
        added = placed(drawn, np.array(walk.entries))
        book.add(added)
        rows = np.array([closing.row for closing in closings], dtype=np.intp)
        why = np.array([closing.why for closing in closings], dtype=np.intp)
        fill = np.exp(np.array([closing.price for closing in closings]))
        at = time + np.array([closing.time for closing in closings], dtype=np.float64)
        side, quantity = book.column("side", rows), book.column("quantity", rows)
        left = book.column("wallet", rows) + side * (quantity * fill - book.column("value", rows))
        forced = why == Why.LIQUIDATION
        self.ledger.deposited += float(added["wallet"].sum())
        self.ledger.withdrawn += float(left[~forced].sum())
        self.ledger.insurance += float(left[forced].sum())
        spent = float((added["side"] * added["value"]).sum() - (side * quantity * fill).sum())
        trades = tape.traded(added, drawn["taker"], side, quantity, why)
        book.remove(rows)
        self._spot, self._premium, self._price = walk.spot, walk.premium, walk.price
        self._premiums.append(walk.premium)
        self._net = book.net()
        self.dealers.trade(-self._net, -spent, opened_at, self.price)
        liquidated = np.column_stack((at, side, fill, quantity))[forced]
        self._note_liquidations(liquidated)
        share = float((liquidated[:, 2] * liquidated[:, 3]).sum()) / self.target
        self._mood.saw(self._price - math.log(opened_at), share)
        self._note_bar(walk, opened_at, trades)

    def _note_liquidations(self, rows: Floats) -> None:
        if len(rows) == 0:
            return
        rows = rows[np.argsort(rows[:, 0], kind="stable")]
        self.record.forced.add(rows)
        end = float(self.time + self.step_length)
        self.record.orders.add(tape.slices(rows, _SLICE * self.target, _SLICE_GAP, end))

    def _note_bar(self, walk: Walk, opened_at: float, trades: tuple[float, float]) -> None:
        price = self.price
        last, low, high = np.exp(np.array(walk.trail)).T
        # exp() may differ in the last digit by where a number stands in an array.
        low, high = np.minimum(low, last), np.maximum(high, last)
        lowest = min(float(low.min()), opened_at, price)
        highest = max(float(high.max()), opened_at, price)
        width = max(math.log(highest / lowest), _NARROWEST)
        turnover = self.style.turnover * self.target / price * self.step_length / DAY
        move = math.log(price / opened_at)
        churned, bought = tape.churn(turnover, self._usual, width, move, self._rng)
        longs = max(int((self.book["side"] > 0).sum()), 1)
        ratio = longs / max(self.book.count - longs, 1)
        bar = (opened_at, highest, lowest, price, trades[0] + churned, trades[1] + bought)
        self.record.bars.add(np.array([[*bar, self.open_interest, ratio]]))
        self.record.trails.add(np.column_stack((last, low, high)).reshape(1, -1))

    def _settle_funding(self, time: int) -> None:
        premium = sum(self._premiums) / len(self._premiums)
        self._premiums = []
        towards = min(max(_FUNDING_CALM - premium, -_FUNDING_CLAMP), _FUNDING_CLAMP)
        rate = min(max(premium + towards, -_FUNDING_CAP), _FUNDING_CAP)
        paid = accounts.pay_funding(self.book, rate, self.price)
        paid += self.dealers.pay(rate, self.price)
        self.ledger.insurance += paid  # rounding alone: longs pay exactly what shorts receive
        self.record.funding.add(np.array([[float(time), rate]]))
