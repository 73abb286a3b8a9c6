# SPDX-License-Identifier: Apache-2.0
"""A small simulated site, lived through by the network's real code without rules or store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from outcomes import DIGESTS, IDENTITY

from evaluation.traffic.simulate import Story, Study, simulate
from evaluation.traffic.write import Event, events_of
from nacre.account import AccountNames
from nacre.attempt import Attempt, AttemptFields, admit
from nacre.config.tree import NeuralNetwork
from nacre.decision import Action, Decision
from nacre.learning.claims import Claim
from nacre.learning.journal import Material, PrivateJournal
from nacre.learning.train import Recipe, Trained, train
from nacre.lookout import Lookout
from nacre.network.plan import Plan, Shape
from nacre.record import Sight
from nacre.replay.profiles import PrivateProfiles
from nacre.scoring import Live, Mode, Scored, Scoring
from nacre.store.keys import Keys

STORY = Story(seed=8, events=20_000)
"""Two weeks of some 20,000 attempts with every kind of attack, a half of them before the training."""

RECIPE = Recipe(plan=Plan(shape=Shape(hidden=16, nets=2), epochs=12, batch=128), rows=8_000, prior=False)
"""Learns such a site in a second or two."""

NAMES = AccountNames()


class Site:
    """
    The network at work: looks at attempts, learns from outcomes, trains.

    Args:
        settings: Of the network.

    Attributes:
        lookout: As in a service.
        journal: What it learns from.
    """

    def __init__(self, settings: NeuralNetwork | None = None) -> None:
        self.journal = PrivateJournal(100_000)
        self.lookout = Lookout(
            Scoring(DIGESTS, IDENTITY.text),
            profiles=PrivateProfiles(Keys("", IDENTITY)),
            journal=self.journal,
            identity=IDENTITY,
            settings=settings or NeuralNetwork(),
        )

    @property
    def scoring(self) -> Scoring:
        """The models in use."""
        return self.lookout.scoring

    def check(self, attempt: Attempt) -> tuple[Scored, Decision]:
        """Return what is seen of an attempt, and what the network makes of rules that have nothing to say."""
        scored = self.lookout.see(self.lookout.look(attempt), (), attempt)
        assert scored is not None
        allowed = Decision(attempt.request_id, Action.ALLOW, 0.0, None, (), (), "")
        return scored, self.lookout.weigh(allowed, scored, attempt)

    def live(self, attempt: Attempt, *, accepted: bool) -> tuple[Scored, Decision]:
        """Check an attempt and report its outcome."""
        scored, decision = self.check(attempt)
        sight = Sight(scored.facts, scored.vector.tobytes(), scored.slots)
        self.lookout.learn(sight, attempt, decision, accepted=accepted)
        return scored, decision

    def train(self, now: float, *, claims: Iterable[Claim] = (), recipe: Recipe = RECIPE) -> Trained:
        """Train on all that was kept, and let the model act."""
        trained = train(
            self.journal.material(),
            now=now,
            version="site-1",
            recipe=recipe,
            claims=claims,
            catalogue=self.scoring.catalogue.canonise(),
            importance=False,
        )
        self.scoring.champion = Live.of(trained.model)
        self.scoring.mode = Mode(learning=False)
        return trained


def admitted(fields: AttemptFields) -> Attempt:
    """Return an attempt of fields that have a time and a request id."""
    return admit(fields, names=NAMES, identity=IDENTITY, now=0.0, request_id="")


def attempt_of(event: Event) -> Attempt:
    """Return a simulated login as an attempt."""
    return admitted(
        AttemptFields(
            client_ip=event.client_ip,
            username=event.username,
            time=event.ts,
            password_digest=event.password_token,
            protocol=event.protocol,
            user_agent=event.user_agent,
            known_user=event.known_user,
            attributes={"country": event.country, "asn": event.asn},
            request_id=event.request_id,
        )
    )


def lived(site: Site, study: Study, which: slice) -> tuple[list[Scored], list[Decision]]:
    """Let a stretch of a study happen at a site; returns what was seen and answered.  Rows are named by their place."""
    ids = [f"{number}" for number in range(*which.indices(len(study.rows)))]
    found = [site.live(attempt_of(event), accepted=event.success) for event in events_of(study, study.rows[which], ids)]
    return [scored for scored, _ in found], [decision for _, decision in found]


class Lived(NamedTuple):
    """
    What a site saw of a study.

    Attributes:
        site: As it is afterwards.
        trained: What came out of its training.
        material: What it was trained on.
        rows: The part of the study that came after the training.
        scored: What was seen of each of these.
        decisions: What was answered to each.
        before: What was seen of those before.
        claims: The feedback.
    """

    site: Site
    trained: Trained
    material: Material
    rows: NDArray[np.void]
    scored: Sequence[Scored]
    decisions: Sequence[Decision]
    before: Sequence[Scored]
    claims: Sequence[Claim]

    def apart(self) -> Site:
        """Return a site of its own that kept what this one was trained on, and to which nothing happened."""
        site = Site()
        events, samples = self.material
        kept = dict(zip(samples["id"].tolist(), samples, strict=True))
        for event in events:
            sample = kept.get(int(event["id"]))
            site.journal.put(event.tobytes(), None if sample is None else sample.tobytes())
        return site

    @property
    def scores(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What the model said of each of the rows, by either head."""
        said = np.array([(one.scores.guess, one.scores.accept) for one in self.scored if one.scores is not None])
        return said[:, 0], said[:, 1]


@cache
def two_weeks(story: Story = STORY) -> Lived:
    """A site that lives through a study, hears feedback, trains when three fifths are over, and acts from then on."""
    study, site = simulate(story), Site()
    now = study.world.people.span.train
    split = int(np.searchsorted(study.rows["ts"], now))
    before, _ = lived(site, study, slice(0, split))
    material = site.journal.material()
    claims = [
        Claim(site.lookout.digest(f"{one.row}"), one.is_attack, one.source, one.available_at) for one in study.told
    ]
    trained = site.train(now, claims=claims)
    scored, decisions = lived(site, study, slice(split, None))
    return Lived(site, trained, material, study.rows[split:], scored, decisions, before, claims)
