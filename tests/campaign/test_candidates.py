# SPDX-License-Identifier: Apache-2.0
"""Scopes that may answer a campaign."""

from __future__ import annotations

import msgspec
from campaign.drafts import botnet, disguised, good_logins, seen, stuffing

from nacre.campaign.candidates import Candidate, Field, candidates, of_all, regions, usual
from nacre.campaign.columns import Columns
from nacre.campaign.measure import Scope, Step
from nacre.campaign.reach import Reach
from nacre.campaign.sighting import Mark, Sighting

WIDEST = {4: 20, 16: 40}


def field(attempts: list[Sighting], good: list[Sighting] | None = None, *, harmless: int = 0) -> Field:
    """A field of attempts and good logins."""
    strangers = [each for each in good or [] if not each.marks & Mark.HOME]
    return Field(attempts, Columns(strangers), harmless, WIDEST)


def by_accounts(found: list[Candidate]) -> Candidate:
    """The candidate that names accounts."""
    return next(each for each in found if each.scope.accounts)


def by_subnets(found: list[Candidate]) -> Candidate:
    """The candidate that names subnets."""
    return next(each for each in found if each.scope.subnets)


def test_accounts_answer_who_tries_the_same_ones_again() -> None:
    """
    A botnet on one account is met by the name of the account, whatever its addresses.
    """
    assert by_accounts(candidates(field(botnet()))).met.all()


def test_accounts_are_no_answer_where_each_is_tried_once() -> None:
    """
    The list of those that were tried covers all of the past: it is judged by what came after it was made.
    """
    assert not by_accounts(candidates(field(stuffing(100)))).met.any()


def test_subnets_answer_who_comes_from_few_of_them() -> None:
    """
    Addresses of one street are one subnet, so that the next one of them is met as well.
    """
    attempts = [seen(f"198.51.100.{number % 40}", f"user{number}", time=float(number)) for number in range(100)]

    found = by_subnets(candidates(field(attempts)))

    assert found.step is Step.BLOCK
    assert found.scope.subnets == ("198.51.100.0/24",)
    assert found.met.all()


def test_a_street_where_a_stranger_signed_in_is_not_blocked_whole() -> None:
    """
    The prefixes stay as narrow as the attack then.
    """
    attempts = [seen(f"198.51.100.{number % 8}", f"user{number}", time=float(number)) for number in range(100)]

    found = by_subnets(candidates(field(attempts, [seen("198.51.100.200", "max", marks=Mark.SUCCESS)])))

    assert found.scope.subnets == ("198.51.100.0/29",)
    assert found.touched == 0


def test_what_all_attempts_share_is_part_of_every_scope() -> None:
    """
    New sources, client, countries, protocol: to leave one out would meet more people, and no more of the attack.
    """
    found = [each for each in candidates(field(stuffing(100))) if not each.scope.accounts and not each.scope.subnets]

    assert [each.scope for each in found] == [
        Scope(clients=("curl",), countries=("XA", "XB", "XC"), protocols=("imap",), new_sources=True)
    ]
    assert all(each.met.all() for each in found)


def test_what_nearly_all_attempts_share_is_combined_in_every_way() -> None:
    """
    Whoever is stopped less than others by a condition may still be stopped without it: 2^2 scopes.
    """
    attempts = [
        msgspec.structs.replace(each, client="wget" if number == 60 else "curl", score=0.1 if number == 61 else 0.8)
        for number, each in enumerate(stuffing(100))
    ]

    found = [each for each in candidates(field(attempts)) if not each.scope.accounts and not each.scope.subnets]

    assert {(each.scope.clients, each.scope.least_score) for each in found} == {
        (clients, score) for clients in ((), ("curl",)) for score in (0.0, 0.8)
    }


OWN = Mark.HISTORY | Mark.RIGHT | Mark.OWN_CLIENT | Mark.OWN_SYSTEM | Mark.OWN_COUNTRY


def test_people_are_spared_by_what_they_share_with_earlier_logins_of_their_account() -> None:
    """
    Attackers try leaked names, most of which never signed in here; travellers take their habits with them.
    """
    travellers = [seen(f"10.9.0.{number}", f"user{number}", marks=Mark.SUCCESS | OWN) for number in range(20)]
    told = Field(stuffing(100), Columns(travellers), 0, WIDEST, told=int(OWN))

    harmless = [each for each in candidates(told) if each.scope.except_own]

    assert all(each.met.all() and not each.touched for each in harmless)
    assert ("history",) in {each.scope.except_own for each in harmless}
    assert ("password",) in {each.scope.except_own for each in harmless}


def test_nobody_is_spared_by_what_is_not_known_of_anybody() -> None:
    """
    Without places a scope that spares those of the account would meet everybody, and look narrow.
    """
    told = Field(stuffing(100), Columns([]), 0, WIDEST, told=int(Mark.HISTORY | Mark.OWN_CLIENT))

    spared = {each.scope.except_own for each in candidates(told)}

    assert spared == {(), ("history",), ("client",)}


def test_a_score_that_nearly_all_reach_narrows_a_scope() -> None:
    """
    Three in a hundred may score lower.
    """
    attempts = [
        msgspec.structs.replace(each, score=0.1 if number in {3, 60} else 0.8)
        for number, each in enumerate(stuffing(100))
    ]

    scopes = [each.scope for each in candidates(field(attempts))]

    assert {each.least_score for each in scopes} == {0.0, 0.8}


def test_candidates_say_what_they_would_meet() -> None:
    """
    Combined from what their parts meet; the same as asking the whole scope.
    """
    good = [each for each in good_logins(500, strange=50) if not each.marks & Mark.HOME]
    attempts = [
        *stuffing(60, score=0.4),
        seen(time=950.0, marks=Mark.HOME, score=0.9, client="curl"),
        seen(time=951.0, marks=Mark.KNOWN_SOURCE, score=0.9, protocol="imap", country="XA"),
    ]
    everything = field(attempts, good)

    for each in candidates(everything):
        reach = Reach(each.scope)
        assert each.met.tolist() == [reach.meets(attempt) for attempt in everything.younger]
        assert each.touched == sum(map(reach.meets, good))


def test_a_chosen_scope_is_made_again_of_all_attempts() -> None:
    """
    What began in the younger half belongs to it.
    """
    attempts = [*botnet("erika", 10), *botnet("max", 10)]
    everything = field(attempts)

    assert of_all(by_accounts(candidates(everything)), everything) == Scope(accounts=("erika", "max"))


def test_no_attempts_have_no_candidates() -> None:
    """
    A campaign whose attempts are all forgotten.
    """
    assert candidates(field([])) == []


def test_a_value_that_is_not_known_narrows_nothing() -> None:
    """
    Without databases of places, no country is any country.
    """
    scopes = [each.scope for each in candidates(field([seen(time=float(number)) for number in range(10)]))]

    assert not any(scope.countries or scope.asns or scope.clients or scope.protocols for scope in scopes)


def test_places_are_usual_from_which_two_accounts_sign_in() -> None:
    """
    The one of a single account stands for all those from which nobody has come yet.
    """
    good = [
        seen("192.0.2.7", "erika", asn=64_500, country="DE"),
        seen("192.0.77.7", "max", asn=64_500, country="DE"),
        seen("198.51.100.7", "max", asn=64_501, country="FR"),
        seen("198.51.100.7", "max", asn=64_501, country="FR"),
        seen("2001:db8:1::1", "erika"),
        seen("2001:db8:2::1", "max"),
    ]

    found = usual(good)

    assert found["except_asns"] == (64_500,)
    assert found["except_countries"] == ("DE",)
    assert set(found["except_subnets"]) == {"192.0.0.0/16", "2001:db8::/32"}


def test_an_attack_from_unusual_places_is_met_without_those_who_travel() -> None:
    """
    From the networks of people who sign in here, hardly any of the attack comes.
    """
    good = good_logins(2000, strange=400)
    everything = field(stuffing(200), good)._replace(usual=lambda: usual(good))

    beside = [each for each in candidates(everything) if each.scope.except_subnets]

    assert all(each.touched == 0 and each.met.mean() > 0.95 for each in beside)
    assert of_all(beside[0], everything).except_subnets == ("10.0.0.0/16",)


def test_usual_places_are_no_exception_where_the_attack_comes_from_them() -> None:
    """
    Most of it would be spared.
    """
    good = good_logins(2000, strange=400)
    everything = field(disguised(200), good)._replace(usual=lambda: usual(good))

    assert not any(each.scope.except_subnets or each.scope.except_countries for each in candidates(everything))


def test_regions_are_countries_from_which_only_the_attack_comes() -> None:
    """
    One from which a stranger signed in is none, nor one with a hundredth of the attempts.
    """
    attempts = [msgspec.structs.replace(stuffing(1)[0], country="XD"), *stuffing(200)]

    assert regions(field(attempts, [seen(country="XB", marks=Mark.SUCCESS)])) == ("XA", "XC")


def test_a_country_where_people_sign_in_is_never_a_region_to_block() -> None:
    """
    Although no stranger among the logins that are remembered came from there: some will.
    """
    home = Mark.SUCCESS | Mark.HOME
    good = [
        seen(account=name, country=country, marks=home) for name, country in (("a", "XA"), ("b", "XA"), ("a", "XC"))
    ]
    everything = field(stuffing(200), [seen(country="DE", marks=Mark.SUCCESS)])._replace(usual=lambda: usual(good))

    assert regions(everything) == ("XB", "XC")
