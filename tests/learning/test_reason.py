# SPDX-License-Identifier: Apache-2.0
"""Every label can say where it comes from."""

from __future__ import annotations

from nacre.learning.reason import SENTENCES, Reason


def test_every_reason_has_a_sentence_of_its_own() -> None:
    """
    A label without provenance cannot be argued with.
    """
    assert set(SENTENCES) == set(Reason)
    assert len(set(SENTENCES.values())) == len(Reason)
    assert all(sentence.endswith(".") for sentence in SENTENCES.values())


def test_reasons_fit_into_a_byte() -> None:
    """
    They are kept as uint8.
    """
    assert all(0 <= reason < 256 for reason in Reason)
