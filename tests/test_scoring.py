# SPDX-License-Identifier: Apache-2.0
"""The models in use, and whether they act."""

from __future__ import annotations

import numpy as np
import pytest
from learning.material import NOW, QUICK, material
from outcomes import DIGESTS, IDENTITY, History, attempt

from nacre.attempt import Attempt
from nacre.features.catalogue import Catalogue
from nacre.features.columns import STANDARD
from nacre.features.extras import Given, add_extras
from nacre.features.pack import NOT_GIVEN, pack
from nacre.learning.journal import Material
from nacre.learning.train import train
from nacre.network.model import Model
from nacre.scoring import COLD_LOGINS, COLD_SECONDS, SUSPICIOUS, Live, Mode, Scored, Scoring

DEVICE = add_extras({}, {"device": "phone"})
CATALOGUE = Catalogue().propose(DEVICE, now=0.0).catalogue.canonise()


@pytest.fixture(scope="module")
def model() -> Model:
    """A model of the standard columns."""
    return train(material(), now=NOW, version="plain", recipe=QUICK, importance=False).model


@pytest.fixture(scope="module")
def wider() -> Model:
    """A model that knows phones and desks."""
    rows = material()
    samples = rows.samples.copy()
    values = [
        np.frombuffer(pack(add_extras({}, {"device": value}), CATALOGUE, IDENTITY.text), np.uint8)
        for value in ("phone", "desk")
    ]
    phones = rows.samples["asn"] != rows.samples["asn"][0]
    samples["slots"] = np.where(phones[:, None], values[0], values[1])
    return train(
        Material(rows.events, samples), now=NOW, version="wider", recipe=QUICK, catalogue=CATALOGUE, importance=False
    ).model


@pytest.fixture
def scoring() -> Scoring:
    """Scoring without a model."""
    return Scoring(DIGESTS, IDENTITY.text)


def scored(scoring: Scoring, tried: Attempt, extras: dict[str, Given] | None = None) -> Scored:
    """Score an attempt before which nothing happened."""
    return scoring.score(tried, DIGESTS.facts(tried), History().around(tried), extras)


def test_without_a_model_an_attempt_is_seen_and_not_scored(scoring: Scoring) -> None:
    """
    What is seen is what the first model learns from.
    """
    seen = scored(scoring, attempt(password="x"))

    assert seen.vector.shape == (len(STANDARD),)
    assert seen.vector.dtype == np.float32
    assert (seen.scores, seen.shadow, seen.slots) == (None, None, b"")
    assert seen.facts.user


def test_the_scores_are_those_of_the_model_for_the_vector(scoring: Scoring, model: Model) -> None:
    """
    With its version and its thresholds: a decision never mixes two models.
    """
    scoring.champion = Live.of(model)

    seen = scored(scoring, attempt(password="x"))

    assert seen.scores is not None
    assert (seen.scores.guess, seen.scores.accept) == model.score_one(seen.vector)
    assert seen.scores.model == "plain"
    assert seen.scores.guess_limits == model.artifact.guess.thresholds
    assert seen.scores.accept_limits == model.artifact.accept.thresholds


def test_a_challenger_scores_beside_the_champion(scoring: Scoring, model: Model, wider: Model) -> None:
    """
    And changes nothing of what the champion says.
    """
    scoring.champion = Live.of(model)
    alone = scored(scoring, attempt(password="x")).scores

    scoring.challenger = Live.of(wider)
    both = scored(scoring, attempt(password="x"))

    assert both.scores == alone
    assert both.shadow is not None
    assert both.shadow.model == "wider"


def test_a_model_sees_additional_features_by_its_own_encoding(scoring: Scoring, wider: Model) -> None:
    """
    The same attempt from a phone, from a desk, and from what nobody ever saw.
    """
    scoring.champion, scoring.catalogue = Live.of(wider), CATALOGUE

    def said(extras: dict[str, Given] | None) -> float:
        scores = scored(scoring, attempt(password="x"), extras).scores
        assert scores is not None
        return scores.guess

    phone, desk = (said(add_extras({}, {"device": value})) for value in ("phone", "desk"))
    assert phone != desk
    assert said(None) == said({})
    assert 0.0 < said(add_extras({}, {"device": "x" * 100_000})) < 1.0


def test_a_model_that_knows_features_which_are_gone_scores_nevertheless(scoring: Scoring, wider: Model) -> None:
    """
    They were removed, or this instance has not heard of them yet: no login fails for that.
    """
    scoring.champion = Live.of(wider)
    gone = scored(scoring, attempt(password="x"))

    scoring.catalogue = CATALOGUE

    assert gone.slots == b""
    assert gone.scores == scored(scoring, attempt(password="x")).scores


def test_a_model_without_additional_features_does_not_look_at_them(scoring: Scoring, model: Model) -> None:
    """
    Whatever is packed.
    """
    scoring.champion, scoring.catalogue = Live.of(model), CATALOGUE

    assert scored(scoring, attempt(password="x"), DEVICE).scores == scored(scoring, attempt(password="x")).scores


def test_slots_are_packed_as_soon_as_there_is_a_catalogue(scoring: Scoring) -> None:
    """
    Also for attempts that come without: not given is an answer.
    """
    scoring.catalogue = CATALOGUE

    assert scored(scoring, attempt()).slots == NOT_GIVEN
    assert scored(scoring, attempt(), DEVICE).slots == pack(DEVICE, CATALOGUE, IDENTITY.text) != NOT_GIVEN


def test_names_that_are_new_are_told_once_they_come(scoring: Scoring) -> None:
    """
    Whoever keeps the catalogue gives them a slot; the attempt itself has it already.
    """
    told: list[dict[str, Given]] = []

    def meet(extras: dict[str, Given]) -> None:
        told.append(extras)
        scoring.catalogue = scoring.catalogue.propose(extras, 0.0).catalogue

    scoring.on_extras = meet

    first, second = scored(scoring, attempt(), DEVICE), scored(scoring, attempt(), DEVICE)

    assert told == [DEVICE]
    assert first.slots == second.slots != NOT_GIVEN


@pytest.mark.parametrize(
    ("attributes", "value"),
    [({SUSPICIOUS: True}, 1.0), ({SUSPICIOUS: 0}, 0.0), ({SUSPICIOUS: "yes"}, np.nan), ({}, np.nan)],
)
def test_a_caller_says_whether_an_address_is_on_a_block_list(
    scoring: Scoring, attributes: dict[str, bool | str], value: float
) -> None:
    """
    Nobody looked is not the same as no.
    """
    column = next(place for place, name in enumerate(STANDARD.names) if "suspicious" in name)

    seen = scored(scoring, attempt(attributes=attributes)).vector[column]

    assert seen == pytest.approx(value, nan_ok=True)


# -- whether it acts


@pytest.mark.parametrize(
    ("mode", "later", "acts"),
    [
        (Mode(), 1e9, False),
        (Mode(learning=False), 0.0, True),
        (Mode(learning=True, gated=True, successes=COLD_LOGINS), 1e9, False),
        (Mode(gated=True), 0.0, True),
        (Mode(since=1.0, successes=COLD_LOGINS), COLD_SECONDS, True),
        (Mode(since=1.0, successes=COLD_LOGINS), COLD_SECONDS - 1, False),
        (Mode(since=1.0, successes=COLD_LOGINS - 1), COLD_SECONDS, False),
    ],
)
def test_a_network_acts_when_it_is_told_to_or_knows_the_place(mode: Mode, later: float, *, acts: bool) -> None:
    """
    What an operator said comes first; then a gate that was passed here; then three days and 2,000 logins.
    """
    assert mode.acts(1.0 + later) is acts


def test_experience_is_counted_in_logins_since_the_first_attempt(scoring: Scoring) -> None:
    """
    Failures begin the time and count for nothing else.
    """
    for second, accepted in enumerate((False, False, True, True), 100):
        scoring.count_login(float(second), accepted=accepted)

    assert scoring.mode == Mode(since=100.0, successes=2)


@pytest.mark.parametrize("mode", [Mode(learning=True), Mode(learning=False), Mode(gated=True)])
def test_experience_is_not_counted_where_it_decides_nothing(scoring: Scoring, mode: Mode) -> None:
    """
    Else every login would change what all instances share.
    """
    scoring.mode = mode

    scoring.count_login(100.0, accepted=True)

    assert scoring.mode is mode


def test_experience_is_counted_no_further_than_it_matters(scoring: Scoring) -> None:
    """
    After 2,000 logins the mode stays as it is.
    """
    for _ in range(COLD_LOGINS + 5):
        scoring.count_login(1.0, accepted=True)

    assert scoring.mode.successes == COLD_LOGINS
