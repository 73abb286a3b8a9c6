# SPDX-License-Identifier: Apache-2.0
"""The network, taken back by itself."""

from __future__ import annotations

import pytest
from builders import Clock, MakeGuard, fields, sign_in, written
from hypothesis import given
from hypothesis import strategies as st
from traffic import champion, keep, network, variant

from nacre.decision import Action
from nacre.service import Guard
from nacre.steadiness import LEAST, LEAST_REACHED, LONG, SHORT, SLICE, is_above, risen, share_of
from nacre.store.keys import Keys
from nacre.store.network_state import NetworkState
from nacre.store.tallies import Course, Tallies, Tally

MINUTE, HOUR = 60.0, 3_600.0
FINE, BAD = Tally(50, 0), Tally(50, 20)


def _tallies(guard: Guard) -> Tallies:
    return Tallies(guard.servers, Keys(guard.settings.server.redis.prefix, guard.identity))


async def _live(make_guard: MakeGuard, clock: Clock, **settings: object) -> Guard:
    """Return a guard whose network acts, with two models of its own and a quiet week behind it."""
    guard = await make_guard(settings=network(**settings))
    for version in ("v1", "v2"):
        await keep(guard, variant(version))
        await guard.network.publish(version, force=False, who="test")
    await guard.network.set_learning_mode(False, who="test")
    tallies = _tallies(guard)
    for hours in range(3, 30):
        await tallies.add(clock() - hours * HOUR, Tally(3_000, 3))
    clock.move(MINUTE)
    return guard


async def _pass(guard: Guard, clock: Clock, tally: Tally, minutes: int) -> NetworkState:
    """Let some minutes go by in which so much came, and everybody look at it after each."""
    for _ in range(minutes):
        await _tallies(guard).add(clock(), tally)
        clock.move(MINUTE)
        await guard.network_parts.look()
    await guard.network_parts.following.follow()
    return guard.network_parts.following.known


async def _audit(guard: Guard) -> list[tuple[str, str]]:
    return [(entry.who, entry.action) for entry in await guard.desk.audit(50) if entry.who == "nacre"]


async def test_after_ten_minutes_the_network_may_only_challenge(make_guard: MakeGuard, clock: Clock) -> None:
    """
    At every instance, once in the audit log; what it would refuse is asked for more, or made to wait.
    """
    guard = await _live(make_guard, clock)
    other = await make_guard(settings=network())
    await keep(guard, variant("v3", shift=50.0))
    await guard.network.publish("v3", force=False, who="test")
    clock.move(MINUTE)
    before = (await other.check(fields())).action

    assert not (await _pass(guard, clock, BAD, SHORT - 1)).held
    known = await _pass(guard, clock, BAD, 1)
    await other.network_parts.look()
    await other.network_parts.following.follow()
    waits, shown = await other.check(fields(protocol="imap")), await other.check(fields(protocol="http"))

    assert known.held == clock()
    assert (before, waits.action, shown.action) == (Action.REFUSE, Action.DELAY, Action.CHALLENGE)
    assert waits.score == pytest.approx(1.0)
    assert await _audit(other) == [("nacre", "network.hold")]
    assert (await other.network.status()).held == known.held


async def test_after_thirty_minutes_the_model_before_comes_back_once(make_guard: MakeGuard, clock: Clock) -> None:
    """
    If that one is no better, the network may only challenge: nobody goes to and fro.
    """
    guard = await _live(make_guard, clock)

    await _pass(guard, clock, BAD, LONG - 1)
    assert champion(guard) == "v2"
    known = await _pass(guard, clock, BAD, 1)
    assert (champion(guard), known.previous, known.held) == ("v1", "v2", 0.0)
    assert known.rolled == clock()
    later = await _pass(guard, clock, BAD, 2 * LONG)

    assert champion(guard) == "v1"
    assert later.held
    assert await _audit(guard) == [("nacre", "network.hold"), ("nacre", "network.rollback"), ("nacre", "network.hold")]
    status = await guard.network.status()
    assert (status.rolled_back, status.previous) == (known.rolled, "v2")


async def test_of_several_instances_one_goes_back(make_guard: MakeGuard, clock: Clock) -> None:
    """
    Two that went back at the same moment would be where they were.
    """
    guard = await _live(make_guard, clock)
    others = [await make_guard(settings=network()) for _ in range(2)]
    for _ in range(LONG + 2):
        await _tallies(guard).add(clock(), BAD)
        clock.move(MINUTE)
        for each in (guard, *others):
            await each.network_parts.look()

    assert (await guard.network.status()).model == "v1"
    assert [action for _, action in await _audit(guard)].count("network.rollback") == 1


async def test_the_first_model_has_nothing_to_go_back_to(make_guard: MakeGuard, clock: Clock) -> None:
    """
    The shipped model stays, and may only challenge.
    """
    guard = await make_guard(settings=network())
    await guard.network.set_learning_mode(False, who="test")
    clock.move(MINUTE)

    known = await _pass(guard, clock, BAD, LONG + 5)

    assert champion(guard) == "shipped"
    assert known.held


async def test_when_it_is_calm_again_the_network_is_free(make_guard: MakeGuard, clock: Clock) -> None:
    """
    After half an hour, and of itself; the same model as before.
    """
    guard = await _live(make_guard, clock)
    await _pass(guard, clock, BAD, SHORT)

    held = await _pass(guard, clock, FINE, LONG - 1)
    free = await _pass(guard, clock, FINE, 6)

    assert held.held
    assert not free.held
    assert champion(guard) == "v2"
    assert (await _audit(guard))[0] == ("nacre", "network.release")


async def test_an_operator_who_says_that_it_acts_is_right(make_guard: MakeGuard, clock: Clock) -> None:
    """
    For ten minutes at least: what was counted before that is not held against it again.
    """
    guard = await _live(make_guard, clock)
    await _pass(guard, clock, BAD, SHORT)

    await guard.network.set_learning_mode(False, who="erika")
    known = await _pass(guard, clock, BAD, SHORT - 1)

    assert not known.held


@pytest.mark.parametrize(
    "tallies",
    [
        [FINE] * SHORT,
        [Tally(50, 40), *[FINE] * (SHORT - 1)],
        [Tally(4, 4)] * SHORT,
        [Tally(1_000, 5)] * SHORT,
        [Tally(500, 0)] * SLICE + [BAD] * SLICE,
    ],
)
async def test_what_is_usual_short_or_little_is_no_reason(
    make_guard: MakeGuard, clock: Clock, tallies: list[Tally]
) -> None:
    """
    A burst of a minute, forty attempts in all, or as many as the budget allows.
    """
    guard = await _live(make_guard, clock)

    for tally in tallies:
        known = await _pass(guard, clock, tally, 1)

    assert not known.held


@pytest.mark.parametrize("settings", [{"refusals_rise": 0.0}, {"dry_run": True}])
async def test_a_network_that_does_not_act_is_not_taken_back(
    make_guard: MakeGuard, clock: Clock, settings: dict[str, object]
) -> None:
    """
    Nor one whose operator wants to do that by hand.
    """
    guard = await make_guard(settings=network(**settings))
    clock.move(MINUTE)

    assert not (await _pass(guard, clock, BAD, LONG)).held


async def test_owners_are_counted_and_guessers_are_not(make_guard: MakeGuard, clock: Clock) -> None:
    """
    Who guesses from beside an owner could otherwise have the network switched off.
    """
    guard = await make_guard(settings=network())
    await keep(guard, variant("v1", shift=50.0))
    for _ in range(2):
        await sign_in(guard, fields(password="right"))
        await guard.network_parts.settle()
        clock.move(600)
    await guard.network.publish("v1", force=False, who="test")
    await guard.network.set_learning_mode(True, who="test")
    await guard.network_parts.look()
    before = await _tallies(guard).read(clock())

    await guard.check(fields(password="right"))
    for _ in range(5):
        await guard.check(fields())
    await guard.check(fields("203.0.113.9", password="right"))
    await guard.check(fields(password=""))
    await written(guard)
    clock.move(MINUTE)
    await guard.network_parts.look()
    after = await _tallies(guard).read(clock())

    assert _sum(after) - _sum(before) == 2
    assert sum(tally.reached for tally in after.hours.values()) == 2


def _sum(course: Course) -> int:
    return sum(tally.attempts for tally in course.hours.values())


async def test_a_rise_is_told_before_it_is_too_much(make_guard: MakeGuard, clock: Clock) -> None:
    """
    From one in a thousand to three is within three times the budget, and still worth a look.
    """
    guard = await _live(make_guard, clock)
    await _pass(guard, clock, Tally(2_000, 2), 90)
    assert (await guard.network.status()).alarms == {}

    known = await _pass(guard, clock, Tally(2_000, 11), 60)

    assert not known.held
    assert list((await guard.network.status()).alarms) == ["refusals"]
    await guard.network_parts.look()
    text = guard.telemetry.exposition().decode()
    told = {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in text.splitlines() if line[:1] != "#"}
    assert told['nacre_network_alarm_seconds{rate="refusals"}'] == known.risen_refusals
    assert told["nacre_network_owners_refused_ratio"] == pytest.approx(0.0055)
    assert told["nacre_network_held"] == 0.0


def test_a_large_site_is_watched_in_bounded_time() -> None:
    """
    A million attempts a minute are thinned out; what changed is found all the same.
    """
    minutes = {minute: Tally(1_000_000, 1_000 if minute < 900 else 30_000) for minute in range(1, 1_441)}

    assert 900 <= risen(minutes) < 950


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=LONG, max_size=LONG), st.floats(0, 1))
def test_too_many_is_too_many_of_each_five_minutes(came: list[tuple[int, int]], limit: float) -> None:
    """
    Whatever came: if it is said, it holds of every part and of the whole, and there was enough.
    """
    minutes = {place: Tally(max(pair), min(pair)) for place, pair in enumerate(came)}

    said = is_above(minutes, LONG, LONG, limit)

    parts = [share_of(minutes, end, SLICE) for end in range(SLICE, LONG + 1, SLICE)]
    attempts = sum(tally.attempts for tally in minutes.values())
    reached = sum(tally.reached for tally in minutes.values())
    enough = attempts >= LEAST * LONG / SHORT and reached >= LEAST_REACHED * LONG / SHORT
    assert said == (enough and all(part > limit for part in (*parts, share_of(minutes, 1, 1))))
