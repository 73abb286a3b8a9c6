# SPDX-License-Identifier: Apache-2.0
"""The store by itself: what its scripts can do at most, and what it keeps in how many bytes."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

from nacre.attempt import Attempt

from benchmarks.counting import OF_ACCOUNT, OF_ADDRESS, Counting
from benchmarks.figures import Figure, Section, Target
from benchmarks.logins import Population
from benchmarks.plan import Plan
from benchmarks.servers import processor_seconds, store_socket
from benchmarks.tape import Pipeline

_BYTES = Target.most(400)
_CLAIMS = 100_000


def script_limits(data_dir: Path, plan: Plan) -> Section:
    """Measure the commands of a check and of a report, sent in a pipeline with nothing in between."""
    counting = Counting(data_dir)
    users = Population(plan.users, seed=7)
    draw = random.Random(8)

    def attempts() -> Iterator[Attempt]:
        while True:
            number = draw.randrange(len(users))
            yield counting.attempt(users[number], time.time(), password=f"guess-{draw.getrandbits(40)}")

    kinds: dict[str, Callable[[Iterable[Attempt]], Iterator[bytes]]] = {
        "check: MGET": counting.reads,
        "report, accepted: COUNT": lambda some: counting.outcomes(some, accepted=True),
        "report, rejected: COUNT": lambda some: counting.outcomes(some, accepted=False),
    }
    rates: dict[str, list[float]] = {name: [] for name in kinds}
    costs: dict[str, list[float]] = {name: [] for name in kinds}
    with Pipeline(store_socket(data_dir)) as pipeline:
        process = int(pipeline.info("server")["process_id"])
        pipeline.play(counting.outcomes((counting.attempt(user, time.time()) for user in users), accepted=True))
        for _ in range(plan.rounds):
            for name, make in kinds.items():
                commands = list(make(islice(attempts(), plan.scripts)))
                before, began = processor_seconds(process), time.perf_counter()
                pipeline.play(commands)
                rates[name].append(len(commands) / (time.perf_counter() - began))
                costs[name].append((processor_seconds(process) - before) / len(commands) * 1e6)
    figures = []
    for name in kinds:
        figures += [Figure.of(name, rates[name], "/s"), Figure.of("  store CPU", costs[name], "us")]
    return Section("The store alone, commands in a pipeline over its unix socket", figures)


def memory(data_dir: Path, plan: Plan) -> Section:
    """
    Measure the bytes that the store needs for what it tracks.

    An address is tracked once it fails: its own counters, its repeated passwords and those of its /24 network, which
    it hardly shares with others here.  An account is tracked once its owner signed in, and failed.
    """
    counting = Counting(data_dir, forget_claims=True)
    users = Population(plan.tracked, seed=9)
    now = time.time()

    def attempts(password: str = "") -> Iterator[Attempt]:
        return (counting.attempt(user, now, password) for user in users)

    figures = []
    with Pipeline(store_socket(data_dir)) as pipeline:

        def grown(commands: Iterable[bytes]) -> float:
            before = _used(pipeline)
            pipeline.play(commands)
            return _used(pipeline) - before

        # The append-only file would be rewritten again and again; it takes no memory of the store's.
        pipeline.ask("CONFIG", "SET", "appendonly", "no")
        failed = grown(counting.outcomes(attempts("secret"), accepted=False, kinds=OF_ADDRESS))
        keys = pipeline.ask("DBSIZE")
        signed_in = grown(counting.outcomes(attempts(), accepted=True, kinds=OF_ACCOUNT))
        failed_too = grown(counting.outcomes(attempts(), accepted=False, kinds=OF_ACCOUNT))
        figures += [
            Figure("addresses, and as many accounts", plan.tracked),
            Figure("an address that failed once, with its /24 network", failed / plan.tracked, "bytes", _BYTES),
            Figure("  keys for it", keys / plan.tracked),
            Figure("an account whose owner signed in and failed once", (signed_in + failed_too) / plan.tracked, "bytes", _BYTES),
            Figure("  before the failure", signed_in / plan.tracked, "bytes"),
        ]
        figures += _busy(pipeline, counting, now)
        figures += _by_the_way(pipeline, counting, plan)
    return Section("Memory of the store (used_memory)", figures)


def _busy(pipeline: Pipeline, counting: Counting, now: float) -> list[Figure]:
    """Return what an address needs when its rule is just about to trip."""
    user = Population(1, seed=10)[0]
    attempts = [counting.attempt(user, now + second, f"guess-{second}") for second in range(10)]
    pipeline.play(counting.outcomes(attempts, accepted=False))
    sizes = [int(pipeline.ask("MEMORY", "USAGE", name) or 0) for name in counting.names(attempts[0])]
    return [Figure("an address after ten failures, its account and network included", sum(sizes), "bytes")]


def _by_the_way(pipeline: Pipeline, counting: Counting, plan: Plan) -> list[Figure]:
    """Return what the claim of a report needs, which is kept for a day; plain SETs, as the script makes them."""
    count = min(_CLAIMS, plan.tracked)
    before = _used(pipeline)
    for number in range(count):
        pipeline.ask("SET", counting.keys.claim(f"fedcba9876543210-{number:x}", b"{c000}"), "1", "NX", "EX", 86_400)
    return [Figure("the claim of a reported request id", (_used(pipeline) - before) / count, "bytes")]


def _used(pipeline: Pipeline) -> int:
    return int(pipeline.info("memory")["used_memory"])
