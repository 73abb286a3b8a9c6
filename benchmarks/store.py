# SPDX-License-Identifier: Apache-2.0
"""The store by itself: what its scripts can do at most, and what it keeps in how many bytes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

from benchmarks.counting import KEEP_CLAIM, OF_ACCOUNT, OF_ADDRESS, Counting
from benchmarks.figures import Figure, Section, Target
from benchmarks.load import ask
from benchmarks.logins import Clerk, Population, dice, outcomes, request_id
from benchmarks.plan import Plan
from benchmarks.servers import Server, make_token, processor_seconds, store_socket
from benchmarks.tape import Pipeline, packed
from nacre.attempt import Attempt
from nacre.record import Told

CHECK, REPORT = "check: MGET", "report: the script COUNT"
_BYTES = Target.most(400)
_CLAIMS = 100_000


def measure_scripts(data_dir: Path, plan: Plan) -> Section:
    """Measure the commands of a check and of a report, sent in a pipeline with nothing in between."""
    counting = Counting(data_dir)
    users = Population(plan.users, seed=7)
    draw = dice(8)

    def attempts() -> Iterator[Attempt]:
        while True:
            number = draw.randrange(len(users))
            yield counting.attempt(users[number], time.time(), password=f"guess-{draw.getrandbits(40)}")

    def mixed(some: Iterable[Attempt]) -> Iterator[bytes]:
        for attempt, accepted in zip(some, outcomes(), strict=False):
            yield from counting.outcomes([attempt], accepted=accepted)

    kinds: dict[str, Callable[[Iterable[Attempt]], Iterator[bytes]]] = {
        CHECK: counting.reads,
        REPORT: mixed,
        "  all accepted": lambda some: counting.outcomes(some, accepted=True),
        "  all rejected": lambda some: counting.outcomes(some, accepted=False),
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
        figures += [Figure.of(name, rates[name], "/s"), Figure.of("    store CPU", costs[name], "us")]
    return Section("The store alone, commands in a pipeline over its unix socket", figures)


def measure_memory(server: Server, data_dir: Path, users: Population) -> Section:
    """
    Measure the bytes that the store needs for what it tracks.

    An address is tracked once it fails: its own counters, its repeated passwords and those of its /24 network, which
    it hardly shares with others here.  An account is tracked once its owner signed in, and failed.
    """
    counting = Counting(data_dir, forget_claims=True)
    with Pipeline(store_socket(data_dir)) as pipeline:
        figures = _kept_over_http(server, data_dir, pipeline, counting)
        # The append-only file would be rewritten again and again; it takes no memory of the store's.
        pipeline.ask("CONFIG", "SET", "appendonly", "no")
        before = int(pipeline.ask("DBSIZE"))
        failures, logins, failures_too = _tracks(counting, users)
        failed = _grown(pipeline, failures)
        keys = int(pipeline.ask("DBSIZE")) - before
        signed_in, failed_too = _grown(pipeline, logins), _grown(pipeline, failures_too)
        claims = _grown(pipeline, (_claim(counting, number) for number in range(_CLAIMS)))
        _keep_on_disk(pipeline)
    one = len(users)
    return Section(
        f"Memory of the store (used_memory) with {len(users):,} addresses and as many accounts",
        [
            Figure("an address that failed once, with its /24 network", failed / one, "bytes", _BYTES),
            Figure("  keys for it", keys / one),
            Figure("an account, signed in and failed once", (signed_in + failed_too) / one, "bytes", _BYTES),
            Figure("  before the failure", signed_in / one, "bytes"),
            Figure("the claim of a reported request id, for a day", claims / _CLAIMS, "bytes"),
            *figures,
        ],
    )


def track(data_dir: Path, users: Population) -> None:
    """Bring users into the state in which :func:`measure_memory` leaves them."""
    counting = Counting(data_dir, forget_claims=True)
    with Pipeline(store_socket(data_dir)) as pipeline:
        for commands in _tracks(counting, users):
            pipeline.play(commands)


def _tracks(counting: Counting, users: Population) -> tuple[Iterator[bytes], ...]:
    """Return what users leave behind: failures of their addresses, logins to their accounts, failures of these."""
    now = time.time()

    def attempts(password: str = "") -> Iterator[Attempt]:
        return (counting.attempt(user, now, password) for user in users)

    return (
        counting.outcomes(attempts("secret"), accepted=False, kinds=OF_ADDRESS),
        counting.outcomes(attempts(), accepted=True, kinds=OF_ACCOUNT),
        counting.outcomes(attempts(), accepted=False, kinds=OF_ACCOUNT),
    )


def _kept_over_http(server: Server, data_dir: Path, pipeline: Pipeline, counting: Counting) -> list[Figure]:
    """
    Return what the service itself needs: a user who fails nine times, and the decision on one of the checks.

    Raises:
        ValueError: what the service wrote is not what is played here.
    """
    clerk, user, now = Clerk(make_token(data_dir, "operator"), seed=10), Population(1, seed=10)[0], time.time()
    attempts = [counting.attempt(user, now + second, f"guess-{second}") for second in range(9)]
    names = counting.names(attempts[0])
    ask(server.place, [clerk.failure_at(user, attempt.time, f"guess-{n}") for n, attempt in enumerate(attempts)])
    written = pipeline.ask("MGET", *names)
    bytes_of_user = sum(int(pipeline.ask("MEMORY", "USAGE", name)) for name in names)
    pipeline.ask("DEL", *names)
    pipeline.play(counting.outcomes(attempts, accepted=False))
    if pipeline.ask("MGET", *names) != written:
        raise ValueError("the service writes other values than those that are measured here")
    # What the first check leaves behind is in the store before the second one is answered.
    first, _ = ask(server.place, clerk.checks(Population(2, seed=11), 2))
    bytes_of_decision = int(pipeline.ask("MEMORY", "USAGE", counting.keys.decision(request_id(first).decode())))
    return [
        Figure("an address after nine failures, its network and account included", bytes_of_user, "bytes"),
        Figure("a kept decision, for a day", bytes_of_decision, "bytes"),
    ]


def _keep_on_disk(pipeline: Pipeline) -> None:
    """Write the append-only file again, and wait until it is written."""
    pipeline.ask("CONFIG", "SET", "appendonly", "yes")
    while "1" in {pipeline.info("persistence")[f"aof_rewrite_{what}"] for what in ("in_progress", "scheduled")}:
        time.sleep(0.1)


def _claim(counting: Counting, number: int) -> bytes:
    """Return what the script does for the claim of a request id as we make them."""
    key = counting.keys.claim(f"fedcba9876543210-{number:x}", b"{c000}")
    return packed("SET", key, Told.at(time.time(), accepted=True).packed(), "NX", "EX", int(KEEP_CLAIM))


def _grown(pipeline: Pipeline, commands: Iterable[bytes]) -> int:
    """Return the bytes by which commands make the store grow."""
    before = int(pipeline.info("memory")["used_memory"])
    pipeline.play(commands)
    return int(pipeline.info("memory")["used_memory"]) - before
