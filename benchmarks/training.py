# SPDX-License-Identifier: Apache-2.0
"""
What a training costs those who sign in: ``python -m benchmarks.training``.

A service with one worker and a full journal trains while logins come in; the same logins before each training tell
what they wait for without one.  With it: the memory of the process that trains, from its start to its end, the
first look back at the journal included.  ``--memory`` measures that alone.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import shutil
import tempfile
import time
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np

from benchmarks.figures import Figure, Section, Target, percentile, show
from benchmarks.load import open_loop
from benchmarks.logins import Population, dice
from benchmarks.paths import Stand
from benchmarks.servers import Server, make_token, nacre, processor_seconds, teaching
from nacre.config.tree import LogLevel, Settings
from nacre.features.columns import STANDARD
from nacre.features.flags import Flag
from nacre.learning.event import EVENT
from nacre.learning.row import pack_row
from nacre.logs import configure_logs
from nacre.service import Guard

_DAYS, _DAY = 10, 86_400
_HELD_BACK = 30_000
"""Rows that are put into the journal before it is given time to write them."""
_MIX = ((0.4, 0), (0.25, 1), (0.15, 2), (0.2, 3))
"""Shares of guesses, failures, logins from new places and others."""
_PATIENCE = 300.0


class Round(NamedTuple):
    """
    Logins of some seconds.

    Attributes:
        p99, p50: Of the seconds that checks waited.
        trained: Cores that training used meanwhile.
        late: Seconds by which a check was sent too late at most: a pause of the machine, not of the service.
    """

    p99: float
    p50: float
    trained: float
    late: float


def main() -> None:
    """Measure, and print what came out."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training", description=__doc__)
    parser.add_argument("--rows", type=int, default=80_000, help="samples in the journal")
    parser.add_argument("--drawn", type=int, default=80_000, help="of these, to learn from")
    parser.add_argument("--events", type=int, default=5, help="events per sample")
    parser.add_argument("--rate", type=int, default=300, help="logins a second")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--memory", action="store_true", help="no logins, two trainings to their end; the memory is that of all"
    )
    arguments = parser.parse_args()
    configure_logs(LogLevel.WARNING)
    folder = Path(tempfile.mkdtemp(prefix="nacre-bench-"))
    try:
        asyncio.run(_fill(folder, arguments.rows, arguments.events))
        with nacre(folder, network=True) as server:
            show((_remembered if arguments.memory else _measure)(server, folder, arguments))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _measure(server: Server, folder: Path, arguments: argparse.Namespace) -> Section:
    stand = Stand(server, folder, Population(20_000, seed=2)).sign_in()
    desk, learner = _Desk(server, make_token(folder, "admin")), teaching(server)
    alone, beside = [], []
    _logins(stand, arguments.rate, 2.0, learner)  # whatever is done for the first time
    for _ in range(arguments.rounds):
        alone.append(_logins(stand, arguments.rate, arguments.seconds, learner))
        job = desk.train(arguments.drawn)
        beside.append(_logins(stand, arguments.rate, arguments.seconds, learner))
        desk.stop(job)
    trained = _train(desk, learner, arguments.drawn)
    figures = [
        Figure.of("check p50, nobody trains", [each.p50 * 1e3 for each in alone], "ms"),
        Figure.of("check p50, while it trains", [each.p50 * 1e3 for each in beside], "ms"),
        Figure.of("check p99, nobody trains", [each.p99 * 1e3 for each in alone], "ms"),
        Figure.of("check p99, while it trains", [each.p99 * 1e3 for each in beside], "ms"),
        Figure.of("  to each other", [b.p99 / a.p99 for a, b in zip(alone, beside, strict=True)], "", Target.most(1.5)),
        Figure.of("cores that it has meanwhile", [each.trained for each in beside]),
        Figure.of("  sent late at most, by the load", [each.late * 1e3 for each in alone + beside], "ms"),
        *trained,
    ]
    return Section(
        f"Training on {arguments.drawn:,} rows beside {arguments.rate} logins a second",
        figures,
    )


def _remembered(server: Server, folder: Path, arguments: argparse.Namespace) -> Section:
    desk = _Desk(server, make_token(folder, "admin"))
    desk.finish(desk.train(arguments.drawn))
    return Section(f"Training on {arguments.drawn:,} rows once more", _train(desk, teaching(server), arguments.drawn))


def _train(desk: _Desk, learner: int, rows: int) -> list[Figure]:
    """Train to the end."""
    began, used = time.perf_counter(), processor_seconds(learner)
    desk.finish(desk.train(rows))
    memory = next(line for line in Path(f"/proc/{learner}/status").read_text().splitlines() if "VmHWM" in line)
    return [
        Figure("a training to its end", time.perf_counter() - began, "s"),
        Figure("  processor time", processor_seconds(learner) - used, "s", Target.most(60)),
        Figure("most memory of the process that trains", int(memory.split()[1]) * 1024 / 1e6, "MB", Target.most(300)),
    ]


def _logins(stand: Stand, rate: int, seconds: float, learner: int) -> Round:
    draw = dice(5)
    arrivals = list(itertools.accumulate(draw.expovariate(rate) for _ in range(int(rate * seconds))))
    checks = itertools.cycle(stand.checks)
    talks = (stand.clerk.logins(itertools.islice(checks, 1), once=True) for _ in arrivals)
    used = processor_seconds(learner)
    first, _, late = open_loop(stand.server.place, talks, arrivals, connections=64)
    trained = (processor_seconds(learner) - used) / first.seconds
    return Round(percentile(first.latencies, 0.99), percentile(first.latencies, 0.5), trained, max(late))


class _Desk:
    """Asks for trainings, as an operator does."""

    def __init__(self, server: Server, token: str) -> None:
        self._line, self._head = HTTPConnection(*server.place, timeout=30), {"Authorization": f"Bearer {token}"}

    def train(self, rows: int) -> str:
        """Ask for a training, and return its id once it runs; whatever runs already is waited for."""
        while (job := self._ask("POST", "/api/v1/train", {"samples": rows}))["why"] != "asked for":
            self.finish(job["id"])
        return self._until(job["id"], {"running"})

    def stop(self, job: str) -> None:
        """Stop a training, and wait for that."""
        self._ask("DELETE", f"/api/v1/jobs/{job}")
        self.finish(job)

    def finish(self, job: str) -> None:
        """Wait for the end of a training."""
        self._until(job, {"published", "refused", "cancelled", "failed"})

    def _until(self, job: str, states: set[str]) -> str:
        end = time.perf_counter() + _PATIENCE
        while time.perf_counter() < end:
            found = self._ask("GET", f"/api/v1/jobs/{job}")
            if found["state"] in states:
                return job
            if found["state"] == "failed":
                raise RuntimeError(found["why"])
            time.sleep(0.1)
        raise RuntimeError(f"job {job} did not become {' or '.join(states)}")

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        head = self._head | {"Content-Type": "application/json"}
        self._line.request(method, path, None if body is None else msgspec.json.encode(body), head)
        answer = self._line.getresponse()
        content = answer.read()
        if answer.status >= 400:
            raise RuntimeError(content.decode(errors="replace"))
        found: dict[str, Any] = msgspec.json.decode(content) if content else {}
        return found


async def _fill(folder: Path, rows: int, events: int) -> None:
    """Put rows of ten days into the journal of a data directory: sources that guess, and people who sign in."""
    rng = np.random.default_rng(1)
    async with Guard.open(Settings(), data_dir=folder) as guard:
        journal = guard.network_parts.shelves.journal
        for start in range(0, rows * events, _HELD_BACK):
            count = min(_HELD_BACK, rows * events - start)
            made = _events(rng, count)
            vectors = (
                rng.normal(size=(count, len(STANDARD))).astype("<f4") + (made["flags"] & Flag.SUCCESS == 0)[:, None]
            )
            for place in range(count):
                event = made[place].tobytes()
                sample = pack_row(event, vectors[place].astype("<f4").tobytes()) if place % events == 0 else None
                journal.put(event, sample)
            await journal.settle()


def _events(rng: np.random.Generator, count: int) -> np.ndarray[tuple[int], np.dtype[np.void]]:
    kind = rng.choice([kind for _, kind in _MIX], count, p=[share for share, _ in _MIX])
    made = np.zeros(count, EVENT)
    made["id"] = rng.integers(1, 2**63, count, np.uint64)
    made["time"] = time.time() - 2 * _DAY - rng.random(count) * (_DAYS - 1) * _DAY
    guess, user = kind == 0, rng.integers(1, 20_000, count)
    made["user"] = user
    made["net"] = np.where(guess, 1_000_000 + rng.integers(0, 3_000, count), user + 100_000)
    made["ip"] = made["net"] + 10_000_000
    made["token"] = np.where(guess, rng.integers(1, 2**31, count), user + 50_000)
    home = Flag.KNOWN | Flag.HISTORY | Flag.SEEN_NET | Flag.SEEN_IP | Flag.SEEN_CLIENT
    flags = np.array([
        Flag.KNOWN | Flag.ORPHAN | Flag.FRESH, home | Flag.FORMER, Flag.KNOWN | Flag.SUCCESS, home | Flag.SUCCESS,
    ], np.uint32)  # fmt: skip
    made["flags"] = flags[kind]
    made["score"] = made["accept"] = np.where(guess, 0.9, 0.01)
    return made


if __name__ == "__main__":
    main()
