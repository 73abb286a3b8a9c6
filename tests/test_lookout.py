# SPDX-License-Identifier: Apache-2.0
"""The network's side of check and report."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest
from builders import Clock, MakeGuard, fields, rule, written
from learning.material import NOW as TRAINED
from learning.material import QUICK, material
from outcomes import NOW, attempt
from simulated import Site

from nacre.attempt import Attempt
from nacre.config.tree import NeuralNetwork
from nacre.decision import Action, Decision
from nacre.features.columns import STANDARD
from nacre.features.extras import Coding, Given
from nacre.features.flags import Flag
from nacre.learning.train import train
from nacre.lookout import TRUSTED, extras
from nacre.network.model import Model
from nacre.record import Sight
from nacre.rules.rule import Bucket
from nacre.rules.verdict import Trip, Verdict
from nacre.scoring import Live, Mode, Scored

NEVER = {group: dict.fromkeys(("refuse", "challenge", "delay"), 1.1) for group in ("known", "novel")}
ALWAYS = {group: dict.fromkeys(("refuse", "challenge", "delay"), 0.0) for group in ("known", "novel")}


@pytest.fixture(scope="module")
def model() -> Model:
    """A model; what it says does not matter here."""
    return train(material(), now=TRAINED, version="v1", recipe=QUICK, importance=False).model


@pytest.fixture
def site() -> Site:
    """A site at which nothing happened."""
    return Site()


def allowed(tried: Attempt, **other: Any) -> Decision:
    """The rules have nothing to say."""
    return Decision(tried.request_id, Action.ALLOW, 0.0, None, (), (), "", **other)


def sight(scored: Scored) -> Sight:
    """What is kept of what was seen."""
    return Sight(scored.facts, scored.vector.tobytes(), scored.slots)


def column(scored: Scored, name: str) -> float:
    """Return one column of what was seen."""
    return float(scored.vector[STANDARD.place(name)])


def test_an_attempt_is_seen_as_it_was_before_it_counts(site: Site) -> None:
    """
    Looking changes nothing; a report does.
    """
    first, again = (site.check(attempt(password="x"))[0] for _ in range(2))
    site.live(attempt(password="x"), accepted=False)
    after, _ = site.check(attempt(password="x"))

    assert first.vector.tobytes() == again.vector.tobytes()
    assert column(first, "user.failures_24h") == 0.0
    assert column(after, "user.failures_24h") == pytest.approx(np.log(2))


def test_what_the_store_could_not_tell_is_not_seen(site: Site) -> None:
    """
    A vector of empty profiles would say that nothing ever happened.
    """
    tried = attempt()

    assert site.lookout.see(site.lookout.look(tried), None, tried) is None


def test_a_report_keeps_the_vector_of_the_check_whatever_happened_since(site: Site) -> None:
    """
    A sample shows what the decision was made of, to the bit; never what was counted afterwards.
    """
    tried = attempt(password="right")
    scored, decision = site.check(tried)
    for number in range(20):
        site.live(attempt(password=f"guess {number}"), accepted=False)

    site.lookout.learn(sight(scored), tried, decision, accepted=True)

    samples = site.journal.material().samples
    (kept,) = samples[samples["id"] == site.lookout.digest(tried.request_id)]
    assert kept["vector"].tobytes() == scored.vector.tobytes()
    assert int(kept["flags"]) & Flag.SUCCESS


def test_the_event_tells_the_scores_as_served(site: Site, model: Model) -> None:
    """
    NaN where there was no model, not 0: that would be a judgement.
    """
    before, after = attempt(password="x"), attempt("192.0.2.9", "max", password="y")
    site.live(before, accepted=True)
    site.scoring.champion = Live.of(model)
    _, decision = site.live(after, accepted=False)

    first, second = site.journal.material().events
    assert np.isnan(first["score"])
    assert np.isnan(first["accept"])
    assert (second["score"], second["accept"]) == (np.float32(decision.score), np.float32(decision.score_accept))


def test_a_refused_right_password_is_a_login_only_if_it_is_more_likely_its_owners(site: Site) -> None:
    """
    Without a score nobody says so.
    """
    for number, (score, learned) in enumerate(((None, False), (TRUSTED, False), (TRUSTED - 0.01, True))):
        name = f"user{number}"
        scored, _ = site.check(attempt(username=name, password="right"))
        refused = msgspec.structs.replace(
            allowed(attempt(username=name, password="right")), action=Action.REFUSE, score=score, score_accept=score
        )

        site.lookout.learn(sight(scored), attempt(username=name, password="right"), refused, accepted=True)

        after, _ = site.check(attempt(username=name, password="right", time=NOW + 1))
        assert bool(after.facts.flags & Flag.HISTORY) is learned


@pytest.mark.parametrize(
    ("settings", "mode", "acts"),
    [
        (NeuralNetwork(), Mode(learning=False), True),
        (NeuralNetwork(), Mode(learning=True), False),
        (NeuralNetwork(), Mode(), False),
        (NeuralNetwork(dry_run=True), Mode(learning=False), False),
    ],
)
def test_a_network_that_only_looks_on_refuses_nobody(
    model: Model, settings: NeuralNetwork, mode: Mode, *, acts: bool
) -> None:
    """
    In learning mode and in a dry run: it says what it would, and the action is that of the rules.
    """
    site = Site(settings)
    site.scoring.champion, site.scoring.mode = Live.of(model.with_thresholds(ALWAYS, ALWAYS)), mode

    _, decision = site.check(attempt(password="x", known_user=False))

    assert decision.action is (Action.REFUSE if acts else Action.ALLOW)
    assert decision.score is not None
    assert (decision.rules_alone, decision.model) == (Action.ALLOW, "v1")
    assert site.lookout.learns(NOW) is not acts


def test_without_a_model_a_decision_stays_as_it_is(site: Site) -> None:
    """
    No score, and nothing that the rules alone would have done otherwise.
    """
    tried = attempt()
    scored, decision = site.check(tried)

    assert decision == allowed(tried)
    assert site.lookout.learns(NOW)
    assert scored.scores is None


def test_the_score_of_a_challenger_is_told_and_does_nothing(site: Site, model: Model) -> None:
    """
    It would refuse everybody.
    """
    site.scoring.champion = Live.of(model.with_thresholds(NEVER, NEVER))
    site.scoring.challenger = Live.of(model.with_thresholds(ALWAYS, ALWAYS))
    site.scoring.mode = Mode(learning=False)

    _, decision = site.check(attempt(password="x"))

    assert decision.action is Action.ALLOW
    assert decision.shadow == decision.score


def test_an_address_is_crowded_when_more_than_five_accounts_signed_in_from_it(site: Site) -> None:
    """
    Then the rules hear who is at home there; without a full rule nobody has to know.
    """
    for number in range(7):
        site.live(attempt("198.51.100.7", f"user{number}", password="right"), accepted=True)
    trips = Verdict((Trip(Bucket.of(rule()), 0, 5, 0.0),), tolerated=False, known=False, pressure=1.0, counts={})
    calm = trips._replace(trips=())

    def beside(username: str, verdict: Verdict, address: str = "198.51.100.7") -> tuple[bool, bool]:
        found = site.lookout.beside(verdict, site.check(attempt(address, username))[0])
        return found.crowded, found.at_home

    assert beside("user3", trips) == (True, True)
    assert beside("stranger", trips) == (True, False)
    assert beside("user3", calm) == (False, False)
    assert beside("user3", trips, "192.0.2.99") == (False, False)


async def test_a_report_without_a_check_is_learned_from_all_the_same(make_guard: MakeGuard, clock: Clock) -> None:
    """
    Logs know only what became of attempts; the profiles are read behind the answer.
    """
    guard = await make_guard(rule())

    for _ in range(3):
        await guard.report_outcome(success=False, request_id="", attempt=guard.admit(fields()))
    await written(guard)
    decision = await guard.check(fields())

    record = guard.checkpoint.decisions.recent(decision.request_id)
    assert record is not None
    assert record.sight is not None
    assert record.sight.floats[STANDARD.place("user.failures_24h")] == pytest.approx(np.log(4), abs=0.01)
    assert record.attempt.time == clock.now


def test_additional_features_keep_the_coding_that_the_caller_chose() -> None:
    """
    Names that are embedded, all others as they are; without any there is nothing to pack.
    """
    features = {"device": "phone", "campus": "north", "retries": 2}

    assert extras(attempt()) is None
    assert extras(attempt(features=features, embedded=["campus", "nothing"])) == {
        "device": Given("phone", Coding.ONE_HOT),
        "retries": Given(2, Coding.ONE_HOT),
        "campus": Given("north", Coding.EMBEDDING),
    }
