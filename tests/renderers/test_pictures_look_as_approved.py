"""Pictures look as they did when a person approved them: `make approve` draws them anew."""

from pathlib import Path

import numpy as np
import pytest

from tests.support.pictures import decoded, differing
from tests.support.scenes import SCENES

SNAPSHOTS = Path(__file__).resolve().parents[1] / "snapshots"
# A label may move by a pixel where another processor rounds otherwise; more is a change.
_TOLERATED = 0.004
_MOST_BYTES = 256 * 1024


@pytest.mark.parametrize("name", list(SCENES))
def test_a_scene_looks_as_approved(name: str) -> None:
    approved = decoded((SNAPSHOTS / f"{name}.png").read_bytes())
    share = differing(approved, decoded(SCENES[name]()))
    assert share <= _TOLERATED, f"{share:.2%} of the pixels differ; look at it, then make approve"


def test_every_snapshot_is_a_scene_small_enough_to_keep() -> None:
    kept = list(SNAPSHOTS.glob("*.png"))
    assert {path.stem for path in kept} == set(SCENES)
    assert all(path.stat().st_size <= _MOST_BYTES for path in kept)


def test_the_comparison_sees_a_label_that_moved() -> None:
    png = decoded((SNAPSHOTS / "heatmap-btc-24h-dark.png").read_bytes())
    moved = png.copy()
    moved[340:380, 600:1000] = np.roll(png[340:380, 600:1000], 12, axis=0)
    assert differing(png, moved) > _TOLERATED / 4
    assert differing(png, np.roll(png, 2, axis=0)) > _TOLERATED
