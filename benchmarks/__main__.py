"""``python -m benchmarks``: measures, prints the table, writes JSON and the plot."""

import argparse
import json
import platform
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path

from benchmarks.batch import batches
from benchmarks.commands import commands
from benchmarks.engine import Row, against_scipy, built_in, dense, gaussians, growth
from benchmarks.plot import draw

MEGAPIXELS = 24.4


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small pictures, for a first look")
    parser.add_argument("--only", nargs="*", help="groups to measure: built-in dense gaussian …")
    parser.add_argument("--runs", type=int, default=5, help="interleaved runs of each pair")
    parser.add_argument("--json", type=Path, help="write the rows to this file")
    parser.add_argument("--plot", type=Path, help="draw times over kernel sizes into this PNG")
    chosen = parser.parse_args()
    size, runs = (4.0 if chosen.quick else MEGAPIXELS), chosen.runs
    show(
        f"{platform.processor() or platform.machine()}, Python {platform.python_version()}, "
        f"{date.today()}, {size} Mpx RGB, 2 threads, medians of {runs} interleaved runs"
    )
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        groups: dict[str, Callable[[], Iterable[Row | str]]] = {
            "built-in": lambda: built_in(size, "uint8", runs),
            "dense": lambda: dense(size, runs),
            "gaussian": lambda: gaussians(size, runs),
            "scipy": lambda: against_scipy(size, runs),
            "depth": lambda: [*built_in(size, "uint16", runs), *built_in(size, "float32", runs)],
            "apply": lambda: commands(Path(folder), size, runs),
            "batch": lambda: batches(Path(folder), runs, chosen.quick),
            "growth": lambda: growth(runs, chosen.quick),
        }
        for name, measure in groups.items():
            if not chosen.only or name in chosen.only:
                rows += print_rows(measure())
    short = [row for row in rows if row.verdict == "FALLS SHORT"]
    show(
        f"\n{len(short)} of {sum(1 for r in rows if r.must)} bounded rows fall short"
        + "".join(f"\n  {row.work} against {row.peer}: {row.ratio:.2f}" for row in short)
    )
    if chosen.json:
        chosen.json.write_text(json.dumps([asdict(row) for row in rows], indent=1))
    sides = [(int(r.work.split("×")[1]), r) for r in rows if r.group == "dense"]
    if chosen.plot and sides:
        lines: dict[str, Sequence[tuple[int, float]]] = {
            "convfilter": [(side, row.ours) for side, row in sides],
            "OpenCV filter2D": [(side, row.theirs) for side, row in sides],
        }
        title = f"Dense float kernels, {size} Mpx RGB, 8 bits, 2 threads"
        draw(lines, title, chosen.plot)


def print_rows(found: Iterable[Row | str]) -> list[Row]:
    """Print rows as they come, and return them."""
    rows = []
    for row in found:
        if isinstance(row, str):
            show(f"  {row}")
            continue
        rows.append(row)
        bounds = f"must {row.must:g}" if row.must else ""
        bounds += f", aim {row.aim:g}" if row.aim else ""
        show(
            f"{row.group:17} {row.work:24} {row.peer:16} {row.ours * 1e3:9.1f} ms "
            f"{row.theirs * 1e3:9.1f} ms {row.ratio:7.2f}  {row.algorithm:9} {bounds} {row.verdict}"
        )
    return rows


def show(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)


if __name__ == "__main__":
    main()
