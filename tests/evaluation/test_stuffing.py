# SPDX-License-Identifier: Apache-2.0
"""Leaked lists on sites, in a circle of watch, plan and measures."""

from __future__ import annotations

import msgspec
import pytest

from evaluation.__main__ import main
from evaluation.stuffing import SITES, play

SHORT = {name: SITES[name]._replace(pairs=1_500) for name in ("small", "small, own list", "small, an hour old")}


@pytest.mark.parametrize("name", SHORT)
def test_the_rest_of_a_list_is_stopped_and_nobody_at_home_is_refused(name: str) -> None:
    """
    With a database of places and digests of passwords: no good login is met.
    """
    told = play(SHORT[name])

    assert 0 < told.named <= 200
    assert told.stopped >= 0.95 * told.rest > 0
    assert (told.met, told.refused) == (0, 0)


def test_where_nothing_tells_travellers_from_the_list_measures_keep_to_the_budget_of_a_day() -> None:
    """
    They begin, and end when it is used up; more takes a person's consent.  The estimate says what comes.
    """
    told = play(SITES["large, own list, no places, no passwords"]._replace(pairs=4_000))

    assert told.met > 0
    assert told.day <= 1.2
    assert 0.5 * told.expected <= told.met <= 2 * told.expected
    assert told.stopped < 0.95 * told.rest


def test_the_same_seed_gives_the_same_figures(capsys: pytest.CaptureFixture[str]) -> None:
    """
    They are printed in a decision.
    """
    for _ in range(2):
        assert main(["stuffing", "small, within a minute", "--json"]) == 0
    first, second = capsys.readouterr().out.splitlines()

    assert first == second
    assert msgspec.json.decode(first)["small, within a minute"]["good"] > 0


def test_a_table_names_the_site_and_a_site_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """
    Names are long, and are typed.
    """
    assert main(["stuffing", "small, within a minute"]) == 0
    assert main(["stuffing", "tiny"]) == 2
    out, err = capsys.readouterr()

    assert "small, within a minute" in out
    assert "there is no site 'tiny'" in err
