# SPDX-License-Identifier: Apache-2.0
"""What the network may do to the decision of the rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from weighing import HOME, NOBODY, RIGHT, probabilities, protocols, ruled, scores, weighed

from nacre.config.tree import NetworkPolicy, NeuralNetwork
from nacre.decision import LIKELY, MESSAGES, SEVERITY, Action
from nacre.features.flags import Flag
from nacre.weigh import NETWORK_DELAY, SURE_SHOWN, SURE_UNSHOWN, Scores, Sure


@pytest.mark.parametrize(
    ("guess", "accept", "flags", "protocol", "action"),
    [
        (0.19, 0.29, NOBODY, "imap", Action.ALLOW),
        (0.20, 0.0, NOBODY, "imap", Action.DELAY),
        (0.40, 0.0, NOBODY, "imap", Action.DELAY),
        (0.40, 0.0, NOBODY, "https", Action.CHALLENGE),
        (0.60, 0.0, NOBODY, "https", Action.REFUSE),
        (0.0, 0.30, NOBODY, "imap", Action.DELAY),
        (0.0, 0.45, NOBODY, "https", Action.CHALLENGE),
        (0.0, 0.70, NOBODY, "imap", Action.REFUSE),
        (0.0, 0.70, NOBODY, "https", Action.REFUSE),
        (0.49, 0.54, HOME, "imap", Action.ALLOW),
        (0.60, 0.70, HOME, "imap", Action.DELAY),
        (0.90, 0.0, HOME, "imap", Action.REFUSE),
        (0.90, 0.0, int(Flag.SEEN_NET), "imap", Action.REFUSE),
        (0.90, 0.0, int(Flag.SEEN_IP), "https", Action.REFUSE),
    ],
)
def test_each_answer_begins_at_its_threshold(
    guess: float, accept: float, flags: int, protocol: str, action: Action
) -> None:
    """
    Those who come from a place of theirs have thresholds of their own; who cannot be shown a challenge waits instead.
    """
    found = weighed(ruled(), scores(guess, accept), flags=flags, protocol=protocol)

    assert found.action is action
    assert found.delay == (NETWORK_DELAY if action is Action.DELAY else 0.0)
    assert found.message == MESSAGES[action]
    assert [reason.code for reason in found.reasons] == (["network"] if action is not Action.ALLOW else [])


LATELY = int(Flag.HISTORY | Flag.LATELY)


@pytest.mark.parametrize(("protocol", "milder"), [("imap", Action.DELAY), ("https", Action.CHALLENGE)])
@pytest.mark.parametrize(
    ("flags", "kind"),
    [
        (RIGHT, "right"),
        (RIGHT | HOME, "right"),
        (RIGHT | HOME | LATELY, "right"),
        (RIGHT | LATELY, "lately"),
        (int(Flag.HISTORY | Flag.SEEN_ASN), "other"),
        (LATELY, "other_lately"),
        (0, "first"),
        (int(Flag.KNOWN), "first"),
    ],
)
def test_who_may_be_the_owner_is_refused_only_if_both_scores_together_are_sure(
    flags: int, kind: str, protocol: str, milder: Action
) -> None:
    """
    An owner who signs in once that day, from a new place, and is refused, cannot work that day.

    Either score alone reaches its threshold in all of these.
    """
    sure = SURE_SHOWN if protocol == "https" else SURE_UNSHOWN
    needed = sure._asdict()[kind]

    just, not_quite, one_alone = (
        weighed(ruled(), scores(*said, limit=0.3), flags=flags, protocol=protocol)
        for said in ((needed, needed), (needed, needed - 0.01), (0.9999, 0.00001))
    )

    assert just.action is Action.REFUSE
    assert (not_quite.action, one_alone.action) == (milder, milder)
    assert not_quite.reasons[-1].text.endswith("but it may be the owner")


@pytest.mark.parametrize(("flags", "said"), [(RIGHT | LATELY, 0.7), (0, 0.9925)])
def test_it_takes_more_to_refuse_an_owner_where_a_challenge_can_be_shown(flags: int, said: float) -> None:
    """
    There the milder answer stops a guesser as well.
    """
    shown, unshown = (
        weighed(ruled(), scores(said, said, limit=0.5), flags=flags, protocol=protocol)
        for protocol in ("https", "imap")
    )

    assert (shown.action, unshown.action) == (Action.CHALLENGE, Action.REFUSE)


def test_a_stranger_with_the_right_password_is_refused_sooner_while_the_owner_signed_in_elsewhere_lately() -> None:
    """
    Then an owner who is refused has not lost the day, and can sign in from where they did before.
    """
    lately, longer_ago = (
        weighed(ruled(), scores(0.9, 0.9, limit=0.5), flags=flags, protocol="imap") for flags in (RIGHT | LATELY, RIGHT)
    )

    assert (lately.action, longer_ago.action) == (Action.REFUSE, Action.DELAY)


@pytest.mark.parametrize("sure", [SURE_SHOWN, SURE_UNSHOWN])
def test_nobody_is_refused_more_easily_for_being_the_owner(sure: Sure) -> None:
    """
    A password of the last login, and a day on which nobody signed in yet, each ask for more.
    """
    assert sure.lately <= sure.right
    assert sure.other_lately <= sure.other <= sure.right
    assert min(sure) >= 0.5


def test_the_reason_names_the_score_and_its_threshold() -> None:
    """
    An operator reads why, and how near it was.
    """
    (reason,) = weighed(ruled(), scores(0.75), flags=NOBODY).reasons

    assert reason.text == "probability 0.750 that the attempt is a guess; refuse from 0.600 on"


@given(guess=probabilities, accept=probabilities, rules=st.sampled_from(Action), policy=st.sampled_from(NetworkPolicy))
def test_every_decision_tells_its_scores_and_what_the_rules_alone_would_do(
    guess: float, accept: float, rules: Action, policy: NetworkPolicy
) -> None:
    """
    Whatever comes out of it.
    """
    found = weighed(ruled(rules), scores(guess, accept), settings=NeuralNetwork(policy=policy))

    assert (found.score, found.score_accept, found.model, found.rules_alone) == (guess, accept, "m1", rules)
    assert (found.request_id, found.pressure, found.rules) == ("r1", 0.5, ruled(rules).rules)


@given(
    guess=probabilities,
    accept=probabilities,
    rules=st.sampled_from(Action),
    policy=st.sampled_from(NetworkPolicy),
    crowded=st.booleans(),
)
def test_a_network_that_does_not_act_changes_nothing(
    guess: float, accept: float, rules: Action, policy: NetworkPolicy, *, crowded: bool
) -> None:
    """
    While it learns, or runs dry: the scores are told and the action is that of the rules.
    """
    before = ruled(rules)

    found = weighed(before, scores(guess, accept), settings=NeuralNetwork(policy=policy), live=False, crowded=crowded)

    assert (found.action, found.delay, found.reasons, found.message) == (
        before.action,
        before.delay,
        before.reasons,
        before.message,
    )
    assert (found.score, found.rules_alone) == (guess, rules)


@given(
    guess=probabilities,
    accept=probabilities,
    policy=st.sampled_from(NetworkPolicy),
    crowded=st.booleans(),
    flags=st.integers(0, 2**16 - 1),
    protocol=protocols,
)
def test_a_block_in_force_is_never_relieved(
    guess: float, accept: float, policy: NetworkPolicy, flags: int, protocol: str, *, crowded: bool
) -> None:
    """
    Most attempts that a block refuses never reach the network; those that do must not fare better.
    """
    found = weighed(
        ruled(Action.REFUSE, "blocked"),
        scores(guess, accept),
        flags=flags,
        settings=NeuralNetwork(policy=policy),
        protocol=protocol,
        crowded=crowded,
    )

    assert found.action is Action.REFUSE


@given(
    guess=probabilities, accept=probabilities, rules=st.sampled_from(Action), flags=st.integers(0, 2**16 - 1),
    protocol=protocols,
)  # fmt: skip
def test_rules_are_relieved_of_nothing_but_a_crowd(
    guess: float, accept: float, rules: Action, flags: int, protocol: str
) -> None:
    """
    Either may stop an attempt; a low score lets nobody past a rule.
    """
    found = weighed(ruled(rules), scores(guess, accept), flags=flags, protocol=protocol)

    assert SEVERITY[found.action] >= SEVERITY[rules]


@given(
    low=st.tuples(probabilities, probabilities),
    more=st.tuples(probabilities, probabilities),
    rules=st.sampled_from(Action),
    flags=st.integers(0, 2**16 - 1),
    protocol=protocols,
    crowded=st.booleans(),
    policy=st.sampled_from(NetworkPolicy),
)
def test_a_higher_score_never_leads_to_a_milder_action(
    low: tuple[float, float],
    more: tuple[float, float],
    rules: Action,
    flags: int,
    protocol: str,
    policy: NetworkPolicy,
    *,
    crowded: bool,
) -> None:
    """
    Of either head, under either policy, whoever asks.
    """
    high = tuple(max(one, other) for one, other in zip(low, more, strict=True))
    mild, severe = (
        weighed(
            ruled(rules),
            scores(*pair),
            flags=flags,
            settings=NeuralNetwork(policy=policy),
            protocol=protocol,
            crowded=crowded,
        )
        for pair in (low, high)
    )

    assert SEVERITY[severe.action] >= SEVERITY[mild.action]
    assert severe.delay >= mild.delay or severe.action is not Action.DELAY


@pytest.mark.parametrize("code", ["rule", "crowd"])
def test_a_newcomer_at_a_crowded_address_who_is_no_likely_attacker_waits_instead(code: str) -> None:
    """
    The rule of the address is full because of somebody else; where an attack is more likely than not, it stands.
    """
    newcomer, doubtful, other = (
        weighed(ruled(Action.REFUSE, code), scores(*said), crowded=True)
        for said in ((0.15, 0.1), (LIKELY * 0.99, 0.0), (0.0, LIKELY))
    )
    alone = weighed(ruled(Action.REFUSE), scores(0.0))

    assert (newcomer.action, newcomer.delay) == (Action.DELAY, NETWORK_DELAY)
    assert newcomer.rules_alone is Action.REFUSE
    assert [reason.code for reason in newcomer.reasons] == [code, "network"]
    assert (doubtful.action, other.action, alone.action) == (Action.DELAY, Action.REFUSE, Action.REFUSE)


def test_an_attempt_that_waits_anyway_waits_as_long_as_the_longer_of_both_says() -> None:
    """
    The rule says three seconds and the network five.
    """
    found = weighed(ruled(Action.DELAY), scores(0.3))

    assert (found.action, found.delay) == (Action.DELAY, NETWORK_DELAY)
    assert [reason.code for reason in found.reasons] == ["rule", "network"]


def test_a_model_without_thresholds_never_acts() -> None:
    """
    It scores, and whoever trained it could not say from where on that means something.
    """
    found = weighed(ruled(), Scores(1.0, 1.0, "m1", {}, {}))

    assert (found.action, found.score) == (Action.ALLOW, 1.0)
