# SPDX-License-Identifier: Apache-2.0
"""What the exit code of a command says."""

from __future__ import annotations

import pytest

from nacre.cli.exits import ExitCode, code_of
from nacre.errors import (
    GuardError,
    InvalidAttempt,
    NetworkRefused,
    SettingsError,
    StoreCorrupt,
    StoreUnavailable,
    UnknownRequest,
)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UnknownRequest("r1"), ExitCode.ABSENT),
        (InvalidAttempt("client_ip", "no address"), ExitCode.UNUSABLE),
        (SettingsError("no such setting"), ExitCode.UNUSABLE),
        (StoreUnavailable("gone"), ExitCode.STORE_AWAY),
        (StoreCorrupt("key", "not ours"), ExitCode.STORE_AWAY),
        (NetworkRefused("unknown_model", "there is none"), ExitCode.ABSENT),
        (NetworkRefused("unknown_job", "there is none"), ExitCode.ABSENT),
        (NetworkRefused("not_scored", "without a model"), ExitCode.ABSENT),
        (NetworkRefused("gate_closed", "it is worse"), ExitCode.HELD),
        (NetworkRefused("feedback_mismatch", "another address"), ExitCode.UNUSABLE),
        (NetworkRefused("dry_run", "the settings say so"), ExitCode.UNUSABLE),
    ],
)
def test_a_script_tells_from_the_code_whether_to_correct_or_to_retry(error: GuardError, code: ExitCode) -> None:
    """
    What is typed wrong stays wrong; a store that is away comes back.
    """
    assert code_of(error) is code


def test_no_decision_has_the_code_of_an_error() -> None:
    """
    A login script must not take a store that is away for a refusal, nor the other way round.
    """
    decisions = {ExitCode.DONE, ExitCode.CHALLENGE, ExitCode.REFUSED}

    assert decisions.isdisjoint({ExitCode.ABSENT, ExitCode.UNUSABLE, ExitCode.STORE_AWAY, ExitCode.FAULT})
    assert decisions.isdisjoint({ExitCode.HELD, ExitCode.FAILED, ExitCode.INTERRUPTED})
