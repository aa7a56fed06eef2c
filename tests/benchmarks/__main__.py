"""`make bench`: every stage that stands, one table.

Each bench_*.py beside this file has `rows()`, which yields a Row for each stage it measures.
`python -m tests.benchmarks estimate picture` runs only those.
"""

import importlib
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.benchmarks.table import Row

_VERDICT = {True: "[green]met[/]", False: "[red]short[/]", None: ""}


def _figure(value: float | None, unit: str) -> str:
    return "" if value is None else f"{value:,.3g} {unit}".strip()


def _add(table: Table, row: Row) -> None:
    floor = _figure(row.floor, row.unit)
    ratio = f"{row.ours / row.floor:.2f}" if row.floor else ""
    if row.floor_is:
        floor = f"{floor} ({row.floor_is})"
    ours = _figure(row.ours, row.unit)
    table.add_row(row.stage, ours, floor, ratio, row.target, _VERDICT[row.met])


def main(wanted: list[str]) -> int:
    """Run the benchmarks wanted (all if none is named) and print the table."""
    console = Console(width=None if sys.stdout.isatty() else 150)
    found = sorted(path.stem for path in Path(__file__).parent.glob("bench_*.py"))
    known = [name.removeprefix("bench_") for name in found]
    unknown = [name for name in wanted if name not in known]
    if unknown:
        console.print(f"No benchmark called {', '.join(unknown)}. Known: {', '.join(known)}.")
        return 2
    table = Table("stage", "ours", "floor", "ratio", "target", "", title="Emberline, measured now")
    for name in known:
        if wanted and name not in wanted:
            continue
        console.print(f"measuring {name} …")
        for row in importlib.import_module(f"tests.benchmarks.bench_{name}").rows():
            _add(table, row)
    console.print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
