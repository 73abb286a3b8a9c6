# SPDX-License-Identifier: Apache-2.0
"""How telling fails."""

from __future__ import annotations

from nacre.notify.means import Undelivered


def test_a_failure_means_the_means_unless_it_says_that_it_means_the_message() -> None:
    """
    Most failures pass, and then the message arrives.
    """
    assert not Undelivered("away").refused
    assert Undelivered("no such user", refused=True).refused
    assert str(Undelivered("away")) == "away"
