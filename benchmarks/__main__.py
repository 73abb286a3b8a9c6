# SPDX-License-Identifier: Apache-2.0
"""``python -m benchmarks``: all measurements in one run."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import msgspec

from benchmarks.figures import Section, show
from benchmarks.logins import Population
from benchmarks.paths import Stand, measure_growth, measure_latency, measure_network, measure_paths
from benchmarks.plan import FULL, QUICK, Plan
from benchmarks.restore import measure_look_up, measure_restore
from benchmarks.servers import busy_seconds, empty_handler, nacre
from benchmarks.store import measure_memory, measure_scripts, track
from benchmarks.trips import measure_trips
from nacre.config.tree import LogLevel
from nacre.logs import configure_logs

_FEW = 1_000


def main() -> None:
    """Measure, and print what came out."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure nacre against its own limits.")
    parser.add_argument("--quick", action="store_true", help="half a minute instead of five: smaller and noisier")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of tables")
    arguments = parser.parse_args()
    plan = QUICK if arguments.quick else FULL
    say: Callable[[str], None] = (lambda line: print(line, file=sys.stderr)) if arguments.json else print
    say(f"nacre on {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    configure_logs(LogLevel.WARNING)
    folder = Path(tempfile.mkdtemp(prefix="nacre-bench-"))
    sections = []
    began, busy = time.perf_counter(), busy_seconds()
    try:
        for section in measure(folder, plan):
            sections.append(section)
            if not arguments.json:
                show(section)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if arguments.json:
        print(msgspec.json.encode(sections).decode())
    missed = sum(figure.verdict == "missed" for section in sections for figure in section.figures)
    say(f"\n{time.perf_counter() - began:.0f} s; {missed} targets missed.  {_others(began, busy)}")


def _others(began: float, busy_before: float) -> str:
    """Return what else kept the machine busy: figures taken on a busy machine say little."""
    ours = sum(os.times()[:4])
    share = (busy_seconds() - busy_before - ours) / ((time.perf_counter() - began) * (os.cpu_count() or 1))
    return f"Other processes used {max(share, 0.0):.0%} of the machine in the meantime."


def measure(folder: Path, plan: Plan) -> Iterator[Section]:
    """Yield one section after the other."""
    yield measure_look_up()
    yield measure_trips(folder / "trips")
    with nacre(folder / "scripts"):
        scripts = measure_scripts(folder / "scripts", plan)
    yield scripts
    with empty_handler() as empty, nacre(folder / "paths") as server:
        stand = Stand(server, folder / "paths", Population(plan.users, seed=2)).sign_in()
        yield from measure_paths(stand, empty, plan, scripts)
        yield measure_latency(stand, plan)
    with empty_handler() as empty, nacre(folder / "network", network=True) as server:
        yield measure_network(Stand(server, folder / "network", Population(plan.users, seed=2)).sign_in(), empty, plan)
    with ExitStack() as running:
        few = running.enter_context(nacre(folder / "few"))
        many = running.enter_context(nacre(folder / "many"))
        users = Population(plan.tracked, seed=3)
        yield measure_memory(many, folder / "many", users)
        some = Population(_FEW, seed=3)
        track(folder / "few", some)
        yield measure_growth(Stand(few, folder / "few", some), Stand(many, folder / "many", users), plan)
    yield measure_restore(folder / "restore", plan)


if __name__ == "__main__":
    main()
