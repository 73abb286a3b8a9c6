# SPDX-License-Identifier: Apache-2.0
"""All that is told of a training run."""

from __future__ import annotations

import json

import msgspec
import pytest
from trainings import training_report

from nacre.network.training_report import TrainingReport

HOSTILE = '<script>alert("1")</script>\'\u202e\x00\u2028'


def test_a_report_survives_the_way_through_json() -> None:
    """
    With names that an attacker chose: they are kept as they are, and whoever shows them escapes them.
    """
    report = training_report(name=HOSTILE)

    again = msgspec.json.decode(msgspec.json.encode(report), type=TrainingReport)

    assert again == report
    assert again.columns[0].name == HOSTILE


def test_the_document_of_a_report_has_the_names_of_its_parts() -> None:
    """
    Programs read them.
    """
    document = json.loads(msgspec.json.encode(training_report()))

    assert {"model", "parts", "labels", "compared", "verdict", "columns", "groups", "thresholds"} <= set(document)
    assert set(document["parts"][0]) == {"name", "began", "ended", "attacks", "legitimate"}
    assert {type(check[0]) for check in document["verdict"]["checks"]} <= {bool, type(None)}
    assert document["thresholds"][-1]["budget"] is None


@pytest.mark.parametrize("field", ["verdict", "compared", "parts"])
def test_half_a_report_is_refused(field: str) -> None:
    """
    A report in the store that lost its verdict does not stand for one that passed.
    """
    document = json.loads(msgspec.json.encode(training_report()))
    del document[field]

    with pytest.raises(msgspec.ValidationError, match=field):
        msgspec.convert(document, TrainingReport)
