"""What the desk needs from the world, in the desk's own words."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from bot.core.estimate.calibration import Calibration
from bot.core.estimate.maps import LiquidationMap
from bot.core.evidence.occurrences import Occurrence
from bot.core.instruments import Instrument
from bot.core.judge.scored import Scored
from bot.core.language import Said
from bot.core.market.depth import OrderBook, Trades
from bot.core.market.heard import Heard
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import Liquidations
from bot.core.market.offer import Offer
from bot.core.market.summary import Summary
from bot.core.signals.episode import Kind
from bot.core.signals.events import Look


class Clock(Protocol):
    """The time that questions are judged by."""

    def now(self) -> int:
        """Return the time [ms] UTC."""
        ...


class MarketSource(Protocol):
    """Where markets come from: simulated, replayed, live, or several of these together."""

    name: str  # for logs and `/status`: "sim", "replay", "live", "binance"
    simulated: bool

    def now(self, instrument: Instrument | None = None) -> int:
        """Return the market's own time [ms] UTC: wall clock, a recording's end, a sim's clock.

        Recordings may end at different times, so one instrument's own may be asked for.
        """
        ...

    async def instruments(self) -> Sequence[Instrument]:
        """List the perpetuals on offer. MarketUnavailable if no venue can say."""
        ...

    async def history(self, instrument: Instrument, since: int) -> MarketHistory:
        """Gather what was observed from `since` [ms] to now. MarketUnavailable, MalformedData.

        A series that the venue does not give, or did not give this time, is None.
        """
        ...

    def liquidations(self, instruments: Sequence[Instrument]) -> AsyncIterator["LiveLiquidations"]:
        """Follow liquidations as they happen, for ever; reconnects by itself."""
        ...

    def heard(self, instrument: Instrument) -> Heard:
        """Say when the feeds that now follow a market have been heard without a break.

        What they heard was handed out moments later at the latest. A feed that is cut off is not
        in it any more, so that whoever wants to know looks every few seconds.
        """
        ...

    async def summaries(self) -> Mapping[Instrument, Summary]:
        """Tell of all markets in a line each: price, turnover, open interest now, funding now.

        Markets of a venue that does not answer are left out, and the venue is in `failures`.
        NothingAnswered, MarketUnavailable.
        """
        ...

    async def book(self, instrument: Instrument) -> OrderBook:
        """Return the order book as it stands, as deep as it is told. MarketUnavailable."""
        ...

    async def trades(self, instrument: Instrument) -> Trades:
        """Return the latest trades that are told. MarketUnavailable."""
        ...

    def offers(self) -> Sequence[Offer]:
        """Say of each venue what it offers, without asking it."""
        ...

    def failures(self) -> Mapping[str, str | Said]:
        """Say of each exchange that could not be reached at the last try, why: "HTTP 451"."""
        ...

    async def close(self) -> None:
        """Let go of every connection."""
        ...


@runtime_checkable
class ListedInParts(Protocol):
    """A source that knows what some venues list before the others have answered."""

    def listed(self) -> tuple[Sequence[Instrument], Sequence[str]]:
        """Return what has been listed so far, and the venues that have not answered yet."""
        ...


@dataclass(frozen=True, slots=True)
class LiveLiquidations:
    """Some liquidations of one market, as they came in together."""

    instrument: Instrument
    events: Liquidations


@dataclass(frozen=True, slots=True)
class Past:
    """What a venue still knows of a stretch of time that is over; its candles may be none.

    A series that is None is not told of that stretch, unless it is in `failed`.
    """

    history: MarketHistory
    failed: tuple[str, ...]  # series that did not answer this time: "open interest", ...
    never: tuple[str, ...] = ()  # series whose past this venue does not tell, whatever the stretch


@runtime_checkable
class PastSource(Protocol):
    """Where stretches of the past come from, to be gathered one by one."""

    def now(self, instrument: Instrument | None = None) -> int:
        """Return the time [ms] UTC."""
        ...

    async def past(self, instrument: Instrument, start: int, end: int) -> Past:
        """Gather what is still known of start..end [ms]. UnknownSymbol, MarketUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """What one chat prefers; None means the bot's default."""

    theme: str | None = None  # "dark" or "light"
    window: str | None = None
    venues: tuple[str, ...] | None = None
    panels: tuple[str, ...] | None = None  # below a heatmap: "oi", "funding", "liqs"; () is none


@dataclass(frozen=True, slots=True)
class KeptMap:
    """A map that was shown, with what is needed to draw and to judge it again."""

    market: str  # an instrument's key, or keys joined by " + "
    map: LiquidationMap
    model: str  # version of the estimate and of its parameters
    data_hash: str  # of the history it was made from


@dataclass(frozen=True, slots=True)
class KeptCalibration:
    """What was learnt of a market, with what it was learnt by and from."""

    model: str  # version of the estimate and of its parameters
    day: int  # [ms] UTC, begin of the day that was last learnt from
    learnt: Calibration


class HistoryStore(Protocol):
    """Remembered series of markets."""

    async def load(self, instrument: Instrument, since: int) -> MarketHistory | None:
        """Return what is remembered from `since` [ms] on; None if no candle is."""
        ...

    async def save(self, history: MarketHistory) -> None:
        """Remember a history; rows already there are replaced by the newer ones."""
        ...

    async def save_liquidations(
        self, instrument: Instrument, events: Liquidations, heard: Heard
    ) -> None:
        """Remember liquidations as they come, and when they were listened to."""
        ...

    async def followed(self, since: int) -> Sequence[Instrument]:
        """Name the markets whose liquidations were listened to at `since` [ms] or later."""
        ...


@dataclass(frozen=True, slots=True)
class Collected:
    """A market that is kept current, whether or not somebody waits for it."""

    instrument: Instrument
    asked: int  # [ms] UTC, when somebody last asked for it


class CollectionStore(Protocol):
    """Which markets are kept current, and what of their past the venues have been asked for."""

    async def collected(self) -> Sequence[Collected]:
        """Name the markets that are kept current, the one asked for last first."""
        ...

    async def adopt(self, markets: Sequence[Collected]) -> None:
        """Remember that markets are kept current, and when they were asked for."""
        ...

    async def drop(self, markets: Sequence[Instrument]) -> None:
        """Remember that markets are no longer kept current."""
        ...

    async def sought(self, instrument: Instrument) -> Mapping[str, Heard]:
        """Say of each series of which stretches the venue has told all that it has."""
        ...

    async def seek(self, instrument: Instrument, sought: Mapping[str, Heard]) -> None:
        """Remember stretches instead of those remembered of the same series."""
        ...


class MapStore(Protocol):
    """Maps that were shown."""

    async def keep(self, kept: KeptMap) -> int:
        """Keep a map; returns its number. Keeping the same market, time and model twice is one."""
        ...

    async def kept(self, market: str, since: int) -> Sequence[KeptMap]:
        """Return a market's maps from `since` [ms] on, oldest first."""
        ...


class ScoreStore(Protocol):
    """What maps said of intervals that are over, beside what came."""

    async def add(self, market: str, model: str, rows: Scored) -> None:
        """Remember intervals of a market, by its instrument's key; what is there already stands."""
        ...

    async def scored(self, market: str, since: int) -> Scored | None:
        """Return a market's intervals that began at `since` [ms] or later; None if there is none.

        Of several lengths of interval, or several models, those of the one added last.
        """
        ...


class EstimateStore(Protocol):
    """Estimates to go on from after a restart, and what was learnt of markets day by day."""

    async def save(self, instrument: Instrument, time: int, body: bytes) -> None:
        """Keep a market's estimate as it stood at `time` [ms], instead of the one kept before."""
        ...

    async def load(self, instrument: Instrument) -> bytes | None:
        """Return the estimate of a market that was kept last; None if there is none."""
        ...

    async def learn(self, kept: KeptCalibration) -> None:
        """Keep what was learnt of a market until a day; the first record of a day stands."""
        ...

    async def learnt(self, instrument: Instrument, since: int) -> Sequence[KeptCalibration]:
        """Return what was learnt of a market until days from `since` [ms] on, oldest first."""
        ...


@dataclass(frozen=True, slots=True)
class GoneThrough:
    """A stretch of a market's past in which episodes were looked for: all that began is known."""

    market: str  # an instrument's key, or keys joined by " + "
    model: str  # what episodes were found by
    since: int  # [ms] UTC
    until: int  # [ms] UTC
    data: str = ""  # fingerprint of the history; "" where it was followed live


class EpisodeStore(Protocol):
    """Episodes of signals with what followed them, and hourly looks at maps; nothing simulated."""

    async def keep(
        self,
        gone: GoneThrough,
        found: Sequence[Occurrence],
        *,
        instead: tuple[int, int] | None = None,
    ) -> None:
        """Remember episodes of a market as they stand, and the stretch that was gone through.

        The stretch takes the place of those it overlaps; the caller has it cover them. What was
        known to have begun in `instead` (from and until [ms]) is forgotten first.
        """
        ...

    async def gone_through(self, market: str, model: str) -> Sequence[GoneThrough]:
        """Return the stretches of a market that were gone through, oldest first; none overlap."""
        ...

    async def of_market(self, market: str, model: str) -> Sequence[Occurrence]:
        """Return all that is remembered of a market, in the order in which it began."""
        ...

    async def of_kind(self, kind: Kind, model: str) -> Sequence[Occurrence]:
        """Return all that is remembered of a kind, on all markets, in the order of time."""
        ...

    async def keep_looks(self, market: str, model: str, looks: Sequence[Look]) -> None:
        """Remember looks at a market's map; what is there already stands."""
        ...

    async def looks(self, market: str, model: str, since: int) -> Sequence[Look]:
        """Return the looks at a market's map from `since` [ms] on, oldest first."""
        ...


class SettingsStore(Protocol):
    """What chats prefer, and copies of pictures they have uploaded."""

    async def settings(self, chat: str) -> ChatSettings:
        """Return a chat's settings, the defaults if it has none; `chat` is "telegram:-100123"."""
        ...

    async def change(self, chat: str, settings: ChatSettings) -> None:
        """Replace a chat's settings."""
        ...

    async def uploaded(self, platform: str, key: str) -> str | None:
        """Return the platform's file id for a picture already uploaded."""
        ...

    async def remember_upload(self, platform: str, key: str, file_id: str) -> None:
        """Remember a platform's file id for a picture."""
        ...
