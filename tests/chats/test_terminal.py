"""The terminal is a chat like the others."""

import asyncio
import io
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from rich.console import Console

from bot.chats.live import ENDED
from bot.chats.terminal.chat import TerminalChat
from bot.desk.requests import Asker
from bot.reply import Button, Document, Image, Live, Reply

PNG = b"\x89PNG\r\n\x1a\nrest"


class Desk:
    """Answers everything with the words it heard."""

    def __init__(self, image_name: str = "btc-24h.png") -> None:
        self.heard: list[str] = []
        self._name = image_name

    async def answer(self, words: str, asker: Asker) -> Reply:
        self.heard.append(words)
        assert asker.chat == "terminal"
        if words == "status":
            return Reply("[red]not markup[/red]", ("[bold]plain[/bold]",))
        return Reply(
            "BTC",
            ("a line",),
            Image(PNG, "alt", self._name, "key"),
            ((Button("24h", "heatmap BTC 24h", chosen=True), Button("3d", "heatmap BTC 3d")),),
        )

    async def suggest(self, typed: str) -> Sequence[str]:
        return (typed,)


def chat(desk: Desk, folder: Path) -> tuple[TerminalChat, io.StringIO]:
    said = io.StringIO()
    return TerminalChat(desk, folder, Console(file=said, width=100)), said


async def test_a_script_asks_presses_and_writes_the_picture(tmp_path: Path) -> None:
    desk = Desk()
    terminal, said = chat(desk, tmp_path / "out")
    replies = await terminal.play(["/heatmap BTC", "2", "/status"])
    assert desk.heard == [
        "/heatmap BTC",
        "heatmap BTC 3d",
        "/status",
    ]
    assert [reply.headline for reply in replies][:2] == ["BTC", "BTC"]
    assert terminal.pictures == [tmp_path / "out" / "btc-24h.png"]
    assert terminal.pictures[0].read_bytes() == PNG
    assert "[2] 3d" in said.getvalue()


async def test_text_is_never_taken_for_markup(tmp_path: Path) -> None:
    terminal, said = chat(Desk(), tmp_path)
    await terminal.hear("status")
    assert "[red]not markup[/red]" in said.getvalue()
    assert "[bold]plain[/bold]" in said.getvalue()


async def test_a_number_without_its_button_is_answered_with_those_there_are(
    tmp_path: Path,
) -> None:
    terminal, _ = chat(Desk(), tmp_path)
    (early,) = await terminal.hear("1")
    assert "none yet" in early.headline
    await terminal.hear("heatmap BTC")
    (wrong,) = await terminal.hear("9")
    assert "buttons are 1 to 2" in wrong.headline


async def test_an_empty_line_says_nothing(tmp_path: Path) -> None:
    desk = Desk()
    terminal, _ = chat(desk, tmp_path)
    assert await terminal.hear("  ") == []
    assert desk.heard == []


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/x.png", "…", ""])
async def test_a_picture_stays_in_its_folder_whatever_it_is_called(
    tmp_path: Path, name: str
) -> None:
    terminal, _ = chat(Desk(name), tmp_path / "out")
    await terminal.hear("heatmap BTC")
    assert terminal.pictures[0].resolve().parent == tmp_path / "out"


async def test_a_file_is_written_beside_the_pictures_and_named(tmp_path: Path) -> None:
    class Exporting(Desk):
        async def answer(self, words: str, asker: Asker) -> Reply:
            await super().answer(words, asker)
            file = Document(b"all of it", "../emberline.zip", "application/zip")
            return Reply("All that is kept of you", document=file)

    terminal, said = chat(Exporting(), tmp_path / "out")
    await terminal.play(["/export"])
    (written,) = (tmp_path / "out").iterdir()
    assert written.read_bytes() == b"all of it"
    assert written.name.endswith("emberline.zip")
    assert "file: " in said.getvalue()
    assert not terminal.pictures


async def test_a_conversation_ends_with_the_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk()
    terminal, _ = chat(desk, tmp_path)
    monkeypatch.setattr("sys.stdin", io.StringIO("/heatmap BTC\n2\nquit\n/never\n"))
    await terminal.converse()
    assert desk.heard == ["/heatmap BTC", "heatmap BTC 3d"]
    reading = [each for each in threading.enumerate() if each.name == "typing"]
    for each in reading:
        await asyncio.to_thread(each.join, 60)
    assert not any(each.is_alive() for each in reading)


class PartDesk(Desk):
    """Answers with a part, and with the whole to who asks for it."""

    async def answer(self, words: str, asker: Asker) -> Reply:
        assert asker.chat == "terminal"
        self.heard.append(words)
        if words.endswith(" whole"):
            return Reply("BTC", ("2 of 2 venues",))
        return Reply("BTC", ("1 of 2 venues",), coming=f"{words} whole")


async def test_what_was_on_its_way_is_printed_below_once_it_comes(tmp_path: Path) -> None:
    desk = PartDesk()
    terminal, said = chat(desk, tmp_path)
    await terminal.hear("heatmap btc")
    async with asyncio.timeout(60):
        while "2 of 2 venues" not in said.getvalue():  # noqa: ASYNC110 - waits for what others do
            await asyncio.sleep(0.01)
    assert desk.heard == ["heatmap btc", "heatmap btc whole"]


async def test_a_script_ends_when_what_was_on_its_way_has_come(tmp_path: Path) -> None:
    desk = PartDesk()
    terminal, said = chat(desk, tmp_path)
    await terminal.play(["heatmap btc"])
    assert desk.heard == ["heatmap btc", "heatmap btc whole"]
    assert "2 of 2 venues" in said.getvalue()


class LiveDesk(Desk):
    """Answers anew each time, as something that is to be kept current."""

    async def answer(self, words: str, asker: Asker) -> Reply:
        assert asker.chat == "terminal"
        self.heard.append(words)
        live = Live("liqs live", "liqs", every=0.02, lasts=0.1) if words == "liqs live" else None
        return Reply(f"Liquidations {len(self.heard)}", ("a line",), live=live)


async def test_a_live_card_is_printed_again_below_until_it_ends(tmp_path: Path) -> None:
    desk = LiveDesk()
    terminal, said = chat(desk, tmp_path)
    await terminal.hear("liqs live")
    async with asyncio.timeout(60):
        while ENDED not in said.getvalue():  # noqa: ASYNC110 - waits for what others do
            await asyncio.sleep(0.01)
    assert desk.heard[-1] == "liqs"
    assert said.getvalue().count("Liquidations") == len(desk.heard) > 3
