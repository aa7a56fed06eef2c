"""The command line as a person uses it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.settings import Settings

ROOT = Path(__file__).parents[2]
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(autouse=True)
def _somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in an empty folder, with two days of history and none of the operator's settings."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("HISTORY_DAYS", "2")
    monkeypatch.chdir(tmp_path)


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(words))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, " ".join(result.output.split())


def test_the_demo_plays_its_script_without_a_terminal_and_writes_pictures(tmp_path: Path) -> None:
    code, said = run("demo")
    assert code == 0
    assert "BTC liquidation heatmap · 24h" in said
    assert "BTC liquidation heatmap · 3d" in said
    assert "source sim" in said
    for name in ("btc-24h.png", "btc-3d.png"):
        assert f"out/{name}" in said
        assert (tmp_path / "out" / name).read_bytes().startswith(PNG)
    assert said.count("SIMULATED") == 3


def test_alerts_come_to_the_terminal_and_what_is_watched_outlives_it(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bot", "run", "terminal", "--source", "sim"]

    def talk(*lines: tuple[str, str]) -> None:
        """Type each line, and wait until what it leads to is said."""
        with subprocess.Popen(  # noqa: S603 - our own command
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        ) as bot:
            assert bot.stdin is not None
            assert bot.stdout is not None
            heard = ""
            for typed, awaited in lines:
                bot.stdin.write(f"{typed}\n")
                bot.stdin.flush()
                while awaited not in heard:
                    heard += bot.stdout.readline() or pytest.fail(f"it ended: {heard}")
            bot.stdin.write("quit\n")
            bot.stdin.close()
            heard += bot.stdout.read()
        assert bot.returncode == 0, heard

    talk(
        ("/watch now BTC price > 1", "Watching as w1"),
        ("/test", "Alerts of your watches come like this one"),
    )
    assert (tmp_path / "data" / "emberline.sqlite3").exists()
    talk(("/watches", "w1: BTC price > 1"))


def test_one_heatmap_is_written_where_it_is_wanted(tmp_path: Path) -> None:
    picture = tmp_path / "new" / "eth.png"
    words = ("--window", "12h", "--theme", "light", "-o", str(picture))
    code, said = run("heatmap", "eth", "--source", "sim:3", *words)
    assert code == 0, said
    assert picture.read_bytes().startswith(PNG)
    assert said.startswith("ETH liquidation heatmap · 12h")


def test_the_profile_is_drawn_on_request(tmp_path: Path) -> None:
    code, said = run("heatmap", "BTC", "--source", "sim", "--map", "-o", "map.png")
    assert code == 0, said
    assert said.startswith("BTC liquidation map ·")
    assert (tmp_path / "map.png").exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("heatmap", "BTCC", "--source", "sim"), "Did you mean BTC"),
        (("heatmap", "BTC", "--source", "sim", "--window", "25h"), "12h, 24h, 3d, 7d or 30d"),
        (("heatmap", "BTC", "--source", "sim", "--venues", "mtgox"), "Connected: sim-a or sim-b"),
        (("heatmap", "BTC", "--source", "nowhere"), "Use live, sim, replay:DIR or merge"),
        (("heatmap", "BTC", "--source", "sim:x"), "whole number, the seed"),
        (("heatmap", "BTC", "--source", "replay:missing"), "there is no such folder"),
        (("heatmap", "BTC", "--source", "sim", "--theme", "pink"), "'pink' is not one of"),
        (("heatmap", "BTC", "--source", "sim", "-o", "."), "it is a folder. Name a file in it"),
        (("heatmap", "BTC", "--source", "sim", "-o", "/dev/null/x"), "takes no new file"),
        (("run",), "TELEGRAM_TOKEN or DISCORD_TOKEN is not set"),
        (("run", "telegram"), "TELEGRAM_TOKEN is not set"),
        (("run", "discord"), "DISCORD_TOKEN is not set"),
    ],
)
def test_bad_input_ends_with_a_sentence_and_exit_code_two(
    words: tuple[str, ...], sentence: str
) -> None:
    code, said = run(*words)
    assert code == 2
    assert sentence in said
    assert "Traceback" not in said


def test_a_bad_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THEME", "pink")
    code, said = run("heatmap", "BTC", "--source", "sim")
    assert code == 2
    assert "THEME" in said


def test_simulated_and_real_markets_are_never_put_together(shared: Path) -> None:
    real = shared / "data" / "replay" / "binance-btc-2025-12"
    code, said = run("heatmap", "BTC", "--source", f"merge:sim,replay:{real}")
    assert code == 2
    assert "simulated" in said.lower()


def test_a_recording_is_drawn_as_recorded(shared: Path, tmp_path: Path) -> None:
    real = shared / "data" / "replay" / "binance-btc-2025-12"
    code, said = run("heatmap", "BTC", "--source", f"replay:{real}", "-o", "btc.png")
    assert code == 0, said
    assert "data to 1 Jan 00:00 UTC" in said
    assert "SIMULATED" not in said
    assert (tmp_path / "btc.png").read_bytes().startswith(PNG)


def test_doctor_finds_all_well_and_migrate_has_nothing_left_to_do() -> None:
    code, said = run("migrate")
    assert code == 0
    assert "Applied" in said
    assert run("migrate") == (0, "Nothing to do: already up to date.")
    code, said = run("doctor", "--source", "sim")
    assert code == 0, said
    assert "TELEGRAM_TOKEN is not set" in said


def test_doctor_says_what_does_not_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://u:hunter2hunter2@h/db")
    code, said = run("doctor", "--source", "sim")
    assert code == 1
    assert "DATABASE_URL" in said
    assert "hunter2" not in said


def test_doctor_knows_whether_a_bot_is_alive(tmp_path: Path) -> None:
    assert run("doctor", "--alive")[0] == 1
    sign = tmp_path / "data" / "alive"
    sign.parent.mkdir(exist_ok=True)
    sign.touch()
    assert run("doctor", "--alive")[0] == 0


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["backtest", "--help"]])
def test_help_imports_nothing_heavy(words: list[str]) -> None:
    heavy = "numpy matplotlib ccxt telegram discord sqlalchemy rich"
    script = (
        "import sys\nfrom bot.cli import app\n"
        f"try:\n    app({words!r})\nexcept SystemExit:\n    pass\n"
        f"print('HEAVY', [name for name in {heavy.split()!r} if name in sys.modules])"
    )
    done = subprocess.run(  # noqa: S603 - our own interpreter, our own words
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert "HEAVY []" in done.stdout
