# SPDX-License-Identifier: Apache-2.0
"""Requests per second of each path, beside those of the same server with nothing to do; latency at a fixed rate."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.counting import Counting
from benchmarks.figures import Figure, Section, Target, percentile
from benchmarks.load import Load, Talk, ask, closed_loop, open_loop
from benchmarks.logins import Clerk, Population, dice, saying
from benchmarks.plan import Plan
from benchmarks.servers import Server, Times, make_token, store_socket
from benchmarks.store import CHECK, REPORT
from benchmarks.tape import Pipeline

CONNECTIONS = (32, 128)
LOGINS_PER_SECOND = 2_000
_RATIO = {"check": 0.35, "report": 0.35, "known block, flood": 0.7}
_WORKER, _STORE = Target.most(60), Target.most(30)
_LIMIT = "empty handler"
_BLOCKED, _FAILURES = 500, 11
_FLOODED, _KEPT = 4, 1_000
"""Addresses that a flood comes from, and refusals of each that are kept in full, as the settings have it."""
_REPORTS_PER_SECOND = 30_000
_SCRIPTS = {"check": CHECK, "report": REPORT}


class Measured(NamedTuple):
    """
    One path in one round.

    Attributes:
        load: What was asked and answered.
        times: Processor seconds that it took.
    """

    load: Load
    times: Times

    def cost(self, seconds: float) -> float:
        """Return microseconds per request."""
        return seconds / len(self.load.latencies) * 1e6


class Stand:
    """
    A service, its users, and what is asked of it.

    Args:
        server: The service.
        data_dir: Its data directory.
        users: Who signs in.
    """

    def __init__(self, server: Server, data_dir: Path, users: Population) -> None:
        self.server = server
        self.clerk = Clerk(make_token(data_dir), seed=1)
        self.users = users
        self._data_dir = data_dir
        self.checks = self.clerk.checks(self.users, 20_000)

    def sign_in(self) -> Stand:
        """Let each of the users have signed in once."""
        counting, now = Counting(self._data_dir, forget_claims=True), time.time()
        with Pipeline(store_socket(self._data_dir)) as pipeline:
            attempts = (counting.attempt(user, now) for user in self.users)
            pipeline.play(counting.outcomes(attempts, accepted=True))
        return self

    def block(self, count: int, seed: int) -> Population:
        """Return users whose addresses are blocked, since they failed too often."""
        blocked = Population(count, seed)
        encode = self.clerk.failure_of
        ask(self.server.place, (encode(user) for user in blocked for _ in range(_FAILURES)))
        return blocked

    def mixed(self, connections: int, *, rejects: bool = True) -> list[Talk]:
        """Return logins for each connection: a check, then a report under the id that was answered."""
        return [self.clerk.logins(turned(self.checks, n, connections), rejects=rejects) for n in range(connections)]


def measure_paths(stand: Stand, empty: Server, plan: Plan, scripts: Section) -> list[Section]:
    """
    Measure all paths, one after the other in each round, so that what disturbs one disturbs all.

    Args:
        stand: The service.
        empty: The empty handler.
        plan: How much.
        scripts: What the store can do at most, see :func:`benchmarks.store.measure_scripts`.
    """
    place = stand.server.place
    blocked = stand.clerk.checks(stand.block(_BLOCKED, seed=3), 5_000)
    flood = stand.clerk.checks(stand.block(_FLOODED, seed=4), 1_000)
    ask(place, itertools.islice(itertools.cycle(flood), _FLOODED * (_KEPT + 100)))
    reports: Iterator[bytes] = iter(())

    def each(requests: list[bytes], expected: bytes) -> Callable[[int], list[Talk]]:
        return lambda count: [saying(turned(requests, n, count), expected) for n in range(count)]

    paths: dict[str, tuple[Server, Callable[[int], list[Talk]]]] = {
        _LIMIT: (empty, each(stand.checks, b"")),
        "check": (stand.server, each(stand.checks, b'"action":"allow"')),
        "report": (stand.server, lambda count: [saying(reports, b'"counted":true') for _ in range(count)]),
        "login: check and report by id": (stand.server, stand.mixed),
        "known block": (stand.server, each(blocked, b'"action":"refuse"')),
        "known block, flood": (stand.server, each(flood, b'"action":"refuse"')),
    }
    measured: dict[tuple[str, int], list[Measured]] = {}
    for _ in range(plan.rounds):
        for connections in CONNECTIONS:
            for name, (server, talks) in paths.items():
                if name == "report":
                    reports = iter(stand.clerk.reports(stand.users, int(_REPORTS_PER_SECOND * plan.seconds)))
                before = server.times()
                load = closed_loop(server.place, talks(connections), plan.seconds)
                measured.setdefault((name, connections), []).append(Measured(load, server.times().since(before)))
    return [
        _section(connections, {name: measured[name, connections] for name in paths}, scripts)
        for connections in CONNECTIONS
    ]


def _section(connections: int, paths: dict[str, list[Measured]], scripts: Section) -> Section:
    figures = []
    limits = [measured.load.rate for measured in paths[_LIMIT]]
    costs = [measured.cost(measured.times.worker) for measured in paths[_LIMIT]]
    for name, rounds in paths.items():
        latencies = [measured.load.latencies for measured in rounds]
        figures.append(Figure.of(name, [measured.load.rate for measured in rounds], "/s"))
        if name != _LIMIT:
            ratios = [measured.load.rate / limit for measured, limit in zip(rounds, limits, strict=True)]
            target = Target.least(_RATIO[name]) if name in _RATIO else None
            figures.append(Figure.of("  of the empty handler", ratios, "", target))
            shares = [limit / m.cost(m.times.worker) for m, limit in zip(rounds, costs, strict=True)]
            figures.append(Figure.of("  of the empty handler, by service CPU", shares))
        if name in _SCRIPTS:
            rates = [measured.load.rate / scripts.value(_SCRIPTS[name]) for measured in rounds]
            figures.append(Figure.of("  of the store alone", rates))
        figures += [
            Figure.of("  p50", [percentile(values, 0.5) * 1e3 for values in latencies], "ms"),
            Figure.of("  p99", [percentile(values, 0.99) * 1e3 for values in latencies], "ms"),
            Figure.of(
                "  service CPU", [m.cost(m.times.worker) for m in rounds], "us", None if name == _LIMIT else _WORKER
            ),
        ]
        if name != _LIMIT:
            figures.append(Figure.of("  store CPU", [m.cost(m.times.store) for m in rounds], "us", _STORE))
    return Section(f"HTTP, one worker, {connections} kept connections", figures)


def measure_network(stand: Stand, empty: Server, plan: Plan) -> Section:
    """
    Measure check and report where every attempt is seen and scored by the network, beside the empty handler.

    Args:
        stand: The service, its network on.
        empty: The empty handler.
        plan: How much.
    """
    connections, figures = CONNECTIONS[0], []
    found: dict[str, list[Measured]] = {}
    for _ in range(plan.rounds):
        reports = iter(stand.clerk.reports(stand.users, int(_REPORTS_PER_SECOND * plan.seconds)))
        checks = [saying(turned(stand.checks, n, connections), b'"action":"allow"') for n in range(connections)]
        nothing = [saying(turned(stand.checks, n, connections), b"") for n in range(connections)]
        for name, server, talks in (
            (_LIMIT, empty, nothing),
            ("check", stand.server, checks),
            ("report", stand.server, [saying(reports, b'"counted":true') for _ in range(connections)]),
        ):
            before = server.times()
            load = closed_loop(server.place, talks, plan.seconds)
            found.setdefault(name, []).append(Measured(load, server.times().since(before)))
    limits = [measured.load.rate for measured in found.pop(_LIMIT)]
    for name, rounds in found.items():
        ratios = [measured.load.rate / limit for measured, limit in zip(rounds, limits, strict=True)]
        figures += [
            Figure.of(name, [measured.load.rate for measured in rounds], "/s"),
            Figure.of("  of the empty handler", ratios),
            Figure.of("  p50", [percentile(m.load.latencies, 0.5) * 1e3 for m in rounds], "ms"),
            Figure.of("  p99", [percentile(m.load.latencies, 0.99) * 1e3 for m in rounds], "ms"),
            Figure.of("  service CPU", [m.cost(m.times.worker) for m in rounds], "us"),
            Figure.of("  store CPU", [m.cost(m.times.store) for m in rounds], "us"),
        ]
    return Section(f"The same with the network, {connections} kept connections", figures)


def measure_latency(stand: Stand, plan: Plan) -> Section:
    """Measure logins that come in at a fixed rate on average, whether or not the service keeps up."""
    draw = dice(5)
    count = int(LOGINS_PER_SECOND * plan.login_seconds)
    arrivals = list(itertools.accumulate(draw.expovariate(LOGINS_PER_SECOND) for _ in range(count)))
    checks = itertools.cycle(stand.checks)
    talks = (stand.clerk.logins(itertools.islice(checks, 1), once=True) for _ in arrivals)
    before = stand.server.times()
    first, second, late = open_loop(stand.server.place, talks, arrivals, connections=256)
    used = stand.server.times().since(before)
    figures = [
        Figure(f"{name}, {share}", percentile(load.latencies, fraction) * 1e3, "ms", target)
        for name, load in (("check", first), ("report", second))
        for share, fraction, target in (
            ("p50", 0.5, Target.most(2)),
            ("p99", 0.99, Target.most(10)),
            ("p99.9", 0.999, None),
            ("longest", 1.0, None),
        )
    ]
    figures += [
        Figure("sent too late by, p99 (part of the above)", percentile(late, 0.99) * 1e3, "ms"),
        Figure("service CPU, a login", used.worker / len(arrivals) * 1e6, "us"),
        Figure("store CPU, a login", used.store / len(arrivals) * 1e6, "us"),
    ]
    return Section(f"Latency of logins at {LOGINS_PER_SECOND:,} a second, at random times", figures)


def measure_growth(few: Stand, many: Stand, plan: Plan) -> Section:
    """Measure logins where few addresses are tracked and where many are, in turns."""
    measured: dict[int, list[Measured]] = {len(few.users): [], len(many.users): []}
    for _ in range(plan.rounds):
        for stand in (few, many):
            talks, before = stand.mixed(CONNECTIONS[0], rejects=False), stand.server.times()
            load = closed_loop(stand.server.place, talks, plan.seconds)
            measured[len(stand.users)].append(Measured(load, stand.server.times().since(before)))
    figures = []
    for users, rounds in measured.items():
        figures += [
            Figure.of(f"{users:,} addresses tracked", [m.load.rate for m in rounds], "/s"),
            Figure.of("  service CPU", [m.cost(m.times.worker) for m in rounds], "us"),
            Figure.of("  store CPU", [m.cost(m.times.store) for m in rounds], "us"),
        ]
    ratios = [more.load.rate / fewer.load.rate for fewer, more in zip(*measured.values(), strict=True)]
    figures.append(Figure.of("many to few", ratios, "", Target.least(0.9)))
    return Section(f"Logins with few and with many addresses, {CONNECTIONS[0]} connections", figures)


def turned(requests: list[bytes], number: int, of: int) -> Iterator[bytes]:
    """Return requests for ever, each connection beginning elsewhere among them."""
    start = number * len(requests) // of
    return itertools.islice(itertools.cycle(requests), start, None)
