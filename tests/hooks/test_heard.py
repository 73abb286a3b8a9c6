# SPDX-License-Identifier: Apache-2.0
"""What is made of what scripts say."""

from __future__ import annotations

import pytest

from nacre.attempt import MAX_PAIRS, Attempt
from nacre.config.lua import OnError
from nacre.decision import MESSAGES, Action
from nacre.errors import HookError
from nacre.hooks.call import Call
from nacre.hooks.heard import Heard, after_error, refusal, with_features

ATTEMPT = Attempt("r1", 0.0, b"", "erika", "", "", b"")


def test_a_refusal_names_the_script_to_operators_and_nobody_else() -> None:
    """
    The person who signs in learns nothing of how the service decides.
    """
    decision = refusal(ATTEMPT, Heard("geoip", "", Call("geoip", "feature")))

    assert (decision.action, decision.message) == (Action.REFUSE, MESSAGES[Action.REFUSE])
    assert [(reason.code, reason.text) for reason in decision.reasons] == [("lua", "feature geoip speaks against it")]


def test_a_script_may_set_the_message() -> None:
    """
    It is the operator's text.
    """
    call = Call("geoip", "feature", status_message="Not from there.")

    assert refusal(ATTEMPT, Heard("geoip", "", call)).message == "Not from there."


@pytest.mark.parametrize(("policy", "by"), [(OnError.REFUSE, "s"), (OnError.ALLOW, ""), (OnError.IGNORE, None)])
def test_a_failed_script_does_what_the_settings_say(policy: OnError, by: str | None) -> None:
    """
    In the original each of them fails every login.
    """
    heard = after_error(HookError("s", "broken"), policy, Call("s", "feature"))

    assert (heard.by if heard else None) == by


def test_a_script_adds_features_and_pushes_none_of_the_callers_out() -> None:
    """
    As many as the network takes; more would cost memory with each attempt that is kept.
    """
    attempt = Attempt("r1", 0.0, b"", "", "", "", b"", features={f"c{n}": n for n in range(MAX_PAIRS - 1)})
    call = Call("s", "feature", features={"c0": "new", "s1": 1, "s2": 2, "table": [1], "x" * 129: 1}, embedded={"c0"})

    features = with_features(attempt, call).features

    assert features == {**attempt.features, "c0": "new", "s1": 1}
    assert with_features(attempt, call).embedded == ("c0",)
