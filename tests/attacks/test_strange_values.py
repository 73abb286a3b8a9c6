# SPDX-License-Identifier: Apache-2.0
"""
A hundred attempts with client strings, features and values that nobody ever saw.

In the original each new one widened the network and drew its input weights anew: whoever sent it erased the model.
"""

from __future__ import annotations

import numpy as np
import pytest
from simulated import Site, admitted, two_weeks

from nacre.attempt import Attempt, AttemptFields
from nacre.features.extras import Given
from nacre.scoring import Live

HUGE = "x" * 1_000_000


def strange(number: int, time: float) -> Attempt:
    """An attempt from somebody who sends whatever comes to mind."""
    return admitted(
        AttemptFields(
            client_ip=f"2001:db8:{number:x}::1",
            username=f"nobody {number}",
            time=time,
            request_id=f"strange-{number}",
            password=f"{number}{HUGE}",
            user_agent=f"Agent/{number} {HUGE if number % 10 == 0 else ''}",
            protocol=f"protocol-{number}",
            client_id=f"device {number}",
            attributes={"country": "ZZ", "asn": 4_000_000_000 + number, f"attribute {number}": HUGE},
            features={
                f"feature {number}": HUGE,
                "campus": f"campus {number} {HUGE if number % 10 == 1 else ''}",
                "retries": 10.0 ** (number * 4 - 200) if number % 2 else float("nan"),
                "": number,
                "n" * 1_000: True,
            },
            embedded=["campus"],
        )
    )


@pytest.fixture
def site() -> Site:
    """Return a site of its own with the model of the other one; it keeps a catalogue as a service does."""
    lived = two_weeks()
    own = lived.apart()
    own.scoring.champion = Live.of(lived.trained.model)

    def meet(extras: dict[str, Given]) -> None:
        own.scoring.catalogue = own.scoring.catalogue.propose(extras, 0.0).catalogue

    own.scoring.on_extras = meet
    return own


def test_the_model_says_of_all_others_what_it_said_before(site: Site) -> None:
    """
    Bit for bit, with new features proposed and the catalogue full; nor does the model itself change by a bit.
    """
    lived, model = two_weeks(), site.scoring.champion
    assert model is not None
    others = lived.scored[::5]
    before, key = [model.score(one.vector, one.slots) for one in others], b"a key that only tests have"
    sealed = model.model.to_bytes(key)

    for number in range(100):
        site.live(strange(number, 1_900_000_000.0 + number), accepted=number % 7 == 0)

    assert len(site.scoring.catalogue.features) == 32
    assert site.scoring.champion is model
    assert [model.score(one.vector, one.slots) for one in others] == before
    assert model.model.to_bytes(key) == sealed


def test_looking_at_them_changes_nothing_that_is_seen_of_others(site: Site) -> None:
    """
    A check alone counts nothing; only outcomes move counters, and those of others' subjects not at all.
    """
    time = 1_900_000_000.0
    owner = admitted(
        AttemptFields(client_ip="192.0.2.7", username="erika", time=time + 500, password="right", request_id="owner")
    )
    first, _ = site.check(owner)

    for number in range(100):
        site.check(strange(number, time + number))

    again, _ = site.check(owner)
    assert again.vector.tobytes() == first.vector.tobytes()
    assert again.scores == first.scores


def test_strange_attempts_themselves_get_ordinary_scores(site: Site) -> None:
    """
    Numbers between 0 and 1, from vectors of the one width that there is; one row of one size is kept of each.
    """
    for number in range(100):
        scored, decision = site.live(strange(number, 1_900_000_000.0 + number), accepted=False)
        assert len(scored.slots) == 128
        assert scored.vector.shape == two_weeks().scored[0].vector.shape
        assert decision.score is not None
        assert 0.0 < decision.score < 1.0

    assert not np.isinf(site.journal.material().samples["vector"]).any()
