# SPDX-License-Identifier: Apache-2.0
"""A replay decides as the service would have, attempt by attempt."""

from __future__ import annotations

import io
from collections.abc import Iterator

import msgspec
from builders import MakeGuard, rule

from nacre.attempt import AttemptFields, Attribute
from nacre.config.tree import BruteForce, NeuralNetwork, Settings
from nacre.learning.train import Trained
from nacre.replay.learn import Learning, Schedule
from nacre.replay.record import Recorded, Tally
from nacre.replay.run import replay

START = 1_500_000_000.0


def log(*rows: tuple[str, str, bool]) -> Iterator[Recorded]:
    """Attempts a second apart: address, account, outcome."""
    for number, (address, account, success) in enumerate(rows):
        fields = AttemptFields(client_ip=address, username=account, time=START + number, request_id=f"r{number}")
        yield Recorded(fields, success, number + 1)


GUESSES = [("192.0.2.7", "erika", False)] * 8 + [("192.0.2.7", "erika", True)]
NEIGHBOURS = [(f"198.51.100.{n}", f"user{n}", n % 3 > 0) for n in range(200)]


async def test_a_guessing_run_is_refused_before_its_success() -> None:
    """
    The log says that the ninth guess was right; nobody would have looked at it.
    """
    settings = Settings(brute_force=BruteForce(buckets=(rule(limit=5),)))

    summary = await replay(log(*GUESSES), settings, tally=Tally())

    assert summary.actions["refuse"] == 4
    assert summary.successes_refused == 1
    assert summary.legitimate_looking_refused == 0
    assert [block.subject for block in summary.blocks] == ["192.0.2.7/32"]
    assert summary.blocks[0].since == START + 4


async def test_what_a_measure_refuses_is_attributed_to_it() -> None:
    """
    Too slow for any rule, somebody goes through names that do not exist.
    """
    fields = AttemptFields(client_ip="198.51.100.7", username="", known_user=False)
    names = [
        Recorded(msgspec.structs.replace(fields, username=f"u{n}", time=START + 70 * n), success=False, line=n)
        for n in range(60)
    ]

    summary = await replay(names, Settings(), tally=Tally())

    assert summary.rules == {}
    assert summary.others["measure"]["block (enumeration)"].refused == summary.actions["refuse"] > 0


async def test_every_attempt_has_a_line_in_the_order_of_the_log() -> None:
    """
    Whoever judges the decisions joins them by request id, and reads scores from 0 to 1.
    """
    settings = Settings(brute_force=BruteForce(buckets=(rule(limit=5),)))
    written = io.StringIO()

    await replay(log(*GUESSES, *NEIGHBOURS), settings, tally=Tally(), decisions=written)

    lines = [line.split(",") for line in written.getvalue().splitlines()]
    assert lines[0] == ["request_id", "score", "decision", "score_accept"]
    assert [line[0] for line in lines[1:]] == [f"r{number}" for number in range(209)]
    assert [line[2] for line in lines[1:10]] == ["allow"] * 5 + ["refuse"] * 4
    assert all(0 <= float(score) <= 1 for line in lines[1:] for score in (line[1], line[3]))


async def test_the_decisions_are_those_of_the_service(make_guard: MakeGuard) -> None:
    """
    Neighbours travel together in a replay; asked one by one, the guard says the same.
    """
    rules = (rule("address", limit=5), rule("subnet", limit=20, cidr=24), rule("account", limit=3, subject="account"))
    rows = [*GUESSES, *NEIGHBOURS, *GUESSES, *NEIGHBOURS[:50]]
    written = io.StringIO()
    guard = await make_guard(*rules)

    await replay(log(*rows), Settings(brute_force=BruteForce(buckets=rules)), tally=Tally(), decisions=written)
    one_by_one = []
    for recorded in log(*rows):
        one_by_one.append((await guard.attempt(recorded.fields, success=recorded.success)).action.value)
        await guard.checkpoint.settle()

    assert [line.split(",")[2] for line in written.getvalue().splitlines()[1:]] == one_by_one
    assert "refuse" in one_by_one


async def test_a_log_that_is_not_in_the_order_of_time_is_pointed_out() -> None:
    """
    Windows see an attempt of yesterday after those of today; the figures would be taken for what happened.
    """
    tally, mild = Tally(), Tally()
    rows = list(log(*NEIGHBOURS))

    await replay(reversed(rows), Settings(), tally=tally)
    await replay([rows[1], rows[0], *rows[2:]], Settings(), tally=mild)

    assert [warning.split(" behind")[0] for warning in tally.warnings] == ["139 attempts stand more than a minute"]
    assert mild.warnings == []


async def test_a_row_that_cannot_be_used_is_tallied_and_left_out() -> None:
    """
    One broken line of a long log stops nothing, and is not lost in silence.
    """
    tally = Tally()
    settings = Settings()

    summary = await replay(log(("nowhere", "erika", False), ("192.0.2.7", "erika", True)), settings, tally=tally)

    assert summary.attempts == 1
    (reason,) = tally.skipped
    assert reason.startswith("client_ip: ")


DAY = 86_400.0
SMALL = NeuralNetwork(hidden_neurons=2, epochs=1)


def site(days: int = 5) -> Iterator[Recorded]:
    """People sign in every morning, and in the evening somebody goes through the list of them."""
    for day in range(days):
        for user in range(40):
            yield seen(START + day * DAY + user * 60, f"10.0.{user}.1", f"user{user}", f"right {user}", success=True)
        for user in range(40):
            yield seen(
                START + day * DAY + 40_000 + user * 20, f"198.51.{day}.9", f"user{user}", "summer", success=False
            )


def seen(time: float, address: str, account: str, password: str, *, success: bool) -> Recorded:
    """An attempt with its password, and where the caller says it was made."""
    features: dict[str, Attribute] = {"campus": "north" if success else "none", "retries": 1}
    fields = AttemptFields(
        client_ip=address, username=account, time=time, password=password, known_user=True,
        request_id=f"{address}-{account}-{time:.0f}", features=features, embedded=["campus"],
    )  # fmt: skip
    return Recorded(fields, success, 1)


async def trained_replay(*, dry_run: bool = False) -> tuple[list[list[str]], list[Trained]]:
    """Replay the site above with a training after four days; returns the rows written and what was trained."""
    written, models = io.StringIO(), list[Trained]()
    network = msgspec.structs.replace(SMALL, dry_run=dry_run)
    settings = Settings(brute_force=BruteForce(buckets=(rule(limit=5),), neural_network=network))
    learning = Learning(
        Schedule(START + 4 * DAY - 3_600), on_trained=lambda _, trained, __: models.extend([trained] if trained else [])
    )
    await replay(site(), settings, tally=Tally(), decisions=written, learning=learning)
    return [line.split(",") for line in written.getvalue().splitlines()[1:]], models


async def test_a_replay_trains_as_a_service_would_and_scores_what_comes_afterwards() -> None:
    """
    Features that callers give are columns of the model, though no catalogue knew them before.
    """
    rows, (trained,) = await trained_replay()

    assert len(rows) == 5 * 80
    named = {name for name in trained.model.artifact.columns if name.startswith("extra.")}
    assert {"extra.campus~0", "extra.retries:value"} <= named
    last = {row[0].partition("-")[0]: (float(row[1]), float(row[3])) for row in rows[-80:]}
    owners = [guess for address, (guess, _) in last.items() if address.startswith("10.")]
    assert len(owners) == 40
    assert last["198.51.4.9"][0] > max(owners)


async def test_a_log_that_is_replayed_again_gives_the_same_scores_after_a_training() -> None:
    """
    Whoever changes a setting sees what the setting changed, and not another draw of rows.
    """
    first, second = [await trained_replay() for _ in range(2)]

    assert first[0] == second[0]
    assert first[1][0].model.artifact.guess == second[1][0].model.artifact.guess


async def test_a_dry_run_changes_no_decision_of_a_replay() -> None:
    """
    The scores are there all the same.
    """
    settings = Settings(brute_force=BruteForce(buckets=(rule(limit=5),), neural_network=NeuralNetwork(enabled=False)))
    rules = io.StringIO()

    await replay(site(), settings, tally=Tally(), decisions=rules)
    dry, _ = await trained_replay(dry_run=True)

    alone = [line.split(",") for line in rules.getvalue().splitlines()[1:]]
    assert [row[2] for row in dry] == [row[2] for row in alone]
    assert [row[1] for row in dry] != [row[1] for row in alone]
