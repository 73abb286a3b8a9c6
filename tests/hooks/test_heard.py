# SPDX-License-Identifier: Apache-2.0
"""What is made of what scripts say."""

from __future__ import annotations

import asyncio

import pytest

from nacre.attempt import MAX_PAIRS, Attempt
from nacre.config.lua import OnError
from nacre.decision import MESSAGES, Action
from nacre.errors import HookError, HooksBusy
from nacre.hooks.call import Call
from nacre.hooks.heard import Heard, Hearing, Said, after_error, refusal, with_features

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


async def test_who_waits_is_told_what_was_said() -> None:
    """
    In words of the caller.
    """
    begun: asyncio.Future[Heard] = asyncio.get_running_loop().create_future()
    hearing = Hearing(begun, lambda said: ("told", said))
    heard = Heard("geoip", "", Call("geoip", "feature"))

    begun.set_result(heard)

    assert await hearing == ("told", heard)


@pytest.mark.parametrize("error", [HookError("s", "broken"), HooksBusy("busy")])
async def test_who_waits_is_told_why_scripts_could_not_be_run(error: HookError | HooksBusy) -> None:
    """
    What becomes of the login then is for the settings to say.
    """
    begun: asyncio.Future[Heard] = asyncio.get_running_loop().create_future()
    begun.set_exception(error)
    seen: list[Said] = []

    await Hearing(begun, seen.append)

    assert seen == [error]


async def test_any_other_error_is_a_bug_and_reaches_the_caller() -> None:
    """
    Nobody decides as if scripts had said something.
    """
    begun: asyncio.Future[Heard] = asyncio.get_running_loop().create_future()
    begun.set_exception(ZeroDivisionError())

    with pytest.raises(ZeroDivisionError):
        await Hearing(begun, lambda said: said)


async def test_nothing_is_left_of_what_nobody_waits_for() -> None:
    """
    The check ended with an error of its own; that scripts had one, too, would be logged without end.
    """
    loop = asyncio.get_running_loop()
    complaints: list[object] = []
    loop.set_exception_handler(lambda _loop, context: complaints.append(context))
    waiting, failed, done = (loop.create_future() for _ in range(3))
    failed.set_exception(HookError("s", "broken"))
    done.set_result(Heard("", "", Call("", "feature")))

    for begun in (waiting, failed, done):
        Hearing(begun, lambda said: said).cancel()

    assert waiting.cancelled()
    del waiting, failed, done, begun
    assert complaints == []
