# SPDX-License-Identifier: Apache-2.0
"""Drills at regular times, on a real store; the drill itself is tested in test_drill."""

from __future__ import annotations

import msgspec
import pytest
from builders import Clock, MakeGuard
from structlog.testing import capture_logs
from under_attack import settings

from nacre.campaign.picture import Picture
from nacre.drill.finding import Finding
from nacre.drill.run import Drill
from nacre.drill.schedule import AGAIN, Drilling
from nacre.errors import StoreUnavailable
from nacre.rounds import Round
from nacre.service import Guard

PASSED = Finding(
    exercise="guessing", about="", attempts=9, recognised_by=3, recognised_after=20.0, recognised_clock=0.1,
    enforced_by=4, enforced_after=30.0, enforced_clock=0.2, let_through_before=3, let_through_after=0, rest=5,
    rest_stopped=5, good=9, good_touched=0, known=9, known_touched=0, seconds=80.0, clock=0.5,
)  # fmt: skip
MISSED = msgspec.structs.replace(
    PASSED, exercise="rotation", passed=False, missed=("it was not recognised",), recognised_after=None
)
EVERY = 86_400.0


class Drills:
    """Finds what a test says, and notes what is told."""

    def __init__(self, guard: Guard, clock: Clock, *findings: Finding) -> None:
        self.findings = findings
        self.made = 0
        self.every = EVERY
        self.watches = True
        self.away = False
        self.told: list[tuple[Picture, Round]] = []
        self._guard = guard
        self._clock = clock

    def make(self) -> Drilling:
        """Return who drills, as it is after a start."""
        return Drilling(
            self._guard.campaign_parts.shelf.measures,
            every=lambda: self.every,
            watches=lambda: self.watches,
            run=self._run,
            told=self._tell,
            clock=self._clock,
        )

    async def _run(self) -> Drill:
        self.made += 1
        if self.away:
            raise StoreUnavailable("the store is away")
        passed = all(each.passed for each in self.findings)
        return Drill(time=self._clock(), passed=passed, quick=False, enforces=True, findings=self.findings)

    async def _tell(self, before: Picture, round_: Round) -> None:
        self.told.append((before, round_))


async def test_a_drill_is_made_when_it_is_due_whoever_starts_anew(make_guard: MakeGuard, clock: Clock) -> None:
    """
    The time of the last one lies in the store.
    """
    drills = Drills(await make_guard(settings=settings()), clock, PASSED)
    made = []

    for seconds in (0.0, EVERY - 60, 60.0, 60.0):
        clock.move(seconds)
        await drills.make().look()
        made.append(drills.made)

    assert made == [1, 1, 2, 2]


@pytest.mark.parametrize(("every", "watches"), [(0.0, True), (EVERY, False)])
async def test_no_drill_is_made_unless_it_is_wanted_and_we_watch(
    every: float, make_guard: MakeGuard, clock: Clock, *, watches: bool
) -> None:
    """
    Of several services on one store one drills.
    """
    drills = Drills(await make_guard(settings=settings()), clock, PASSED)
    drills.every, drills.watches = every, watches

    assert await drills.make().look() is None
    assert not drills.made


async def test_a_drill_that_passes_is_logged_and_told_to_nobody(make_guard: MakeGuard, clock: Clock) -> None:
    """
    Mail that says that all is well is soon read by nobody.
    """
    drills = Drills(await make_guard(settings=settings()), clock, PASSED)

    with capture_logs() as logs:
        await drills.make().look()

    assert [line["event"] for line in logs] == ["drill_passed"]
    assert drills.told == []


async def test_a_drill_that_fails_is_logged_and_told(make_guard: MakeGuard, clock: Clock) -> None:
    """
    With what was missed, and by which attack.
    """
    drills = Drills(await make_guard(settings=settings()), clock, PASSED, MISSED)

    with capture_logs() as logs:
        await drills.make().look()

    assert [(line["event"], line["missed"]) for line in logs] == [
        ("drill_failed", ("rotation: it was not recognised",))
    ]
    assert [round_.missed for _, round_ in drills.told] == [("rotation: it was not recognised",)]


async def test_every_instance_shows_what_the_last_drill_found(make_guard: MakeGuard, clock: Clock) -> None:
    """
    Whichever of them a monitoring asks.
    """
    guard = await make_guard(settings=settings())
    await Drills(guard, clock, PASSED, MISSED).make().look()
    other = await make_guard(settings=settings())

    await other.campaign_parts.look()

    shown = other.telemetry.exposition().decode()
    assert "nacre_drill_time_seconds 1.8e+09" in shown
    assert 'nacre_drill_passed{attack="guessing"} 1.0' in shown
    assert 'nacre_drill_passed{attack="rotation"} 0.0' in shown
    assert 'nacre_drill_recognised_seconds{attack="guessing"} 20.0' in shown
    assert 'nacre_drill_recognised_seconds{attack="rotation"} -1.0' in shown


async def test_a_drill_that_cannot_be_made_is_tried_again_later(make_guard: MakeGuard, clock: Clock) -> None:
    """
    Not each minute: what it lacks is not there so soon.
    """
    drills = Drills(await make_guard(settings=settings()), clock, PASSED)
    drills.away, drilling, made = True, drills.make(), []

    for seconds in (0.0, 60.0, AGAIN):
        clock.move(seconds)
        await drilling.look()
        made.append(drills.made)

    assert made == [1, 1, 2]
