# SPDX-License-Identifier: Apache-2.0
"""What is learned from is what was served: rows, scores, feedback, and inputs that are alive."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from simulated import Lived, admitted, two_weeks

from nacre.attempt import AttemptFields
from nacre.features.columns import STANDARD
from nacre.learning.claims import Claim, apply_claims
from nacre.learning.labels import label
from nacre.scoring import SUSPICIOUS


@pytest.fixture(scope="module")
def lived() -> Lived:
    """Return what happened."""
    return two_weeks()


def test_a_row_of_the_training_is_the_row_that_was_served_bit_for_bit(lived: Lived) -> None:
    """
    Every sample, joined by the digest of its request id; nothing was computed a second time.
    """
    served = {lived.site.lookout.digest(f"{number}"): one for number, one in enumerate(lived.before)}
    samples = lived.material.samples

    assert len(samples) > 5_000
    for sample in samples:
        one = served[int(sample["id"])]
        assert sample["vector"].tobytes() == one.vector.tobytes()
        assert (int(sample["ip"]), int(sample["user"])) == (one.facts.address, one.facts.user)


def test_the_score_in_the_journal_is_the_score_that_was_served(lived: Lived) -> None:
    """
    As float32; before the first model there is none.
    """
    assert np.isnan(lived.material.events["score"]).all()

    first = len(lived.before)
    digests = [lived.site.lookout.digest(f"{number}") for number in range(first, first + len(lived.scored))]
    served = dict(zip(digests, zip(*lived.scores, strict=True), strict=True))
    events = lived.site.journal.material().events
    later = events[~np.isnan(events["score"])]

    assert len(later) > 5_000
    assert all(
        (event["score"], event["accept"]) == tuple(np.float32(score) for score in served[int(event["id"])])
        for event in later
    )


def test_a_model_scores_a_batch_as_it_scores_one_attempt(lived: Lived) -> None:
    """
    A training judges thousands at a time, a check one.
    """
    vectors = np.array([one.vector for one in lived.scored])

    for batch, served in zip(lived.trained.model.score(vectors), lived.scores, strict=True):
        np.testing.assert_allclose(batch, served, rtol=1e-9, atol=0)


def test_feedback_meets_the_row_of_its_request_and_no_other(lived: Lived) -> None:
    """
    The digest of the request id is all that joins them.
    """
    events, samples = lived.material
    now = lived.trained.model.artifact.created
    weak = label(events, now)
    number = 4_321
    digest = lived.site.lookout.digest(f"{number}")
    (row,) = np.flatnonzero(events["id"] == digest)

    claims = [Claim(digest, is_attack=bool(weak.attack[row] == 0), giver=giver, time=now) for giver in ("erika", "max")]
    labels, counted = apply_claims(events, weak, claims, now)

    assert counted.used == 1
    assert np.flatnonzero(labels.reason != weak.reason).tolist() == [row]
    (sample,) = samples[samples["id"] == digest]
    assert sample["vector"].tobytes() == lived.before[number].vector.tobytes()


_MORE: tuple[dict[str, Any], ...] = (
    {"protocol": "ssh"},
    {"password": "x", "attributes": {SUSPICIOUS: True}},
    {"password": "x", "attributes": {SUSPICIOUS: False}},
)


def test_every_column_that_a_head_looks_at_varies(lived: Lived) -> None:
    """
    An input that never changes is dead: the original had several, and nobody noticed.

    What this site's clients never do, three more attempts do: sign in over SSH, without a password that is known,
    from an address that the caller looked up in a block list.
    """
    more = [
        lived.site.check(
            admitted(
                AttemptFields(client_ip="192.0.2.7", username="erika", request_id=f"m{number}", time=1.9e9, **other)
            )
        )[0]
        for number, other in enumerate(_MORE)
    ]
    seen = np.array([one.vector for one in (*lived.before, *lived.scored, *more)])

    dead = [
        STANDARD.names[place]
        for place in STANDARD.guess
        if len(np.unique(seen[np.isfinite(seen[:, place]), place])) < 2
    ]

    assert dead == []
