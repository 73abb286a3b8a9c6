# SPDX-License-Identifier: Apache-2.0
"""Trainings with columns of callers' own, and with rows that every installation begins with."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from learning.material import NOW, QUICK, guesses, material, trained

from nacre.features.catalogue import Catalogue
from nacre.features.columns import STANDARD
from nacre.features.encoding import Encoding
from nacre.features.extras import add_extras
from nacre.features.pack import pack
from nacre.learning.journal import DAY, Material
from nacre.learning.shipped import prior_rows


def with_extras(rows: Material, values: tuple[str, str], catalogue: Catalogue) -> Material:
    """Return rows of which half say the one and half the other of a feature."""
    samples = rows.samples.copy()
    packed = [
        np.frombuffer(pack(add_extras({}, {"device": value}), catalogue, lambda text: sum(text.encode())), np.uint8)
        for value in values
    ]
    samples["slots"] = np.array(packed)[np.arange(len(samples)) % 2]
    return Material(rows.events, samples)


def test_additional_features_become_columns_that_both_heads_see() -> None:
    """
    And the model carries how they are encoded.
    """
    catalogue = Catalogue().propose(add_extras({}, {"device": "phone"}), now=0.0).catalogue.canonise()
    rows = with_extras(material(), ("phone", "desk"), catalogue)

    artifact = trained(rows, catalogue=catalogue).model.artifact

    encoding = Encoding.from_bytes(artifact.extras)
    assert encoding.width == 2 + 8
    assert artifact.columns == STANDARD.names + encoding.columns
    extra = tuple(range(len(STANDARD), len(STANDARD) + encoding.width))
    assert artifact.guess.columns[-10:] == artifact.accept.columns[-10:] == extra


def test_a_champion_with_other_additional_features_is_compared_nevertheless() -> None:
    """
    It sees the rows by its own encoding; without it, a new feature would be a way around the gate.
    """
    catalogue = Catalogue().propose(add_extras({}, {"device": "phone"}), now=0.0).catalogue.canonise()
    before = NOW - 2.5 * DAY
    plain = trained(material(), now=before, version="plain").model
    cars = with_extras(material(), ("van", "car"), catalogue)
    other = trained(cars, now=before, version="other", catalogue=catalogue).model
    rows = with_extras(material(), ("phone", "desk"), catalogue)

    for champion in (plain, other):
        report = trained(rows, catalogue=catalogue, champion=champion).report

        assert report is not None
        assert report.compared.champion is not None
        assert report.compared.champion.tries[0].recall > 0.9


# -- rows that every installation begins with

LEANING = msgspec.structs.replace(QUICK, prior=True, plan=msgspec.structs.replace(QUICK.plan, epochs=4, batch=512))


@pytest.mark.skipif(prior_rows() is None, reason="this build comes without rows to lean on")
def test_a_small_site_learns_from_its_own_rows_beside_those_it_began_with() -> None:
    """
    Its thousand rows are newer than all of those; they must not all be held out to judge by.
    """
    rows = material()
    ours = len(rows.samples)

    model = trained(rows, recipe=LEANING).model

    taught = model.artifact.provenance["rows"]
    assert taught["held_out"] <= 0.15 * ours
    guess, _ = model.score(np.ascontiguousarray(rows.samples["vector"]))
    assert np.median(guess[guesses(rows.samples)]) > 0.9
    assert np.median(guess[~guesses(rows.samples)]) < 0.1


@pytest.mark.skipif(prior_rows() is None, reason="this build comes without rows to lean on")
def test_rows_to_lean_on_are_no_attempts_of_this_place() -> None:
    """
    The trial is judged, and thresholds are found, on what happened here alone.
    """
    leaning, alone = (trained(material(), recipe=recipe).report for recipe in (LEANING, QUICK))

    assert leaning is not None
    assert alone is not None
    assert leaning.parts == alone.parts
    assert leaning.labels == alone.labels
    assert leaning.compared.challenger.rows == alone.compared.challenger.rows
