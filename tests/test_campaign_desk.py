# SPDX-License-Identifier: Apache-2.0
"""What operators can wish for; what becomes of it is tested in test_countermeasures.py."""

from __future__ import annotations

import msgspec
import pytest

from nacre.campaign.measure import Scope, Step
from nacre.campaign_desk import LONGEST, Wish


def test_a_wish_names_its_step_and_may_leave_out_the_rest() -> None:
    """
    An hour, for whoever is new to the account that they try.
    """
    wish = msgspec.json.decode(b'{"step": "challenge"}', type=Wish)

    assert wish == Wish(step=Step.CHALLENGE, scope=Scope(unknown_origins=True), seconds=3600.0, confirm=False)


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"step": "panic"}',
        b'{"step": "block", "seconds": 0}',
        b'{"step": "block", "seconds": %d}' % (LONGEST + 1),
        b'{"step": "threshold", "threshold": 1.5}',
        b'{"step": "delay", "delay": 61}',
        b'{"step": "rate_limit", "per_minute": -1}',
    ],
)
def test_what_no_measure_can_be_is_no_wish(body: bytes) -> None:
    """
    It is refused where it is read.
    """
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(body, type=Wish)
