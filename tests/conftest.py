"""What all tests share."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture
def shared() -> Path:
    """The recordings beside the project; the test is skipped, naming them, where there are none."""
    if not SHARED.is_dir():
        pytest.skip(f"needs the recordings in ../{SHARED.name} (beside the project)")
    return SHARED
