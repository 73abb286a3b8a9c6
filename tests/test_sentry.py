# SPDX-License-Identifier: Apache-2.0
"""The side of campaigns in check and report."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from builders import Clock, MakeGuard, fail, fields, rule, sign_in, written
from hypothesis import given
from hypothesis import strategies as st
from under_attack import settings

from nacre.campaign.apply import InForce
from nacre.campaign.measure import Measure, Scope, Step
from nacre.campaign.sighting import Mark, Sighting
from nacre.config.campaigns import Measures
from nacre.config.tree import Settings
from nacre.decision import Action
from nacre.scoring import Mode
from nacre.sentry import Sentry
from nacre.service import Guard

DAY = 86_400.0


class Notebook:
    """Takes sightings down."""

    def __init__(self) -> None:
        self.seen: list[Sighting] = []

    def put(self, make: Callable[[], Sighting]) -> None:
        """Take one down."""
        self.seen.append(make())

    def last(self) -> Sighting:
        """Return the only one since the last time, and forget it."""
        (seen,) = self.seen
        self.seen = []
        return seen


def _listen(guard: Guard) -> Notebook:
    notebook = Notebook()
    sentry = Sentry(notebook, identity=guard.identity, place=guard.network_parts.lookout.scoring.digests.place)
    guard.checkpoint.sentry = sentry
    return notebook


@pytest.fixture(params=[False, True], ids=["rules alone", "with the network"])
async def guard(request: pytest.FixtureRequest, make_guard: MakeGuard) -> Guard:
    """A guard with and without the network; what is known of an attempt is the same."""
    rules = (rule("account", subject="account", limit=100),)
    base = settings(network=request.param)
    brute_force = type(base.brute_force)(buckets=rules, neural_network=base.brute_force.neural_network)
    return await make_guard(settings=Settings(brute_force=brute_force))


async def test_an_attempt_is_seen_once_with_its_outcome(guard: Guard) -> None:
    """
    The check alone says nothing of it as long as its password may still be tested.
    """
    notebook = _listen(guard)
    decision = await guard.check(
        fields("192.0.2.7", "Erika", protocol="imap", attributes={"country": "de", "asn": 64496})
    )
    assert notebook.seen == []

    await guard.report(decision.request_id, success=False)
    await guard.report(decision.request_id, success=False)

    seen = notebook.last()
    assert (seen.address, seen.account, seen.protocol) == (bytes([192, 0, 2, 7]), "erika", "imap")
    assert (seen.country, seen.asn, seen.request_id) == ("DE", 64496, decision.request_id)
    assert (seen.failed, seen.marks & Mark.HOME, seen.token != 0) == (True, 0, True)


async def test_whoever_signed_in_from_there_before_is_at_home(guard: Guard, clock: Clock) -> None:
    """
    In the subnet, and at an address from which somebody signed in within a week.
    """
    notebook = _listen(guard)
    await sign_in(guard, fields("192.0.2.7", "erika"))
    await written(guard)
    first = notebook.last()
    clock.move(3600)

    await fail(guard, fields("192.0.2.7", "erika"))
    again = notebook.last()
    await fail(guard, fields("192.0.2.7", "max"))
    other = notebook.last()

    assert first.marks & (Mark.SUCCESS | Mark.HOME | Mark.KNOWN_SOURCE) == Mark.SUCCESS
    assert again.marks & (Mark.HOME | Mark.KNOWN_SOURCE) == Mark.HOME | Mark.KNOWN_SOURCE
    assert other.marks & (Mark.HOME | Mark.KNOWN_SOURCE) == Mark.KNOWN_SOURCE


async def test_what_an_attempt_shares_with_earlier_logins_of_its_account_is_marked(guard: Guard, clock: Clock) -> None:
    """
    Whoever travels takes the password and the program along; leaked names mostly never signed in.
    """
    notebook, place = _listen(guard), {"country": "DE", "asn": 64496}
    await sign_in(guard, fields("192.0.2.7", "erika", password="right", user_agent="curl/8.5", attributes=place))
    await written(guard)
    notebook.last()
    clock.move(3600)

    await sign_in(guard, fields("198.51.100.7", "erika", password="right", user_agent="curl/8.7", attributes=place))
    travels = notebook.last().marks
    await fail(guard, fields("198.51.100.8", "max", password="right", user_agent="curl/8.5", attributes=place))
    leaked = notebook.last().marks

    habits = Mark.RIGHT | Mark.OWN_CLIENT | Mark.OWN_SYSTEM | Mark.OWN_COUNTRY
    sees = guard.checkpoint.lookout is not None
    assert travels & (habits | Mark.HISTORY | Mark.HOME) == Mark.HISTORY | habits * sees
    assert not leaked & (habits | Mark.HISTORY)


async def test_a_known_device_is_at_home_wherever_it_is(guard: Guard, clock: Clock) -> None:
    """
    Who travels with the same phone is no stranger.
    """
    notebook = _listen(guard)
    await sign_in(guard, fields("192.0.2.7", "erika", client_id="phone"))
    await written(guard)
    notebook.last()
    clock.move(DAY)

    await fail(guard, fields("198.51.100.1", "erika", client_id="phone"))

    assert notebook.last().marks & Mark.HOME


async def test_the_same_wrong_password_again_is_a_repeat(guard: Guard) -> None:
    """
    A phone with yesterday's password is no crowd of attackers.
    """
    notebook = _listen(guard)
    await fail(guard, fields("192.0.2.7", "erika", password="yesterday's"))
    assert not notebook.last().marks & Mark.REPEAT

    await fail(guard, fields("192.0.2.7", "erika", password="yesterday's"))

    assert notebook.last().marks & Mark.REPEAT


async def test_what_is_refused_or_challenged_is_seen_at_the_check(guard: Guard) -> None:
    """
    There is no outcome to wait for; and a campaign goes on although it is stopped.
    """
    notebook = _listen(guard)
    sentry = guard.checkpoint.sentry
    assert sentry is not None
    sentry.in_force = InForce([_measure(Step.CHALLENGE)], Measures())

    decision = await guard.check(fields("192.0.2.7", "erika", protocol="http"))
    seen = notebook.last()
    await guard.report(decision.request_id, success=True)

    assert (decision.action, decision.measures) == (Action.CHALLENGE, ("m-1",))
    assert seen.marks & Mark.STOPPED
    assert notebook.seen == []


async def test_what_waits_is_marked(guard: Guard) -> None:
    """
    It has an outcome all the same.
    """
    notebook = _listen(guard)
    sentry = guard.checkpoint.sentry
    assert sentry is not None
    sentry.in_force = InForce([_measure(Step.DELAY)], Measures())

    await fail(guard, fields("192.0.2.7", "erika", protocol="imap"))

    assert notebook.last().marks & (Mark.DELAYED | Mark.STOPPED) == Mark.DELAYED


async def test_a_report_without_a_check_is_seen_too(guard: Guard) -> None:
    """
    Nothing is known of whoever comes for the first time, be it right or wrong.
    """
    notebook = _listen(guard)

    await guard.report(fields("192.0.2.7", "erika"), success=False)
    await written(guard)
    failure = notebook.last()
    await guard.report(fields("198.51.100.8", "erika"), success=True)
    await written(guard)
    login = notebook.last()

    assert (failure.failed, failure.marks) == (True, 0)
    assert login.marks == Mark.SUCCESS


async def test_what_is_exempt_is_not_seen(guard: Guard) -> None:
    """
    Nobody is to be protected from our own loopback.
    """
    notebook = _listen(guard)

    await fail(guard, fields("127.0.0.1", "erika"))

    assert notebook.seen == []


async def test_the_threat_stands_in_every_decision(guard: Guard) -> None:
    """
    Whoever asks can be more careful by itself; exempt ones included.
    """
    _listen(guard)
    sentry = guard.checkpoint.sentry
    assert sentry is not None
    assert (await guard.check(fields())).threat == 0.0

    sentry.threat = 0.75

    assert (await guard.check(fields())).threat == 0.75
    assert (await guard.check(fields("127.0.0.1"))).threat == 0.75


@pytest.mark.parametrize("acts", [False, True])
async def test_a_network_that_only_learns_has_no_say_by_way_of_measures(make_guard: MakeGuard, *, acts: bool) -> None:
    """
    What it scores is in the decision all the same; measures and the watch see what the rules say instead.
    """
    guard = await make_guard(settings=settings(network=True))
    guard.network_parts.lookout.scoring.mode = Mode(learning=not acts)
    assert guard.checkpoint.sentry is not None
    count = guard.checkpoint.sentry.scores_count
    notebook = _listen(guard)
    guard.checkpoint.sentry.scores_count = count

    decision = await fail(guard, fields("192.0.2.7", "erika"))

    seen = notebook.last()
    assert decision.score is not None
    assert (bool(seen.marks & Mark.SCORED), seen.score) == (acts, decision.score if acts else decision.pressure)


async def test_an_account_that_does_not_exist_is_marked(guard: Guard) -> None:
    """
    If the directory says so.
    """
    notebook = _listen(guard)

    await fail(guard, fields("192.0.2.7", "nobody", known_user=False))

    assert notebook.last().marks & Mark.UNKNOWN


@pytest.fixture
async def watched(make_guard: MakeGuard) -> Guard:
    """A guard with a rule about accounts and without the network."""
    return await make_guard(
        rule("account", subject="account", limit=100), neural_network=settings().brute_force.neural_network
    )


@given(successes=st.lists(st.integers(0, 255), max_size=3), at=st.integers(0, 255))
async def test_home_is_never_said_of_a_subnet_without_a_login(watched: Guard, successes: list[int], at: int) -> None:
    """
    For measures spare whoever is at home.
    """
    guard, notebook = watched, _listen(watched)
    name = f"u{hash((tuple(successes), at))}"
    for place in successes:
        await sign_in(guard, fields(f"203.0.{place}.1", name))
    await written(guard)
    notebook.seen = []

    await fail(guard, fields(f"203.0.{at}.200", name))

    assert bool(notebook.last().marks & Mark.HOME) is (at in successes)


def _measure(step: Step) -> Measure:
    return Measure(id="m-1", step=step, scope=Scope(), since=0.0, until=2e9, owner="nacre", reason="a test")


async def test_of_a_blocked_flood_one_attempt_a_second_is_seen(make_guard: MakeGuard, clock: Clock) -> None:
    """
    The attack goes on, and that is all the watch has to know; whoever floods pays for no more.
    """
    guard = await make_guard(rule("address", limit=3))
    for _ in range(3):
        await fail(guard, fields(username="erika"))
    await written(guard)
    notebook = _listen(guard)

    refused = [await guard.check(fields(username="erika")) for _ in range(5)]
    at_once = len(notebook.seen)
    clock.now += 1.0
    await guard.check(fields(username="erika"))

    assert {decision.action for decision in refused} == {Action.REFUSE}
    assert (at_once, len(notebook.seen)) == (1, 2)
    assert all(seen.marks & Mark.STOPPED for seen in notebook.seen)
