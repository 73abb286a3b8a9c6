# SPDX-License-Identifier: Apache-2.0
"""Changes to what is kept that several make alike."""

from __future__ import annotations

import numpy as np
from builders import MakeGuard
from traffic import network, rows, variant

from nacre.learning.event import EVENT
from nacre.learning.journal import Material, gather
from nacre.learning.row import read_rows, row_dtype
from nacre.shelves import canonise, in_use, with_claims
from nacre.store.feedback import Said
from nacre.store.journal import LAYOUT
from nacre.store.network_state import NetworkState

_ROWS = [(event, sample) for event, sample in rows() if sample is not None]


def _said(number: int, *, layout: str = LAYOUT) -> Said:
    event, sample = _ROWS[number]
    digest = int.from_bytes(event[:8], "little")
    return Said(f"r{number}", digest, True, "erika", 1.0, sample, layout)  # noqa: FBT003


def _kept(count: int) -> Material:
    return gather([event for event, _ in _ROWS[:count]], [sample for _, sample in _ROWS[:count]])


def test_a_claim_brings_its_row_where_the_journal_lost_it() -> None:
    """
    Feedback is learned from though a flood evicted the attempt; what is there is there once.
    """
    material = with_claims(_kept(10), [_said(3), _said(20), _said(20), _said(30)])

    assert (len(material.events), len(material.samples)) == (12, 12)
    assert len(np.unique(material.samples["id"])) == 12
    assert np.all(np.diff(material.samples["time"]) >= 0)
    brought = material.samples[material.samples["id"] == _said(30).digest]
    assert brought.tobytes() == _ROWS[30][1]
    assert material.events[material.events["id"] == _said(30).digest].tobytes() == _ROWS[30][0]


def test_rows_of_another_layout_are_left_out() -> None:
    """
    A claim from before an update has columns that mean something else.
    """
    before = _kept(10)

    assert with_claims(before, [_said(20, layout="old")]) is before
    assert with_claims(before, []) is before


def test_claims_alone_are_something_to_learn_from() -> None:
    """
    Also where the journal is empty.
    """
    nothing = Material(read_rows(b"", EVENT), read_rows(b"", row_dtype()))

    assert len(with_claims(nothing, [_said(1)]).events) == 1


def test_what_was_in_use_can_be_gone_back_to() -> None:
    """
    The first model of one's own goes back to the shipped one, if there is one.
    """
    assert in_use("v1", NetworkState(), 5.0)["previous"] == "shipped"
    assert in_use("v1", NetworkState(), 5.0, shipped=False)["previous"] == ""
    assert in_use("v2", NetworkState(current="v1", challenger="v3"), 5.0) == {
        "current": "v2",
        "previous": "v1",
        "challenger": "",
        "published": 5.0,
        "held": "",
        "rolled": "",
    }


async def test_a_model_without_additional_features_makes_none_canonical(make_guard: MakeGuard) -> None:
    """
    What was proposed meanwhile stays proposed.
    """
    guard = await make_guard(settings=network())
    state = guard.network_parts.shelves.state

    assert await canonise(state, variant("v1")) == ""
    assert await state.revision() == 0
