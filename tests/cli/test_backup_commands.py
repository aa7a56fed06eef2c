"""`emberline backup` and `emberline restore`, as an operator uses them."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.settings import Settings


@pytest.fixture(autouse=True)
def _somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(words))
    return result.exit_code, " ".join(result.output.split())


def test_a_copy_is_made_and_put_back(tmp_path: Path) -> None:
    assert run("migrate")[0] == 0
    code, said = run("backup", "copies/one.sqlite3")
    assert code == 0, said
    assert said.startswith("copies/one.sqlite3: ")
    assert "whole, schema" in said
    (tmp_path / "data" / "emberline.sqlite3").unlink()
    code, said = run("restore", "copies/one.sqlite3")
    assert (code, said) == (
        0,
        "Put back copies/one.sqlite3. The next start brings its tables up to date.",
    )
    assert run("migrate") == (0, "Nothing to do: already up to date.")


def test_a_copy_without_a_name_is_named_by_its_time(tmp_path: Path) -> None:
    run("migrate")
    assert run("backup")[0] == 0
    (made,) = tmp_path.glob("emberline-*.sqlite3")
    assert made.stat().st_size > 0


def test_nothing_is_put_back_under_a_running_bot(tmp_path: Path) -> None:
    run("migrate")
    run("backup", "one.sqlite3")
    (tmp_path / "data" / "alive").touch()
    code, said = run("restore", "one.sqlite3")
    assert code == 2
    assert "stop it first" in said


def test_a_mistake_is_a_sentence_and_not_a_traceback() -> None:
    code, said = run("restore", "nowhere.sqlite3")
    assert (code, said) == (2, "There is no file nowhere.sqlite3.")
