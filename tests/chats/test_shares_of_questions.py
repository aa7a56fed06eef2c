"""Who asks more than their share is told once, to themselves, when to go on."""

from dataclasses import replace
from pathlib import Path

from pydantic import SecretStr

from bot.chats.shares import BURST, CHAT, Shares
from bot.desk.requests import BY_ITSELF, PRESSED, Asker
from bot.settings import Settings
from bot.wiring import house

ALICE = Asker("telegram:1", "telegram:1")
GROUP = Asker("telegram:-5", "telegram:1", shared=True)


class Clock:
    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


def asked(shares: Shares, asker: Asker, words: str = "heatmap BTC") -> int:
    """Ask until it is too much."""
    count = 0
    while shares.refusal(words, asker) is None:
        count += 1
        assert count < 1000
    return count


def test_a_person_has_a_burst_and_then_so_many_a_minute() -> None:
    clock = Clock()
    shares = Shares(20, clock)
    assert asked(shares, ALICE) == BURST
    clock.time += 3.0  # [s]
    assert asked(shares, ALICE) == 1
    clock.time += 12.0
    assert asked(shares, ALICE) == 4
    clock.time += 3600.0
    assert asked(shares, ALICE) == BURST


def test_the_refusal_is_private_says_when_to_go_on_and_is_said_once() -> None:
    clock = Clock()
    shares = Shares(20, clock)
    for _ in range(int(BURST)):
        assert shares.refusal("map ETH", ALICE) is None
    first = shares.refusal("map ETH", ALICE)
    assert first is not None
    assert first.headline == "That is more than 20 questions a minute: please go on in 3 s."
    assert (first.private, first.kind, first.quiet) == (True, "problem", False)
    clock.time += 1.0
    again = shares.refusal("map ETH", ALICE)
    assert again is not None
    assert again.quiet
    assert "in 2 s" in again.headline
    clock.time += 2.0
    assert shares.refusal("map ETH", ALICE) is None
    later = shares.refusal("map ETH", ALICE)
    assert later is not None
    assert not later.quiet


def test_presses_and_words_alone_count_less_and_the_bot_itself_not_at_all() -> None:
    assert asked(Shares(20, Clock()), replace(ALICE, effort=PRESSED)) == 2 * BURST
    assert asked(Shares(20, Clock()), ALICE, "/help@ember_bot") == 4 * BURST
    shares = Shares(20, Clock())
    asked(shares, ALICE)
    assert shares.refusal("heatmap BTC whole", replace(ALICE, effort=BY_ITSELF)) is None


def test_a_crowd_has_three_shares_and_one_person_cannot_use_them_up() -> None:
    clock = Clock()
    shares = Shares(20, clock)
    assert asked(shares, GROUP) == BURST
    others = [replace(GROUP, user=f"telegram:{at}") for at in range(2, 9)]
    counts = [asked(shares, other) for other in others]
    assert sum(counts) == (CHAT - 1) * BURST
    last = replace(GROUP, user="telegram:99")
    refusal = shares.refusal("heatmap BTC", last)
    assert refusal is not None
    assert refusal.headline.startswith("This chat asks more than 60 questions a minute")
    assert not refusal.quiet  # this person has not been told yet
    assert shares.refusal("heatmap BTC", replace(last, chat="telegram:99", shared=False)) is None


def test_an_operator_can_have_nothing_counted() -> None:
    shares = Shares(0, Clock())
    assert all(shares.refusal("heatmap BTC", ALICE) is None for _ in range(200))


def test_whoever_is_forgotten_among_many_has_the_whole_share() -> None:
    shares = Shares(20, Clock())
    asked(shares, ALICE)
    for at in range(20_001):
        shares.refusal("heatmap BTC", Asker(f"discord:{at}", f"discord:{at}"))
    assert asked(shares, ALICE) == BURST


async def test_a_house_counts_by_its_setting(tmp_path: Path) -> None:
    settings = Settings(
        _env_file=None,
        history_days=2,
        ask_per_minute=20,
        database_url=SecretStr(f"sqlite:///{tmp_path / 'ember.sqlite3'}"),
    )
    async with house(settings, "sim:3") as standing:
        kinds = [
            (await standing.listener.answer("markets", ALICE)).kind for _ in range(int(4 * BURST))
        ]
        assert set(kinds) == {"answer"}
        refused = await standing.listener.answer("heatmap BTC", ALICE)
        assert refused.kind == "problem"
        assert "please go on in" in refused.headline
        other = await standing.listener.answer("status", replace(ALICE, user="telegram:2"))
        assert other.kind == "answer"
