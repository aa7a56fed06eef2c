"""What all tests share."""

import difflib
import os
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import stamina.instrumentation
import structlog

# Events go to the standard logging, where pytest catches them: a traceback with every array it
# met, as the library prints by default, would take longer than the test.
structlog.configure(
    processors=[
        structlog.stdlib.add_log_level,
        structlog.processors.format_exc_info,
        structlog.stdlib.render_to_log_kwargs,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
)
# Retries are seen by what they lead to; their own events name fields that logging keeps to itself.
stamina.instrumentation.set_on_retry_hooks(())

# Machines are shared: speed is held by the benchmarks, not by how long an example takes or is
# thought of. In CI the examples are always the same, so that a change is judged by what it changed.
hypothesis.settings.register_profile(
    "emberline",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
)
hypothesis.settings.load_profile("emberline")

_LARGE = 20_000  # letters of what is compared
_AROUND = 60  # letters shown on each side of the first difference


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Show where large things differ, such as pictures: nobody reads all of them."""
    written = repr(left), repr(right)
    if op != "==" or max(map(len, written)) < _LARGE:
        return None
    at = next((n for n, (a, b) in enumerate(zip_longest(*written)) if a != b), 0)
    near = slice(max(at - _AROUND, 0), at + _AROUND)
    sizes = [f"{type(left).__name__}, {len(written[0]):,} letters"]
    sizes += [f"{type(right).__name__}, {len(written[1]):,} letters"]
    said = [f"{size}: {text[near]}" for size, text in zip(sizes, written, strict=True)]
    return [f"apart from letter {at:,} on", *said]


@pytest.fixture(scope="session", autouse=True)
def _large_things_are_not_compared_line_by_line() -> Iterator[None]:
    """Keep pytest from comparing them, too: in CI it does, and takes minutes for a picture."""
    compared = difflib.ndiff

    def quickly(one: Sequence[str], other: Sequence[str], *rest: Any) -> Iterator[str]:
        small = sum(map(len, one)) + sum(map(len, other)) < _LARGE
        return compared(one, other, *rest) if small else iter(())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(difflib, "ndiff", quickly)
        yield


SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session", autouse=True)
def _a_loaded_machine_is_no_slow_venue() -> Iterator[None]:
    """Wait for venues that answer at once, however long that takes; desk/test_first_answers.py."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.patience.WITHIN", 25.0)
        patch.setattr("bot.desk.heatmap._GRADED_WITHIN", 25.0)
        patch.setattr("bot.desk.markets._LISTED_WITHIN", 10.0)
        patch.setattr("bot.desk.markets._MOST_LISTED_WITHIN", 20.0)
        yield


@pytest.fixture(scope="session", autouse=True)
def _tests_ask_faster_than_people() -> Iterator[None]:
    """Let tests ask as fast as they are answered; chats/test_shares_of_questions.py."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASK_PER_MINUTE", "0")
        yield


@pytest.fixture
def shared() -> Path:
    """The recordings beside the project; the test is skipped, naming them, where there are none."""
    if not SHARED.is_dir():
        pytest.skip(f"needs the recordings in ../{SHARED.name} (beside the project)")
    return SHARED
