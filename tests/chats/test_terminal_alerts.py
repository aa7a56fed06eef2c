"""Alerts come to the terminal by themselves, as they come to a phone."""

import io
from pathlib import Path

from rich.console import Console

from bot.chats.terminal.chat import TerminalChat
from bot.chats.terminal.post import TerminalPost
from bot.desk.requests import Asker
from bot.messages import Address, Chat, Done, Errand, Urgency
from bot.reply import Button, Image, Reply

PNG = b"\x89PNG\r\n\x1a\nrest"
HERE = Address("terminal")
ALERT = Reply(
    "BTC cascade down",
    ("funding 0.041 %",),
    Image(PNG, "alt", "btc-cascade.png", "key"),
    ((Button("Mute 1h", "watches mute w1 1h"),),),
)


class Desk:
    def __init__(self) -> None:
        self.heard: list[str] = []

    async def answer(self, words: str, asker: Asker) -> Reply:
        assert asker == Asker("terminal", "terminal")  # nobody else reads there
        self.heard.append(words)
        return Reply("Noted", kind="note")

    async def suggest(self, typed: str) -> tuple[str, ...]:
        return (typed,)


def errand(reply: Reply | None = ALERT, **more: object) -> Errand:
    return Errand(7, HERE, "fingerprint", reply, "key", **more)  # type: ignore[arg-type]


def chat(folder: Path) -> tuple[TerminalChat, Desk, io.StringIO]:
    desk, said = Desk(), io.StringIO()
    return TerminalChat(desk, folder, Console(file=said, width=100)), desk, said


async def test_an_alert_is_printed_its_picture_kept_and_its_buttons_pressed_by_number(
    tmp_path: Path,
) -> None:
    terminal, desk, said = chat(tmp_path)
    carrier: Chat = terminal.post
    assert carrier.platform == HERE.platform
    assert await carrier.rested(HERE) == 0
    async with carrier.turn(HERE, Urgency.NOW):
        outcome = await carrier.send(errand(), ALERT)
    assert outcome == Done("7", rest=0.0)
    assert "BTC cascade down" in said.getvalue()
    assert (tmp_path / "btc-cascade.png").read_bytes() == PNG
    assert "[1] Mute 1h" in said.getvalue()
    await terminal.hear("1")
    assert desk.heard == ["watches mute w1 1h"]


async def test_what_changes_is_printed_anew_and_what_follows_says_so(tmp_path: Path) -> None:
    terminal, _, said = chat(tmp_path)
    later = Reply("BTC cascade down, over", ("liquidated $41M",))
    assert await terminal.post.edit(errand(remote="7"), later) == Done("7", rest=0.0)
    assert "This has changed" in said.getvalue()
    await terminal.post.send(errand(answers="7"), Reply("BTC cascade: 15 min later"))
    assert "To what was told before" in said.getvalue()
    await terminal.post.delete(errand(None, remote="7"))
    assert "taken back" in said.getvalue()


async def test_what_may_have_been_shown_before_says_so(tmp_path: Path) -> None:
    terminal, _, said = chat(tmp_path)
    await terminal.post.send(errand(doubts=1), ALERT)
    assert "Possible repeat" in said.getvalue()


def test_a_post_shows_what_it_is_given_as_it_is() -> None:
    assert TerminalPost(lambda _: None).ahead == 1
