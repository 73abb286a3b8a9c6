# SPDX-License-Identifier: Apache-2.0
"""`nacre features`."""

from __future__ import annotations

from terminal import Run

from nacre.features.columns import STANDARD

ERIKA = ("--client-ip", "192.0.2.7", "--username", "erika")


def test_the_standard_columns_say_what_they_mean(run: Run) -> None:
    """
    A report names columns; here is where one looks them up.
    """
    listed = run("features", "list").out

    for column in STANDARD.columns:
        assert column.name in listed
    assert "{}" not in listed
    assert "how many failures from this address in an hour" in listed


def test_a_feature_that_a_caller_sends_is_proposed_with_its_kind(run: Run) -> None:
    """
    Numbers and texts are told apart as they were typed, and so is how texts become columns.
    """
    given = ("--additional-feature", "retries=3", "--additional-feature", "device=mobile")
    run("check", *ERIKA, *given, "--additional-feature", "browser=firefox", "--embedded", "browser")

    found = run("features", "list", "--additional", "--json").json["features"]

    assert {(each["name"], each["kind"], each["encoding"], each["state"]) for each in found} == {
        ("retries", "number", "", "proposed"),
        ("device", "string", "one-hot", "proposed"),
        ("browser", "string", "embedding", "proposed"),
    }


def test_removing_tells_what_was_there_and_what_was_not(run: Run) -> None:
    """
    An unknown name is no failure, but a script hears when nothing was removed.
    """
    run("check", *ERIKA, "--additional-feature", "device=mobile")

    some = run("features", "remove", "device", "ip.failures_1h")
    none = run("features", "remove", "device")

    assert (some.code, some.out, some.err) == (0, "Removed: device.\n", "No additional feature: ip.failures_1h.\n")
    assert (none.code, none.out) == (1, "")
    assert run("features", "list", "--additional").err == "No caller has sent an additional feature yet.\n"
    assert run("features", "remove", "device", "--json").json == {"removed": [], "unknown": ["device"]}


def test_without_a_name_nothing_is_removed(run: Run) -> None:
    """
    It says what is missing.
    """
    assert run("features", "remove").code == 2
