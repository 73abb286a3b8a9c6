# SPDX-License-Identifier: Apache-2.0
"""What belongs to one run."""

from __future__ import annotations

from nacre.hooks.call import Call


def test_runs_share_nothing_unless_it_is_handed_on() -> None:
    """
    A value that one request left for another would be seen by the wrong person.
    """
    one, other = Call("a", "hook"), Call("a", "hook")

    one.context["x"] = one.features["x"] = one.custom_log["x"] = 1
    one.response.headers.append(("X-A", "1"))

    assert (other.context, other.features, other.custom_log, other.response.headers) == ({}, {}, {}, [])
