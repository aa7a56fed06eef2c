"""An alert: what is seen in the watch's own terms, what it rests on, and a picture in time."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
import pytest_asyncio

from bot.chats.telegram.dress import CAPTION, dress
from bot.core.arrays import MINUTE
from bot.core.instruments import Instrument
from bot.core.market.history import MarketHistory
from bot.core.signals.cascade import ALL
from bot.core.signals.episode import Episode, Fact, Kind, Way
from bot.core.signals.read import signals
from bot.core.signals.together import feeds, told
from bot.core.simulation.simulate import simulate
from bot.core.watches.columns import About
from bot.core.watches.figures import Side
from bot.core.watches.gate import Act
from bot.desk.cascades import Cascade
from bot.desk.heatmap import Look
from bot.desk.requests import Asker
from bot.desk.watching import alerts
from bot.desk.watching.alert_words import MOST
from bot.desk.watching.words import Words
from bot.messages import Address
from bot.reply import Reply
from bot.watching import Manners
from tests.support.foreign import OPEN, outside, plain, spoken_as_german
from tests.support.telling import Teller, later, teller

if TYPE_CHECKING:
    from bot.desk.cascades import CascadeDesk

SOL = Instrument("binance", "SOL", "USDT", "USDT")


@pytest.fixture(scope="module")
def history() -> MarketHistory:
    return simulate("crash", 7, 12 * 288, instrument=SOL).history


@pytest.fixture(scope="module")
def said(history: MarketHistory) -> tuple[Episode, ...]:
    found = signals(SOL.key, told([history]), feeds([history]))
    assert found is not None
    return found.told


@pytest_asyncio.fixture
async def desk(history: MarketHistory) -> AsyncIterator[Teller]:
    async with teller(history) as made:
        yield made


def last(said: tuple[Episode, ...], kind: Kind) -> Episode:
    """Return the newest state of a kind that was under way when nothing newer was known."""
    newest = {state.time: state for state in said if state.kind is kind and state.ended is None}
    return newest[max(newest)]


def fits(reply: Reply) -> bool:
    """Whether Telegram shows all of it under a picture."""
    dressed = dress(reply, CAPTION).text
    return len(reply.text()) <= MOST and set(dressed.split("\n")) == {
        reply.headline,
        *reply.lines,
    }


async def test_figures_are_said_in_the_watchs_own_terms(desk: Teller) -> None:
    telling = await desk.telling("SOL funding > 0.001% and oi rising 1d and clusters < 100B")
    reply = await desk.words.episode(telling)
    assert reply.headline.startswith("SOL: funding 0.018 % > 0.001 %, open interest +")
    assert "in 1 d, cluster $" in reply.headline
    assert "< $100B" in reply.headline
    assert "Cluster " in reply.text()
    assert "Map: good, 412 hours · 1 of 1 venue · data to" in reply.text()
    assert reply.lines[-1] == "w12: SOL funding > 0.001% and oi rising 1d and clusters < 100B"
    assert fits(reply)


async def test_a_new_alert_is_marked_simulated_and_has_its_buttons(desk: Teller) -> None:
    reply = await desk.words.episode(await desk.telling("SOL funding > 0.001%"))
    assert reply.simulated
    assert reply.lines[0].startswith("SIMULATED")
    row = reply.buttons[0]
    assert [(each.label, each.words) for each in row] == [
        ("Mute 1h", "watches mute w12 1h"),
        ("Explain", "explain SOL"),
        ("Chart", "heatmap SOL 24h"),
    ]
    # A note is shown beside the alert, which stays; the others are messages of their own.
    assert [each.fresh for each in row] == [False, True, True]


async def test_a_signal_is_told_in_its_own_words_with_its_evidence(
    desk: Teller, said: tuple[Episode, ...]
) -> None:
    magnet = last(said, Kind.MAGNET)
    desk.market.time = magnet.time
    reply = await desk.words.episode(await desk.telling("SOL magnet"))
    text = reply.text()
    assert reply.headline == f"SOL: magnet {magnet.way}"
    assert "draws the price" in text
    assert "Target" in text
    assert "random times" in text or "too few to say" in text or "No past occurrence" in text
    assert fits(reply)


@pytest.mark.parametrize("kind", [Kind.MAGNET, Kind.CASCADE, Kind.SWEEP])
async def test_what_a_signal_rests_on_is_kept_in_nobodys_language(
    desk: Teller, said: tuple[Episode, ...], kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoken_as_german(monkeypatch)
    desk.market.time = last(said, kind).time
    telling = await desk.telling(f"SOL {kind.value}")
    foreign = await desk.words.episode(replace(telling, manners=Manners(language="de")))
    english = await desk.words.episode(telling)
    assert OPEN not in english.text()
    assert plain(foreign.text()).casefold() == english.text().casefold()
    left = outside(foreign.text().replace(telling.kept.words, ""))
    assert not re.search(r"[a-z]{4,}", left), left


async def test_a_cascade_is_shown_by_the_picture_of_its_own(
    desk: Teller, said: tuple[Episode, ...]
) -> None:
    cascade = last(said, Kind.CASCADE)
    desk.market.time = cascade.time + 10_000
    reply = await desk.words.episode(await desk.telling("SOL cascade"))
    assert reply.headline == f"SOL: cascade {cascade.way}"
    assert "liquidated until it was confirmed" in reply.text()
    assert reply.image is not None
    assert reply.image.name == "sol-cascade.png"
    assert fits(reply)


async def test_what_is_no_setup_is_shown_by_the_heatmap_with_the_episode_marked(
    desk: Teller,
) -> None:
    telling = await desk.telling("SOL funding > 0.001%")
    price = telling.price or 0.0
    about = About(Side.BELOW, 0.97 * price, 0.98 * price)
    plain = await desk.words.episode(telling)
    reply = await desk.words.episode(replace(telling, effect=replace(telling.effect, about=about)))
    assert reply.image is not None
    assert plain.image is not None
    assert reply.image.name == "sol-24h.png"
    assert reply.image.png != plain.image.png
    assert reply.image.key != plain.image.key


async def test_all_who_are_told_of_the_same_are_shown_one_picture(desk: Teller) -> None:
    telling = await desk.telling("SOL clusters > 1")
    other = replace(
        telling,
        kept=replace(telling.kept, id="w13", address=Address("telegram:6")),
        effect=replace(telling.effect, watch="w13", message="w13/SOL/1"),
    )
    one, two = [(await desk.words.episode(each)).image for each in (telling, other)]
    assert one is not None
    assert one == two


async def test_each_chat_is_shown_the_panels_it_has_chosen(
    desk: Teller, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def look_of(asker: Asker) -> Look:
        return Look("dark", ("oi",)) if asker.chat == "telegram:6" else Look("dark")

    monkeypatch.setattr(desk.parts.heatmaps, "look_of", look_of)
    telling = await desk.telling("SOL clusters > 1")
    effect = replace(telling.effect, watch="w13", message="w13/SOL/1")
    kept = replace(telling.kept, id="w13", address=Address("telegram:6"))
    one, two = [
        (await desk.words.episode(each)).image
        for each in (telling, replace(telling, kept=kept, effect=effect))
    ]
    assert one is not None
    assert two is not None
    assert one.png != two.png
    assert one.key != two.key


async def test_a_cascade_of_the_tape_is_told_before_any_bar_knows_of_it(desk: Teller) -> None:
    now = desk.market.now()
    state = Episode(Kind.CASCADE, SOL.key, "cascade", now - MINUTE, now, 171.0, 172.0, Way.DOWN)
    cascade = Cascade("SOL", "SOL", (SOL,), state, simulated=True)
    telling = await desk.telling("SOL cascade", cascade=cascade)
    reply = await desk.words.episode(telling)
    assert reply.headline == "SOL: cascade down"
    assert "of longs liquidated until it was confirmed" in reply.text()


async def test_one_cascade_over_many_coins_is_one_headline(desk: Teller) -> None:
    telling = await desk.telling("SOL cascade", Act.JOIN)
    telling = replace(
        telling,
        together=("BTC", "ETH", "SOL"),
        effect=replace(telling.effect, way="down"),
    )
    assert (await desk.words.episode(telling)).headline == "Cascade down over BTC, ETH, SOL"
    many = replace(telling, together=tuple(f"C{n}" for n in range(30)))
    assert (await desk.words.episode(many)).headline.endswith("C4, C5 and 24 more")
    over = replace(telling, effect=replace(telling.effect, act=Act.CLOSE))
    assert (await desk.words.episode(over)).headline.endswith("cascade down over BTC, ETH, SOL")


async def test_of_coins_that_cascade_together_each_sum_is_told(desk: Teller) -> None:
    now = desk.market.now()

    def cascade(coin: str, usd: float, way: Way) -> Cascade:
        facts = (Fact(ALL, usd, "USD"),)
        state = Episode(Kind.CASCADE, coin, "cascade", now, now, 1.0, 1.0, way, facts=facts)
        return Cascade(coin, coin, (), state, simulated=True)

    known = {
        "BTC": [cascade("BTC", 9e9, Way.UP), cascade("BTC", 4.8e7, Way.DOWN)],
        "ETH": [cascade("ETH", 9.1e7, Way.DOWN)],
    }
    cascades = SimpleNamespace(recent=lambda coin: known.get(coin, []))
    words = Words(replace(desk.parts, cascades=cast("CascadeDesk", cascades)))
    telling = await desk.telling("SOL cascade", Act.JOIN, together=("BTC", "ETH", "SOL"))
    telling = replace(telling, effect=replace(telling.effect, way="down"))
    assert "Liquidated: ETH $91M, BTC $48M." in (await words.episode(telling)).lines


async def test_why_it_is_told_late_and_what_was_held_back_is_said(desk: Teller) -> None:
    telling = await desk.telling("SOL funding > 0.001%")
    held = {"quiet hours": 2, "daily limit": 1}
    effect = replace(
        telling.effect,
        why="quiet hours",
        held=held,
        began=telling.effect.time - 50 * MINUTE,
    )
    text = (await desk.words.episode(replace(telling, effect=effect))).text()
    assert "Told late, quiet hours are over: it began" in text
    assert "Held back before this: 1 over the daily limit, 2 in quiet hours." in text


async def test_an_edit_says_how_it_stands_and_how_far_price_went(desk: Teller) -> None:
    desk.market.time -= 60 * MINUTE
    first = await desk.telling("SOL funding > 0.001%")
    desk.market.time += 42 * MINUTE
    await desk.parts.signals.of(first.found)  # type: ignore[arg-type]
    reply = await desk.words.episode(later(first, Act.EDIT, 42, 175.0))
    text = reply.text()
    assert "(42 min)" in text
    assert "to 175.00 (" in text
    assert "Since told: between" in text
    assert "liquidated " in text
    assert reply.buttons


async def test_the_end_says_how_long_it_was_and_what_happened_meanwhile(desk: Teller) -> None:
    desk.market.time -= 60 * MINUTE
    first = await desk.telling("SOL funding > 0.001%")
    desk.market.time += 42 * MINUTE
    await desk.parts.signals.of(first.found)  # type: ignore[arg-type]
    reply = await desk.words.episode(later(first, Act.CLOSE, 42, 175.0))
    assert reply.headline == "Over after 42 min: SOL funding > 0.001%"
    assert "Meanwhile: between" in reply.text()
    assert reply.image is None
    assert not reply.buttons


async def test_a_reminder_is_short(desk: Teller) -> None:
    first = await desk.telling("SOL funding > 0.001%")
    reply = await desk.words.episode(later(first, Act.REPEAT, 180, 175.0))
    assert reply.headline.startswith("Still going on after 3 h: SOL funding")
    assert len(reply.lines) <= 4
    assert reply.image is None


async def test_an_episode_is_drawn_once_and_again_after_half_an_hour(desk: Teller) -> None:
    first = await desk.telling("SOL clusters > 1")
    assert (await desk.words.episode(first)).image is not None
    soon, late = later(first, Act.EDIT, 10, 175.0), later(first, Act.EDIT, 31, 175.0)
    assert (await desk.words.episode(soon)).image is None
    assert (await desk.words.episode(late)).image is not None


async def test_a_picture_that_takes_too_long_comes_with_the_next_edit(
    desk: Teller, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await desk.telling("SOL clusters > 1")
    shown = desk.parts.heatmaps.shown

    async def slow(*given: Any, **named: Any) -> Reply:
        await asyncio.sleep(0.5)
        return await shown(*given, **named)

    monkeypatch.setattr(alerts, "_PATIENCE", 0.05)
    with monkeypatch.context() as patched:
        patched.setattr(desk.parts.heatmaps, "shown", slow)
        reply = await desk.words.episode(first)
    assert reply.image is None
    assert "Cluster" in reply.text()
    monkeypatch.setattr(alerts, "_PATIENCE", 60.0)
    assert (await desk.words.episode(later(first, Act.EDIT, 1, 175.0))).image is not None


async def test_a_guess_is_called_one(history: MarketHistory, said: tuple[Episode, ...]) -> None:
    async with teller(history, grade="unproven") as desk:
        desk.market.time = last(said, Kind.MAGNET).time
        text = (await desk.words.episode(await desk.telling("SOL magnet"))).text()
        assert "The map is unproven: what is said of its clusters is a guess." in text
        cascade = last(said, Kind.CASCADE)
    async with teller(history, grade="unproven") as desk:
        desk.market.time = cascade.time + 10_000
        text = (await desk.words.episode(await desk.telling("SOL cascade"))).text()
        assert "Ahead:" not in text
        assert "Map: unproven" in text


async def test_a_coin_that_is_not_held_is_told_of_without_a_picture(desk: Teller) -> None:
    telling = await desk.telling("SOL funding > 0.001%")
    reply = await desk.words.episode(replace(telling, found=None))
    assert reply.headline.startswith("SOL: funding")
    assert reply.image is None
    assert reply.buttons


@pytest.mark.parametrize(
    "text",
    [
        "SOL cascade or sweep or magnet or squeeze or fuel gauge or exhaustion or funding > 0.001%",
        "SOL " + " and ".join(f"price change {n}m < {n}%" for n in range(10, 20)),
    ],
)
async def test_however_much_there_is_to_say_it_fits_a_caption(desk: Teller, text: str) -> None:
    telling = await desk.telling(text)
    held = {"quiet hours": 22, "daily limit": 11, "told before": 9, "muted": 5, "snoozed": 4}
    effect = replace(telling.effect, why="daily limit", held=held)
    reply = await desk.words.episode(replace(telling, effect=effect))
    assert fits(reply)
    assert reply.lines[-1].startswith("w12: ")
