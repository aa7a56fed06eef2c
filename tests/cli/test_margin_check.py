"""`emberline margin check` reads a file and says of each position whether the rules meet it."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app

WHOLE: dict[str, Any] = {
    "id": "ten-times-long",
    "exchange": "binance",
    "contract_type": "linear",
    "margin_mode": "isolated",
    "side": "long",
    "asks": "liquidation_price",
    "inputs": {"side": 1, "entry": 100, "qty": 2, "margin": 20, "mmr": 0.02},
    "expected_price": 91.836734693878,
    "tolerance": 1e-9,
}


def run(folder: Path, content: object) -> Result:
    file = folder / "examples.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return CliRunner().invoke(app, ["margin", "check", str(file)])


def test_a_position_that_is_met_is_shown_with_its_error(tmp_path: Path) -> None:
    done = run(tmp_path, [WHOLE])
    assert done.exit_code == 0
    [line] = [line for line in done.stdout.splitlines() if "ten-times-long" in line]
    cells = [cell.strip() for cell in line.strip("│").split("│")]
    assert cells[:3] == ["ten-times-long", "91.8367346939", "91.8367346939"]
    assert float(cells[3]) < 1e-9
    assert cells[4:] == ["ok", "A"]
    assert "1 of 1 within their tolerance." in done.stdout


def test_a_position_that_is_not_met_fails_the_check(tmp_path: Path) -> None:
    done = run(tmp_path, [WHOLE, WHOLE | {"id": "other", "expected_price": 91.8}])
    assert done.exit_code == 1
    [line] = [line for line in done.stdout.splitlines() if "other" in line]
    assert "FAILS" in line
    assert "4.0e-04" in line
    assert "1 of 2 within their tolerance." in done.stdout


def test_a_malformed_example_is_named_and_the_others_are_shown(tmp_path: Path) -> None:
    inputs = {"side": 1, "entry": 100, "qty": 2, "mmr": 0.02}
    done = run(tmp_path, [WHOLE, WHOLE | {"id": "bare", "inputs": inputs}])
    assert done.exit_code == 2
    assert done.stderr == (
        "Example “bare”: the input margin is missing; it is the position's own margin"
        " (or give its leverage).\n"
    )
    assert "ten-times-long" in done.stdout


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("[{]", "line 1: is not JSON: Expecting property name enclosed in double quotes"),
        ("{}", "should be a list of examples such as [{exchange, contract_type, inputs, …}]"),
        ("[" * 100_000, "is not JSON that can be read"),
        ("[" + "9" * 5_000 + "]", "is not JSON that can be read"),
        ("[]", "should be a list of examples such as [{exchange, contract_type, inputs, …}]"),
    ],
)
def test_a_file_that_is_no_list_is_told_what_would_be_right(
    content: str, sentence: str, tmp_path: Path
) -> None:
    done = run(tmp_path, content)
    assert done.exit_code == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.output


def test_an_input_that_means_nothing_is_said_not_to_be_used(tmp_path: Path) -> None:
    done = run(tmp_path, [WHOLE | {"inputs": {**WHOLE["inputs"], "luck": 3}}])
    assert done.exit_code == 0
    assert done.stderr == "ten-times-long: not known, and not used: luck\n"


def test_words_may_be_written_with_capitals(tmp_path: Path) -> None:
    loud = {"contract_type": "Linear", "margin_mode": "ISOLATED", "asks": "Liquidation_Price"}
    assert run(tmp_path, [WHOLE | loud]).exit_code == 0


def test_a_name_that_no_terminal_can_write_is_written_as_far_as_it_goes(tmp_path: Path) -> None:
    done = run(tmp_path, [WHOLE | {"id": "odd \ud800"}])
    assert done.exit_code == 0
    assert "odd ?" in done.stdout


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["margin", "check", str(tmp_path / "none.json")])
    assert done.exit_code == 2
    assert "none.json: cannot be read: No such file or directory" in done.stderr


def test_a_file_of_bytes_is_named(tmp_path: Path) -> None:
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe\x00")
    done = CliRunner().invoke(app, ["margin", "check", str(tmp_path / "bytes.json")])
    assert done.exit_code == 2
    assert "bytes.json: is not UTF-8 text" in done.stderr


def test_all_numbers_known_of_venues_are_met(shared: Path) -> None:
    file = shared / "facts/liquidation_price_examples.json"
    done = CliRunner().invoke(app, ["margin", "check", str(file)])
    assert done.exit_code == 0, done.stdout
    count = len(json.loads(file.read_text()))
    assert f"{count} of {count} within their tolerance." in done.stdout
    assert done.stdout.count("│ ok ") == count >= 40
