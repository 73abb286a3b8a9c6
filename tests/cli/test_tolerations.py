# SPDX-License-Identifier: Apache-2.0
"""`nacre tolerations`."""

from __future__ import annotations

from pathlib import Path

import pytest
from terminal import Run


@pytest.mark.usefixtures("embedded")
def test_a_toleration_outlives_the_command_that_set_it(run: Run) -> None:
    """
    It is in the store, for all instances and across restarts.
    """
    ran = run("tolerations", "set", "198.51.100.9/24", "--percent", 30, "--ttl", "2h")

    assert ran.code == 0
    entry = run("tolerations", "list", "--json").json["tolerations"][0]
    assert entry.pop("expires") > 0
    assert entry == {"ip_address": "198.51.100.0/24", "tolerate_percent": 30, "tolerate_ttl": "2h"}


def test_tolerations_of_the_settings_are_listed_as_such(run: Run, tmp_path: Path) -> None:
    """
    They cannot be deleted here, and do not end.
    """
    config = tmp_path / "nacre.yml"
    config.write_text(
        "brute_force: {custom_tolerations: "
        "[{ip_address: 10.0.0.0/8, adaptive_toleration: true, tolerate_percent: 10, tolerate_ttl: 24h}]}"
    )

    ran = run("tolerations", "list", "--config", config)

    assert ran.out.splitlines()[1].split() == ["10.0.0.0/8", "10-50%", "24h", "in", "the", "settings"]


def test_no_toleration_leaves_nothing_on_standard_output(run: Run) -> None:
    """
    The note is for people.
    """
    ran = run("tolerations", "list")

    assert (ran.code, ran.out) == (0, "")
    assert "brute_force.tolerate_percent" in ran.err


def test_what_was_never_set_cannot_be_deleted(run: Run) -> None:
    """
    A script that mistypes a network hears of it.
    """
    run("tolerations", "set", "198.51.100.0/24", "--percent", 30)

    gone = run("tolerations", "delete", "198.51.100.0/24")
    again = run("tolerations", "delete", "198.51.100.0/24", "--json")

    assert (gone.code, gone.out) == (0, "The toleration of 198.51.100.0/24 is gone.\n")
    assert (again.code, again.json) == (1, {"deleted": False})


def test_the_logins_of_an_address_are_counted_under_both_families_of_names(run: Run) -> None:
    """
    Scripts for Nauthilus read `total` and `failed`, its plug-ins `positive` and `negative`.
    """
    for outcome in ("--success", "--failure", "--success"):
        run("report", "--client-ip", "192.0.2.7", "--username", "erika", outcome)

    table = run("tolerations", "counters", "192.0.2.7")
    document = run("tolerations", "counters", "192.0.2.7", "--json")

    assert document.json == {"total": 3, "failed": 1, "positive": 2, "negative": 1}
    assert [line.split() for line in table.out.splitlines()] == [
        ["address", "total", "failed", "positive", "negative"],
        ["192.0.2.7", "3", "1", "2", "1"],
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        ("set", "nowhere", "--percent", "10"),
        ("set", "10.0.0.0/8", "--percent", "101"),
        ("set", "10.0.0.0/8", "--percent", "10", "--ttl", "soon"),
        ("set", "10.0.0.0/8", "--percent", "10", "--ttl", "9000h"),
        ("set", "10.0.0.0/8"),
        ("delete", "nowhere"),
        ("counters", "nowhere"),
        ("counters", ""),
    ],
)
def test_what_cannot_be_used_is_refused_before_the_store_is_asked(
    run: Run, data_dir: Path, arguments: tuple[str, ...]
) -> None:
    """
    A mistake is answered at once, wherever the store is.
    """
    ran = run("tolerations", *arguments)

    assert ran.code == 2
    assert ran.err.count("\n") == 1
    assert not data_dir.exists()
