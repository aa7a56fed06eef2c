"""Whoever cannot see a picture is told what it says: which coin, which figure, and if invented."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.core.watches.columns import About
from bot.core.watches.figures import Side
from bot.core.watches.mark import Mark
from bot.desk import (
    backtest_words,
    book_words,
    caption,
    liqs_words,
    ranking_words,
    setups_words,
    squeeze_words,
)
from bot.desk.caption import SIMULATED
from bot.desk.requests import Asker, BacktestRequest
from bot.reply import ALT, described
from bot.settings import settings
from bot.wiring import house
from tests.support.any_markets import SEEDS, map_of, market
from tests.support.flows import book_reading, liquidated_reading
from tests.support.readings import reading
from tests.support.setups import cascade_chart, strategy_reading, sweep_chart
from tests.support.setups_told import setups_reading
from tests.support.squeezes import ranking_reading, squeeze_reading

# What is asked of a simulated house, and a figure that its picture shows.
ASKED = {
    "heatmap BTC": r"\$\d",
    "map BTC": r"\$\d",
    "funding BTC": r"\d %",
    "oi BTC": r"\$\d",
    "ratio BTC": r"\d\.\d",
    "liqs BTC": r"\$\d",
    "liqs": r"\$\d",
    "whatif BTC -3%": r"\$\d",
    "position BTC long 90000 10x": r"\d,\d{3}",
    "watch BTC funding > 0.001%": r"\d",
}


def told(alt: str, coin: str, figure: str, *, simulated: bool) -> None:
    """Hold a description against what its picture says."""
    assert coin in alt
    assert re.search(figure, alt)
    assert (SIMULATED in alt) is simulated
    assert len(alt.encode("utf-16-le", "surrogatepass")) // 2 <= ALT


@pytest.mark.timeout(120)
async def test_every_picture_of_a_simulated_market_says_so_in_words(tmp_path: Path) -> None:
    kept = SecretStr(f"sqlite:///{tmp_path / 'kept.db'}")
    chosen = settings(None).model_copy(update={"history_days": 2, "database_url": kept})
    async with house(chosen, "sim", watch=True) as standing:
        for place, (words, figure) in enumerate(ASKED.items()):
            reply = await standing.listener.answer(words, Asker(f"chat:{place}", f"user:{place}"))
            assert reply.image is not None, (words, reply.text())
            coin = "BTC" if "BTC" in words else "coin"
            told(reply.image.alt, coin, figure, simulated=True)


def test_maps_of_any_market_are_told_in_words() -> None:
    for seed in SEEDS[::5]:
        of, made = market(seed), map_of(seed)
        for profile in (False, True):
            alt = caption.alt(made, profile=profile)
            told(alt, of.base, r"\d", simulated=of.simulated)


@pytest.mark.parametrize("simulated", [True, False])
def test_what_an_episode_is_marked_by_comes_before_all_but_simulated(*, simulated: bool) -> None:
    made = reading(simulated=simulated)
    mark = Mark(made.as_of, "since", About(Side.BELOW, 94_089.0, 94_750.0))
    alt = caption.alt(made, profile=False, mark=mark)
    told(
        alt,
        "BTC",
        r"\. Marked: since 16:23 UTC, the cluster at 94,089–94,750\. ",
        simulated=simulated,
    )
    bare = caption.alt(made, profile=False, mark=Mark(made.as_of, "since"))
    assert "Marked: since 16:23 UTC. " in bare
    assert "Marked" not in caption.alt(made, profile=False)


@pytest.mark.parametrize("simulated", [True, False])
@pytest.mark.parametrize(
    "make", [sweep_chart, cascade_chart], ids=lambda make: str(getattr(make, "__name__", ""))
)
def test_a_setup_that_is_drawn_is_told_first(
    make: Callable[..., object], *, simulated: bool
) -> None:
    made = (
        sweep_chart(simulated=simulated)
        if make is sweep_chart
        else cascade_chart(simulated=simulated)
    )
    alt = setups_words.alt(setups_reading(made), made.setup)
    told(alt, made.base, r"price \d", simulated=simulated)
    assert alt.startswith(f"{made.base} {setups_words.named(made.setup.now)} since ")


@pytest.mark.parametrize("simulated", [True, False])
def test_other_pictures_are_told_in_words(*, simulated: bool) -> None:
    book = book_reading("SOL", price=187.3, simulated=simulated)
    told(book_words.alt(book), "SOL", r"\$\d", simulated=simulated)
    liqs = liquidated_reading("SHIB", price=1.2e-5, simulated=simulated)
    told(liqs_words.alt(liqs), "SHIB", r"\$\d", simulated=simulated)
    regime = squeeze_reading("ETH", venues=("okx",), days=16, simulated=simulated)
    said = described(f"{squeeze_words.headline(regime)}.", *squeeze_words.lines(regime))
    told(said, "ETH", r"\d %", simulated=simulated)
    coins = ranking_reading(("BTC", "WIF"), simulated=simulated)
    said = described(f"{ranking_words.headline(coins)}.", *ranking_words.lines(coins))
    told(said, "WIF", r"\d", simulated=simulated)
    trades = strategy_reading(simulated=simulated)
    lines = backtest_words.lines(trades, BacktestRequest("sweep", "BTC"))
    said = described(f"{backtest_words.headline(trades)}.", *lines)
    told(said, "BTC", r"\d %", simulated=simulated)


@given(st.lists(st.text(max_size=400), max_size=12))
def test_a_description_is_whole_sentences_and_never_too_long(sentences: list[str]) -> None:
    said = described("BTC.", *sentences)
    assert len(said.encode("utf-16-le", "surrogatepass")) // 2 <= ALT
    whole = [sentence for sentence in ("BTC.", *sentences) if sentence]
    assert any(said == " ".join(whole[:count]) for count in range(1, len(whole) + 1))


def test_one_sentence_that_is_too_long_is_cut() -> None:
    assert 0 < len(described("😀" * 3_000).encode("utf-16-le")) // 2 <= ALT
