# SPDX-License-Identifier: Apache-2.0
"""`nacre threat` and `nacre campaigns`."""

from __future__ import annotations

import asyncio
import os

import pytest
from builders import fields
from terminal import Run
from under_attack import watch_once

from nacre.cli.installation import Installation, opened
from nacre.rehearsal import strangers


@pytest.fixture
def attacked(run: Run) -> Run:
    """The command, where erika's account was attacked from many addresses and somebody watched."""

    async def attack() -> None:
        async with opened(Installation.find(None, None, os.environ)) as guard:
            for address in strangers(12):
                await guard.attempt(fields(address, "erika", protocol="imap"), success=False)
            await watch_once(guard)

    asyncio.run(attack())
    return run


def test_a_quiet_place_says_so(run: Run) -> None:
    """
    And that nobody has watched it yet.
    """
    threat, campaigns = run("threat"), run("campaigns", "list")

    assert ("0.00, normal" in threat.out, "Nobody has watched" in threat.err) == (True, True)
    assert (campaigns.out, campaigns.err) == ("", "There is no campaign.\n")


def test_the_threat_and_the_accounts_under_attack_are_shown(attacked: Run) -> None:
    """
    The account with how many origins tried it.
    """
    shown, told = attacked("threat"), attacked("threat", "--json").json

    assert [line.split()[:3] for line in shown.out.splitlines() if line.startswith("erika")] == [["erika", "12", "12"]]
    assert (told["campaigns"], told["accounts"][0]["account"]) == (1, "erika")


def test_a_campaign_is_listed_and_shown(attacked: Run) -> None:
    """
    By its id.
    """
    (listed,) = attacked("campaigns", "list", "--json").json["campaigns"]

    table, shown = attacked("campaigns", "list"), attacked("campaigns", "show", listed["id"])

    assert listed["id"] in table.out
    assert "guessing (T1110.001)" in shown.out
    assert "12 addresses in 12 subnets" in shown.out
    assert attacked("campaigns", "show", "c-1").code == 1


def test_an_account_is_forgotten_and_then_there_is_nothing_to_forget(attacked: Run) -> None:
    """
    The exit code tells which.
    """
    first, second = (attacked("campaigns", "reset-account", "ERIKA") for _ in range(2))

    assert (first.code, second.code) == (0, 1)
    assert "erika" not in attacked("threat").out


def test_all_is_forgotten_only_if_somebody_means_it(attacked: Run) -> None:
    """
    A script has to say so.
    """
    unsure, sure = attacked("campaigns", "reset"), attacked("campaigns", "reset", "--yes")

    assert (unsure.code, sure.code) == (2, 0)
    assert attacked("campaigns", "list").err == "There is no campaign.\n"


def test_the_exit_code_tells_whether_a_simulated_attack_was_recognised(run: Run) -> None:
    """
    For monitoring.
    """
    seen, unseen = run("campaigns", "simulate", "erika"), run("campaigns", "simulate", "erika", "--addresses", "2")

    assert (seen.code, "Recognised by attempt" in seen.out) == (0, True)
    assert (unseen.code, "Not recognised" in unseen.out) == (21, True)
    assert run("campaigns", "simulate", "erika", "--json").json["detected"]
