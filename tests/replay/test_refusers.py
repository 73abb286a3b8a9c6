# SPDX-License-Identifier: Apache-2.0
"""Who refused is read from what rules, network and measures really say."""

from __future__ import annotations

import msgspec
import pytest
from campaign.drafts import decision, measure, seen
from weighing import NOBODY, RIGHT, WEIGHTED, ruled, scores, weighed

from nacre.campaign.apply import MOST_REASONS, InForce
from nacre.campaign.measure import Measure, Step
from nacre.campaign.picture import CampaignKind
from nacre.config.campaigns import Measures
from nacre.config.tree import NetworkPolicy, NeuralNetwork
from nacre.decision import Action, Decision
from nacre.replay.refusers import refusers

HEAVY = NeuralNetwork(policy=NetworkPolicy.WEIGHTED, ml_weight=0.8)
"""A network that refuses by its own weight."""


def refused_by(decided: Decision) -> list[str]:
    """Return who refused, as the report names them."""
    return [str(refuser) for refuser in refusers(decided)]


def met(*measures: Measure, before: Decision | None = None, settings: Measures | None = None) -> Decision:
    """Return what measures make of the third attempt of an address within a minute."""
    in_force = InForce(measures, settings or Measures())
    for _ in range(2):
        in_force.weigh(before or decision(), seen(protocol="imap"))
    return in_force.weigh(before or decision(), seen(protocol="imap"))


@pytest.mark.parametrize("kind", CampaignKind)
def test_a_measure_of_a_campaign_is_named_by_its_step_and_the_kind(kind: CampaignKind) -> None:
    """
    Its id is another one in each replay, and tells nobody anything.
    """
    block = measure(Step.BLOCK, campaign="c-1", reason=f"{kind.value} from 8 addresses, met by subnets: 100%")

    assert refused_by(met(block)) == [f"measure block ({kind.value})"]


def test_a_measure_without_a_campaign_is_named_by_its_step() -> None:
    """
    The threat as a whole, and operators, begin some.
    """
    assert refused_by(met(measure(Step.RATE_LIMIT, per_minute=2))) == ["measure rate_limit"]


def test_a_challenge_that_cannot_be_shown_may_refuse() -> None:
    """
    Where an operator says so, a step that is no refusal becomes one.
    """
    settings = Measures(refuse_without_challenge=("imap",))

    assert refused_by(met(measure(Step.CHALLENGE), settings=settings)) == ["measure challenge"]


def test_measures_that_ask_for_less_did_not_refuse() -> None:
    """
    They met the attempt as well, and the decision names them.
    """
    decided = met(measure(Step.MONITOR), measure(Step.DELAY), measure(Step.BLOCK))

    assert len(decided.measures) == 3
    assert refused_by(decided) == ["measure block"]


def test_two_measures_of_one_name_refuse_once_and_two_names_are_both_told() -> None:
    """
    An attempt that several refused counts for each of them, and no more than once.
    """
    decided = met(measure(Step.BLOCK), measure(Step.BLOCK), measure(Step.RATE_LIMIT, per_minute=1))

    assert refused_by(decided) == ["measure block", "measure rate_limit"]


def test_a_refusal_behind_too_many_measures_is_still_one_of_measures() -> None:
    """
    Reasons name few of them; nothing is left to nobody.
    """
    decided = met(*[measure(Step.MONITOR) for _ in range(MOST_REASONS)], measure(Step.BLOCK))

    assert refused_by(decided) == ["measure unnamed"]


def test_a_rule_that_only_delays_did_not_refuse_what_a_measure_refused() -> None:
    """
    It tripped, and the decision names it for that.
    """
    decided = met(measure(Step.BLOCK), before=ruled(Action.DELAY))

    assert decided.rules == ("address",)
    assert refused_by(decided) == ["measure block"]


@pytest.mark.parametrize(
    ("decided", "names"),
    [
        (weighed(ruled(), scores(0.97), flags=NOBODY), ["network score"]),
        (weighed(ruled(), scores(0.0, 0.99, limit=0.98), flags=NOBODY), ["network score_accept"]),
        (weighed(ruled(), scores(1.0), settings=HEAVY), ["network weighted"]),
        (weighed(ruled(Action.DELAY), scores(0.97), flags=NOBODY), ["network score"]),
        (weighed(ruled(Action.REFUSE), scores(0.97), flags=NOBODY), ["address", "network score"]),
        (weighed(ruled(Action.REFUSE), scores(1.0), settings=WEIGHTED), ["address", "network weighted"]),
        (weighed(ruled(Action.REFUSE), scores(0.0), flags=RIGHT), ["address"]),
        (weighed(ruled(Action.REFUSE, "blocked"), scores(0.97), flags=NOBODY), ["address"]),
        (weighed(ruled(Action.REFUSE), scores(0.97), flags=NOBODY, live=False), ["address"]),
    ],
)
def test_the_network_is_named_by_what_of_it_refused(decided: Decision, names: list[str]) -> None:
    """
    Beside the rules, where these would have refused without it.
    """
    assert decided.refused
    assert refused_by(decided) == names


def test_a_measure_refuses_what_the_network_only_slowed_down() -> None:
    """
    The network spoke, and its word was another one.
    """
    slowed = weighed(ruled(Action.REFUSE), scores(0.1), crowded=True)
    decided = met(measure(Step.BLOCK), before=slowed)

    assert (slowed.action, decided.rules_alone) == (Action.DELAY, Action.REFUSE)
    assert refused_by(decided) == ["measure block"]


@pytest.mark.parametrize("action", set(Action) - {Action.REFUSE})
def test_what_is_not_refused_was_refused_by_nobody(action: Action) -> None:
    """
    Rules that tripped and measures that met it may well be named.
    """
    decided = msgspec.structs.replace(decision(action), rules=("address",), measures=("m-1",))

    assert refused_by(decided) == []
