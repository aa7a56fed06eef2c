"""`make approve`: draw every scene into tests/snapshots, and say which changed.

Look at those before they are committed: at full size, and as small as a phone shows them.
"""

import sys
from pathlib import Path

from tests.support.pictures import decoded, differing
from tests.support.scenes import SCENES

SNAPSHOTS = Path(__file__).resolve().parents[1] / "snapshots"


def main() -> int:
    """Write every scene whose bytes changed, and remove what is no longer one."""
    SNAPSHOTS.mkdir(exist_ok=True)
    for name, draw in SCENES.items():
        path, png = SNAPSHOTS / f"{name}.png", draw()
        if not path.exists():
            said = "new"
        elif path.read_bytes() == png:
            said = "as before"
        else:
            share = differing(decoded(path.read_bytes()), decoded(png))
            said = f"changed, {share:.2%} of its pixels"
        if said != "as before":
            path.write_bytes(png)
        print(f"{name}: {said} ({len(png) / 1024:.0f} KiB)")  # noqa: T201 - this is what it is for
    for path in sorted(SNAPSHOTS.glob("*.png")):
        if path.stem not in SCENES:
            path.unlink()
            print(f"{path.stem}: no longer a scene, removed")  # noqa: T201 - likewise
    return 0


if __name__ == "__main__":
    sys.exit(main())
