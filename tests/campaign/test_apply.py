# SPDX-License-Identifier: Apache-2.0
"""What measures in force make of attempts."""

from __future__ import annotations

import msgspec
import pytest
from campaign.drafts import decision, measure, seen
from hypothesis import given
from hypothesis import strategies as st

from nacre.campaign.apply import MOST_REASONS, InForce
from nacre.campaign.measure import Measure, Scope, State, Step
from nacre.campaign.reach import Reach
from nacre.campaign.sighting import Mark, Sighting
from nacre.config.campaigns import Measures
from nacre.config.duration import Duration
from nacre.decision import LIKELY, SEVERITY, Action, Decision

SETTINGS = Measures(delay=Duration(5), delays={"http": Duration(2)}, refuse_without_challenge=("smtp",))

SCOPES = st.builds(
    Scope,
    accounts=st.sampled_from([(), ("erika",), ("max", "erika")]),
    subnets=st.sampled_from([(), ("192.0.2.0/24",), ("192.0.2.7/32", "2001:db8::/32")]),
    asns=st.sampled_from([(), (64_500,), (0,)]),
    countries=st.sampled_from([(), ("DE", "FR")]),
    clients=st.sampled_from([(), ("curl",)]),
    protocols=st.sampled_from([(), ("imap",)]),
    except_subnets=st.sampled_from([(), ("192.0.0.0/16",)]),
    except_asns=st.sampled_from([(), (64_500,)]),
    unknown_origins=st.booleans(),
    new_sources=st.booleans(),
    least_score=st.sampled_from([0.0, 0.5]),
)
MEASURES = st.lists(
    st.builds(
        measure,
        st.sampled_from(Step),
        SCOPES,
        until=st.sampled_from([30.0, 600.0]),
        state=st.sampled_from(State),
        delay=st.sampled_from([0.0, 3.0, 30.0]),
        per_minute=st.sampled_from([0, 10]),
        threshold=st.sampled_from([0.0, 0.5]),
    ),
    max_size=6,
)
ATTEMPTS = st.builds(
    seen,
    st.sampled_from(["192.0.2.7", "198.51.100.1", "2001:db8::1", ""]),
    st.sampled_from(["erika", "max", ""]),
    asn=st.sampled_from([0, 64_500]),
    country=st.sampled_from(["", "DE"]),
    client=st.sampled_from(["", "curl"]),
    protocol=st.sampled_from(["", "imap", "smtp", "http"]),
    marks=st.sampled_from([0, Mark.HOME, Mark.KNOWN_SOURCE, Mark.HOME | Mark.KNOWN_SOURCE]),
    score=st.sampled_from([0.0, 0.7]),
)
DECISIONS = st.builds(decision, st.sampled_from(Action), st.sampled_from([4.0, 20.0])).map(
    lambda each: each if each.action is Action.DELAY else decision(each.action)
)


def weighed(one: Measure, attempt: Sighting, before: Decision | None = None) -> Decision:
    """What one measure makes of an attempt."""
    return InForce([one], SETTINGS).weigh(before or decision(), attempt)


@given(measures=MEASURES, attempt=ATTEMPTS, before=DECISIONS)
def test_no_measure_weakens_what_was_decided(measures: list[Measure], attempt: Sighting, before: Decision) -> None:
    """
    Whatever is in force: it adds to the rules.
    """
    after = InForce(measures, SETTINGS).weigh(before, attempt)

    assert SEVERITY[after.action] >= SEVERITY[before.action]
    assert after.delay >= before.delay or after.action is not Action.DELAY
    assert (after.delay == 0) == (after.action is not Action.DELAY)
    assert after.reasons[: len(before.reasons)] == before.reasons


@given(measures=MEASURES, attempt=ATTEMPTS, before=DECISIONS)
def test_no_measure_refuses_where_the_owner_signed_in_before(
    measures: list[Measure], attempt: Sighting, before: Decision
) -> None:
    """
    The owner gets in: challenged or delayed at worst, whatever operators name in a scope.
    """
    after = InForce(measures, SETTINGS).weigh(before, attempt)

    if attempt.marks & Mark.HOME and before.action is not Action.REFUSE:
        assert after.action is not Action.REFUSE


@given(measures=MEASURES, attempt=ATTEMPTS)
def test_exactly_the_measures_that_reach_an_attempt_are_named(measures: list[Measure], attempt: Sighting) -> None:
    """
    They are sorted by what they name so that few are looked at; none may be overlooked for that.
    """
    after = InForce(measures, SETTINGS).weigh(decision(), attempt)

    reaching = {
        each.id
        for each in measures
        if each.state is State.ACTIVE
        and attempt.time < each.until
        and Reach(each.scope).meets(attempt)
        and (each.step is not Step.THRESHOLD or attempt.score >= each.threshold)
    }
    assert set(after.measures) == reaching
    assert len(after.measures) == len(reaching)


@given(measures=MEASURES, attempt=ATTEMPTS)
def test_no_wait_is_longer_than_its_protocol_takes(measures: list[Measure], attempt: Sighting) -> None:
    """
    A client that gives up before the answer would try again, and again.
    """
    after = InForce(measures, SETTINGS).weigh(decision(), attempt)

    assert after.delay <= (2.0 if attempt.protocol == "http" else 5.0)


@pytest.mark.parametrize(
    ("step", "protocol", "marks", "action"),
    [
        (Step.CHALLENGE, "http", 0, Action.CHALLENGE),
        (Step.CHALLENGE, "imap", 0, Action.DELAY),
        (Step.CHALLENGE, "smtp", 0, Action.REFUSE),
        (Step.CHALLENGE, "smtp", Mark.HOME, Action.DELAY),
        (Step.BLOCK, "imap", 0, Action.REFUSE),
        (Step.BLOCK, "http", Mark.HOME, Action.CHALLENGE),
        (Step.BLOCK, "imap", Mark.HOME, Action.DELAY),
        (Step.DELAY, "http", 0, Action.DELAY),
        (Step.THRESHOLD, "http", 0, Action.CHALLENGE),
        (Step.MONITOR, "imap", 0, Action.ALLOW),
    ],
)
def test_a_step_becomes_what_the_protocol_can_show(step: Step, protocol: str, marks: int, action: Action) -> None:
    """
    IMAP has no captcha: there the attempt waits, or is refused where an operator wants that.
    """
    everyone = measure(step, Scope(unknown_origins=False))

    assert weighed(everyone, seen(protocol=protocol, marks=marks)).action is action


def test_a_measure_that_only_marks_is_named_and_nothing_else() -> None:
    """
    Operators see whom it meets.
    """
    after = weighed(measure(Step.MONITOR, id="m-1", campaign="c-1"), seen())

    assert (after.action, after.message, after.measures) == (Action.ALLOW, "", ("m-1",))
    assert after.reasons[0].code == "measure"
    assert "m-1" in after.reasons[0].text
    assert "c-1" in after.reasons[0].text


def test_attempts_beyond_the_limit_of_their_address_are_refused() -> None:
    """
    Others are not, and owners at known places wait.
    """
    force = InForce([measure(Step.RATE_LIMIT, Scope(unknown_origins=False), per_minute=3)], SETTINGS)

    mine = [force.weigh(decision(), seen("192.0.2.7", protocol="imap")).action for _ in range(5)]
    other = force.weigh(decision(), seen("192.0.2.8", protocol="imap")).action
    home = force.weigh(decision(), seen("192.0.2.7", protocol="imap", marks=Mark.HOME)).action

    assert mine == [Action.ALLOW] * 3 + [Action.REFUSE] * 2
    assert (other, home) == (Action.ALLOW, Action.DELAY)


def test_a_limit_goes_on_counting_when_other_measures_change() -> None:
    """
    An attack that brings a new measure each minute must not start its count again.
    """
    limit = measure(Step.RATE_LIMIT, per_minute=3)
    before = InForce([limit], SETTINGS)
    for _ in range(3):
        before.weigh(decision(), seen())

    after = InForce([measure(Step.MONITOR), limit], SETTINGS, before=before)

    assert after.weigh(decision(), seen()).action is Action.REFUSE


def test_a_measure_ends_at_its_time_although_nobody_says_so() -> None:
    """
    The watcher may be dead.
    """
    force = InForce([measure(Step.BLOCK, until=600.0)], SETTINGS)

    assert force.weigh(decision(), seen(time=599.0)).action is Action.REFUSE
    assert force.weigh(decision(), seen(time=600.0)).action is Action.ALLOW


def test_the_gravest_of_several_answers_holds() -> None:
    """
    The longest wait of those that ask for one, or what is graver than a wait.
    """
    waits = [measure(Step.DELAY, delay=seconds) for seconds in (1.0, 4.0, 2.0)]

    assert InForce(waits, SETTINGS).weigh(decision(), seen(protocol="imap")).delay == 4.0
    assert InForce([*waits, measure(Step.BLOCK)], SETTINGS).weigh(decision(), seen()).action is Action.REFUSE


def test_a_longer_wait_of_the_rules_remains() -> None:
    """
    The bound of a protocol is for what measures ask.
    """
    waiting = decision(Action.DELAY, 20.0)

    assert weighed(measure(Step.DELAY, delay=3.0), seen(protocol="imap"), waiting).delay == 20.0


def test_few_of_many_measures_are_given_as_reasons() -> None:
    """
    A decision is kept and logged; fifty sentences of the same kind would say no more.
    """
    after = InForce([measure() for _ in range(20)], SETTINGS).weigh(decision(), seen())

    assert len(after.reasons) == MOST_REASONS
    assert len(after.measures) == 20


@given(measures=MEASURES, attempt=ATTEMPTS, before=DECISIONS)
def test_whom_all_measures_spare_they_leave_as_it_was(
    measures: list[Measure], attempt: Sighting, before: Decision
) -> None:
    """
    So that nothing more has to be known of whoever is at home, which is nearly everybody.
    """
    in_force = InForce(measures, SETTINGS)

    if in_force.spares(attempt.marks):
        assert not any(Reach(each.scope).meets(attempt) for each in in_force.measures)
        assert in_force.weigh(before, attempt) == before


@given(measures=MEASURES, attempt=ATTEMPTS, before=DECISIONS)
def test_whoever_passes_all_measures_is_met_by_none(
    measures: list[Measure], attempt: Sighting, before: Decision
) -> None:
    """
    Told by where the attempt comes from, its account and one mark, before anything else of it is looked at.
    """
    in_force = InForce(measures, SETTINGS)

    if in_force.passes(attempt.address, attempt.account, attempt.marks & Mark.KNOWN_SOURCE):
        assert in_force.weigh(before, attempt) == before


def test_no_measure_of_ours_refuses_whom_the_network_takes_for_the_owner() -> None:
    """
    With the password of the account's last login; what an operator began holds for everybody.
    """
    block = measure(Step.BLOCK, Scope(subnets=("192.0.2.0/24",)))
    asked_for = measure(Step.BLOCK, Scope(subnets=("192.0.2.0/24",)), owner="admin")
    own, guess = Mark.SCORED | Mark.RIGHT, Mark.SCORED

    def answered(one: Measure, marks: int, score: float, *, protocol: str = "imap") -> Action:
        before = msgspec.structs.replace(decision(), score=0.1, score_accept=score)
        return weighed(one, seen(protocol=protocol, marks=int(marks)), before).action

    assert answered(block, own, LIKELY * 0.9) is Action.DELAY
    assert answered(block, own, LIKELY * 0.9, protocol="http") is Action.CHALLENGE
    assert answered(block, own, LIKELY * 0.9, protocol="smtp") is Action.DELAY
    assert answered(block, own, LIKELY) is Action.REFUSE
    assert answered(block, guess, 0.1) is answered(block, Mark.RIGHT, 0.1) is Action.REFUSE
    assert answered(asked_for, own, 0.1) is Action.REFUSE
