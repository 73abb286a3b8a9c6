# SPDX-License-Identifier: Apache-2.0
"""The values of a sighting."""

from __future__ import annotations

import pytest

from nacre.campaign.sighting import Mark, Sighting


@pytest.mark.parametrize(
    ("marks", "failed"), [(0, True), (Mark.SUCCESS, False), (Mark.STOPPED, False), (Mark.HOME, True)]
)
def test_what_was_stopped_has_not_failed(marks: int, failed: bool) -> None:  # noqa: FBT001
    """
    Its password was never tested.
    """
    assert Sighting(0.0, b"", "erika", marks=int(marks)).failed is failed
