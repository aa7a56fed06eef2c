"""That a market cannot be seen is said in one clear sentence, and silence is not called calm."""

from dataclasses import replace

from bot.core.instruments import Instrument
from bot.core.watches.gate import Act, Effect
from bot.core.watches.parse import watch
from bot.desk.markets import Found
from bot.desk.watching.sight_words import reply
from bot.desk.watching.telling import Telling
from bot.messages import Address
from bot.reply import Reply
from bot.watching import KeptWatch, Manners

NOW = 1_767_268_800_000
BTC = Instrument("okx", "BTC", "USDT", "USDT")


def told(
    act: Act,
    why: str,
    *failures: str,
    simulated: bool = False,
    together: tuple[str, ...] = (),
) -> Reply:
    words = "BTC funding > 0.03% and oi rising 4h"
    kept = KeptWatch("w12", Address("telegram:5"), "telegram:5", shared=False, words=words, made=0)
    effect = Effect(act, "key", "w12/BTC/sight1", "w12", "BTC", NOW, why=why)
    found = Found("BTC", (BTC,), ("okx", "bybit"), failures, "BTC")
    telling = Telling(kept, watch(words), Manners(), effect, found, simulated=simulated)
    telling = replace(telling, together=together)
    return reply(telling)


def test_figures_that_are_not_known_are_named() -> None:
    said = told(Act.BLIND, "funding, oi")
    assert said.headline == "BTC: no fresh data on funding and open interest"
    assert "the watch is silent, and its silence does not mean that all is calm" in said.text()
    assert "w12: BTC funding > 0.03% and oi rising 4h" in said.lines[-1]


def test_a_venue_that_does_not_answer_is_named() -> None:
    assert (
        "Bybit is not answering: timed out."
        in told(Act.BLIND, "oi", "Bybit is not answering: timed out.").text()
    )
    many = told(Act.BLIND, "oi", *(f"Venue {n} is not answering: why." for n in range(9)))
    assert "And 7 more." in many.text()
    assert "Venue 2" not in many.text()


def test_what_fails_is_said() -> None:
    said = told(Act.BROKEN, "No perpetual called “BTC” is listed here.")
    assert said.headline == "BTC cannot be judged: No perpetual called “BTC” is listed here"


def test_that_it_is_seen_again_is_said() -> None:
    said = told(Act.SEES, "")
    assert said.headline == "BTC: there is data again"
    assert "judged again" in said.text()
    assert "silent" not in said.text()


def test_several_coins_that_cannot_be_seen_are_one_sentence() -> None:
    coins = ("BTC", "ETH", "SOL")
    said = told(Act.BLIND, "oi", together=coins)
    assert said.headline == "BTC, ETH, SOL: no fresh data on open interest"
    assert "watches of these are silent" in said.text()
    assert told(Act.SEES, "", together=coins).headline == "BTC, ETH, SOL: there is data again"


def test_a_simulated_market_is_marked_here_too() -> None:
    said = told(Act.BLIND, "oi", simulated=True)
    assert said.simulated
    assert said.lines[0].startswith("SIMULATED")
    assert not replace(said, simulated=False).image
