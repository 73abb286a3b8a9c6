# SPDX-License-Identifier: Apache-2.0
"""Revoked tokens are kept as long as they are needed and no longer."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nacre.access.revocations import Revocations


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 20), st.integers(0, 4))))
def test_a_token_is_revoked_until_the_latest_end_that_was_given(steps: list[tuple[str, int, int]]) -> None:
    """
    Revoking twice, with whatever ends, must neither shorten nor outlive the longest.
    """
    revoked, ends, now = Revocations(), dict.fromkeys("abc", 0), 0

    for jti, until, passing in steps:
        now += passing
        revoked.add(jti, until=until, now=now)
        if until > now:
            ends[jti] = max(ends[jti], until)

        assert dict(revoked.until) == {jti: end for jti, end in ends.items() if end > now}


def test_nothing_is_left_of_a_hundred_thousand_revocations_after_their_end() -> None:
    """
    A service runs for years; its memory of dead tokens must not grow with them.
    """
    revoked = Revocations()
    for number in range(100_000):
        revoked.add(str(number), until=number % 100 + 1, now=0)

    revoked.drop_ended(now=100)

    assert not revoked.until
