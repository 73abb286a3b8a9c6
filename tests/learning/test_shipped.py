# SPDX-License-Identifier: Apache-2.0
"""The model that nacre comes with."""

from __future__ import annotations

import pytest

from nacre.features.columns import STANDARD
from nacre.learning.canned import canned
from nacre.learning.shipped import FILE, KEY, shipped_model
from nacre.network.artifact import ModelRefused
from nacre.network.model import Model
from nacre.scoring import Live


@pytest.fixture(scope="module")
def shipped() -> Model:
    """Return it, if this build has one."""
    found = shipped_model()
    if found is None:
        pytest.skip(f"this build comes without {FILE}")
    return found


def test_it_is_for_the_columns_of_this_version(shipped: Model) -> None:
    """
    Who changes a column has to train it again.
    """
    assert shipped.artifact.columns == STANDARD.names
    assert shipped.artifact.schema == STANDARD.digest
    assert Live.of(shipped).encoding.width == 0


def test_its_heads_see_what_they_may(shipped: Model) -> None:
    """
    Whether the password is right is not for the head that judges right passwords.
    """
    assert shipped.artifact.guess.columns == tuple(STANDARD.guess.tolist())
    assert shipped.artifact.accept.columns == tuple(STANDARD.accept.tolist())


def test_it_gets_right_what_every_model_has_to(shipped: Model) -> None:
    """
    It comes from other traffic than these cases.
    """
    assert [case.name for case in canned(shipped) if not case.passed] == []


def test_it_comes_with_thresholds_for_everybody(shipped: Model) -> None:
    """
    Else it would look on for ever.
    """
    for head in (shipped.artifact.guess, shipped.artifact.accept):
        assert {group: set(answers) for group, answers in head.thresholds.items()} == {
            group: {"refuse", "challenge", "delay"} for group in ("known", "novel")
        }


def test_a_broken_file_would_be_refused(shipped: Model) -> None:
    """
    One bit of its weights.
    """
    data = bytearray(shipped.to_bytes(KEY))
    data[-1] ^= 1

    with pytest.raises(ModelRefused, match="changed after it was sealed"):
        Model.from_bytes(bytes(data), KEY, columns=STANDARD.names, schema=STANDARD.digest)
