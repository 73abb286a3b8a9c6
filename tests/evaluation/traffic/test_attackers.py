# SPDX-License-Identifier: Apache-2.0
"""That each kind of attack is what its name says."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.traffic.calendar import HOUR, Span
from evaluation.traffic.campaigns import KINDS, Plan, campaign
from evaluation.traffic.internet import Internet, texts
from evaluation.traffic.people import People
from evaluation.traffic.places import World
from evaluation.traffic.rows import Rows


@pytest.fixture(scope="module")
def world() -> World:
    """Return a world of six thousand people."""
    return World(People(Internet(3), Span.draw(np.random.default_rng(3), 14), 6_000, 3))


def tries(world: World, kind: str, number: int = 40) -> Rows:
    """Return the tries of one campaign at full size."""
    rows = campaign(world, Plan(number, kind, world.people.span.at(0.62)), 1.0, as_customers=False)
    tried: Rows = rows[rows["attack"]]
    return tried


def sources(rows: Rows) -> set[str]:
    """Return the addresses that tries come from."""
    return set(texts(rows["hi"], rows["lo"]))


def most_common(values: Rows) -> int:
    """Return how often the most common value comes."""
    return int(np.unique(values, return_counts=True)[1].max())


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_campaign_begins_when_planned_and_ends_with_the_study(world: World, kind: str) -> None:
    """
    A try before the judged part would make the past guilty.
    """
    rows, span = tries(world, kind), world.people.span

    assert len(rows) >= 5
    assert (np.diff(rows["ts"]) >= 0).all() or kind == "spray_slow"
    assert rows["ts"].min() >= span.train
    assert rows["ts"].max() < span.end


def test_a_dictionary_comes_from_one_address(world: World) -> None:
    """
    One machine, few accounts, many passwords.
    """
    rows = tries(world, "dictionary")

    assert len(sources(rows)) == 1
    assert len(np.unique(rows["account"])) < 10
    assert len(np.unique(rows["token"])) > 0.9 * len(rows)


def test_a_spray_tries_few_passwords_on_many_names(world: World) -> None:
    """
    As T1110.003 has it.
    """
    rows = tries(world, "spray_fast")

    assert len(np.unique(rows["token"])) <= 3
    assert len(np.unique(rows["account"])) > 500


def test_wide_stuffing_and_botnets_try_once_or_twice_from_each_of_many_addresses(world: World) -> None:
    """
    No address ever meets a limit.
    """
    wide, botnet = tries(world, "stuffing_wide"), tries(world, "botnet_account")

    assert len(sources(wide)) > 9_000
    assert most_common(wide["lo"]) <= 2
    assert most_common(botnet["lo"]) <= 2
    assert len(np.unique(botnet["account"])) <= 3


def test_slow_attackers_stay_below_every_limit(world: World) -> None:
    """
    A few tries an hour from one address, and a person one to three.
    """
    for kind, most in (("low_slow", 12), ("person", 14)):
        rows = tries(world, kind)
        hour = ((rows["ts"] - rows["ts"][0]) // HOUR).astype(np.int64)
        assert most_common(rows["lo"] ^ (hour.astype(np.uint64) << np.uint64(50))) <= most


def test_rotation_stays_within_one_56(world: World) -> None:
    """
    Every try has an address of its own, and all share a prefix.
    """
    rows = tries(world, "ipv6_rotation")

    assert len(sources(rows)) == len(rows)
    assert len(np.unique(rows["hi"] >> np.uint64(8))) == 1


def test_the_insider_sits_behind_an_office_where_people_work(world: World) -> None:
    """
    Refusing the address would refuse the office.
    """
    rows = tries(world, "nat_insider")
    offices = np.unique(world.people.office[world.people.office >= 0])
    addresses = world.office(offices)

    assert len(sources(rows)) == 1
    assert sources(rows) <= set(texts(addresses.hi, addresses.lo))


def test_enumeration_asks_mostly_for_names_that_are_not_there(world: World) -> None:
    """
    Whoever knows no names has to guess them.
    """
    assert (tries(world, "enumeration")["account"] >= world.people.known).mean() > 0.75


def test_proxies_are_on_lines_of_customers_own_providers(world: World) -> None:
    """
    Neither the country nor the provider is new.
    """
    rows = tries(world, "residential")
    ours = [*world.net.providers("isp"), *world.net.providers("carrier")]

    assert np.isin(rows["provider"], ours).mean() > 0.85


def test_variants_are_two_to_four_for_each_account(world: World) -> None:
    """
    A leaked password, and what people make of it.
    """
    counts = np.unique(tries(world, "variants")["account"], return_counts=True)[1]

    assert set(counts.tolist()) <= {2, 3, 4}


def test_a_phished_password_is_used_once(world: World) -> None:
    """
    Nothing was guessed: there is no failure to notice.
    """
    assert most_common(tries(world, "phished")["account"]) == 1


def test_a_poisoner_signs_in_to_own_accounts_from_the_addresses_that_guess(world: World) -> None:
    """
    Days before the guessing, and with the right passwords.
    """
    rows = campaign(world, Plan(41, "poisoning", world.people.span.at(0.7)), 1.0, as_customers=False)
    calm, loud = rows[~rows["attack"]], rows[rows["attack"]]

    assert sources(calm) <= sources(loud)
    assert np.isin(calm["account"], world.people.own).all()
    assert calm["ts"].min() < loud["ts"].min() - 12 * HOUR
