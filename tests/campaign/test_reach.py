# SPDX-License-Identifier: Apache-2.0
"""Whom a scope meets."""

from __future__ import annotations

import pytest
from campaign.drafts import seen

from nacre.campaign.measure import Scope
from nacre.campaign.reach import Reach
from nacre.campaign.sighting import Mark

ATTEMPT = seen(asn=64_500, country="DE", client="curl", protocol="imap", score=0.4)


@pytest.mark.parametrize(
    "scope",
    [
        Scope(),
        Scope(accounts=("erika", "max")),
        Scope(subnets=("198.51.100.0/24", "192.0.2.0/24")),
        Scope(asns=(64_500,)),
        Scope(countries=("DE",)),
        Scope(clients=("curl",)),
        Scope(protocols=("imap",)),
        Scope(new_sources=True),
        Scope(except_subnets=("198.51.0.0/16",), except_asns=(0, 64_501), except_countries=("FR",)),
        Scope(least_score=0.4),
        Scope(accounts=("erika",), subnets=("192.0.2.7",), countries=("DE",), least_score=0.1),
    ],
)
def test_an_attempt_is_met_that_fits_all_that_is_named(scope: Scope) -> None:
    """
    What is not named fits everyone.
    """
    assert Reach(scope).meets(ATTEMPT)


@pytest.mark.parametrize(
    "scope",
    [
        Scope(accounts=("max",)),
        Scope(except_subnets=("192.0.0.0/16",)),
        Scope(except_asns=(64_500,)),
        Scope(except_countries=("DE", "FR")),
        Scope(subnets=("198.51.100.0/24",)),
        Scope(asns=(64_501,)),
        Scope(countries=("FR",)),
        Scope(clients=("thunderbird",)),
        Scope(protocols=("smtp",)),
        Scope(least_score=0.5),
        Scope(accounts=("erika",), countries=("FR",)),
    ],
)
def test_one_thing_that_does_not_fit_is_enough(scope: Scope) -> None:
    """
    A scope is as narrow as all that it names together.
    """
    assert not Reach(scope).meets(ATTEMPT)


def test_known_origins_and_known_sources_are_spared_where_the_scope_says_so() -> None:
    """
    Known origins always, unless it is said otherwise; known sources only if it is said.
    """
    home, known = seen(marks=Mark.HOME), seen(marks=Mark.KNOWN_SOURCE)

    assert [Reach(Scope()).meets(each) for each in (home, known)] == [False, True]
    assert [Reach(Scope(new_sources=True)).meets(each) for each in (home, known)] == [False, False]
    assert Reach(Scope(unknown_origins=False)).meets(home)


def test_a_subnet_that_is_none_is_refused() -> None:
    """
    A slip of an operator is to be told, not to meet nobody.
    """
    with pytest.raises(ValueError, match="no address and no network"):
        Reach(Scope(subnets=("192.0.2.0/33",)))


@pytest.mark.parametrize(
    ("marks", "met"),
    [
        (Mark(0), True),
        (Mark.OWN_SYSTEM, False),
        (Mark.OWN_CLIENT, True),
        (Mark.OWN_COUNTRY | Mark.RIGHT, True),
        (Mark.OWN_CLIENT | Mark.OWN_COUNTRY, False),
    ],
)
def test_whoever_has_all_of_one_thing_that_is_excepted_is_not_met(marks: Mark, *, met: bool) -> None:
    """
    The system of the account alone, or its client and its country together.
    """
    reach = Reach(Scope(except_own=("system", "client+country")))

    assert reach.meets(seen(marks=int(marks))) is met


def test_what_accounts_have_not_cannot_be_excepted() -> None:
    """
    An operator who mistypes it hears of it before anything begins.
    """
    with pytest.raises(ValueError, match="'colour' is none of history, password"):
        Reach(Scope(except_own=("client+colour",)))
