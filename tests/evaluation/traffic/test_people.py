# SPDX-License-Identifier: Apache-2.0
"""People, their passwords, and where they come from."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.traffic.calendar import DAY, HOUR, Span, hours
from evaluation.traffic.internet import Internet, texts
from evaluation.traffic.people import People, invent
from evaluation.traffic.places import HOME, MOBILE, OFFICE, World


@pytest.fixture(scope="module")
def people() -> People:
    """Return two thousand people and two weeks."""
    return People(Internet(7), Span.draw(np.random.default_rng(7), 14), 2_000, 7)


def test_a_change_of_the_password_ends_the_right_one_before(people: People) -> None:
    """
    Yesterday's password is wrong today, and was right yesterday.
    """
    who = np.flatnonzero(np.isfinite(people.change[:, 0]))
    before, after = people.change[who, 0] - 1, people.change[who, 0]

    assert len(who) > 50
    assert (people.right(who, before) != people.right(who, after)).all()
    assert (people.password(who, people.version(who, after) - 1) == people.right(who, before)).all()


def test_a_cohort_starts_with_one_password_and_soon_each_has_another(people: People) -> None:
    """
    The hard case is one password that is right for many at first.
    """
    members = np.flatnonzero(people.cohort == 0)
    first = people.right(members, people.joined[members])
    later = people.right(members, np.full(len(members), people.span.end))

    assert len(members) > 5
    assert len(set(first.tolist())) == 1
    assert len(set(later.tolist())) > 0.9 * len(members)
    assert len(set(people.office[members].tolist())) == 1


def test_an_office_has_one_address_for_all_its_people_and_one_of_them_is_large(people: People) -> None:
    """
    Hundreds behind one address must not be taken for a spray.
    """
    world = World(people)
    sizes = np.bincount(people.office[people.office >= 0])
    staff = np.flatnonzero(people.office == sizes.argmax())
    rows = world.enter(staff, np.full(len(staff), people.span.start), np.full(len(staff), OFFICE))

    assert len(staff) > 150
    assert len(set(texts(rows["hi"], rows["lo"]))) == 1


def test_a_carrier_lets_many_share_one_address(people: People) -> None:
    """
    Phones without IPv6 come from a handful of addresses.
    """
    world, who = World(people), np.arange(people.size)
    rows = world.enter(who, np.full(people.size, people.span.start), np.full(people.size, MOBILE))
    _, counts = np.unique(rows["lo"][rows["hi"] == 0], return_counts=True)

    assert counts.max() > 50


def test_a_home_keeps_its_address_for_the_lease_and_its_network_mostly(people: People) -> None:
    """
    The same person comes from the same place again: that is what novelty is measured against.
    """
    world, who = World(people), np.flatnonzero((people.lease > 100) & ~people.six)
    first = world.enter(who, np.full(len(who), people.span.start + HOUR), np.full(len(who), HOME))
    later = world.enter(who, np.full(len(who), people.span.start + 9 * DAY), np.full(len(who), HOME))

    assert (first["lo"] == later["lo"]).mean() > 0.9


def test_invented_names_are_nobodys(people: People) -> None:
    """
    A list made elsewhere holds names without an account here.
    """
    made = invent(np.random.default_rng(1), people, 500)

    assert not {people.names[place] for place in made.tolist()} & set(people.names[: people.known])


def test_either_part_of_two_weeks_has_its_monday() -> None:
    """
    The crowd of the judged part is another than that of training.
    """
    for seed in range(30):
        span = Span.draw(np.random.default_rng(seed), 14)
        crowds = [span.mornings(since=span.start, until=span.train), span.mornings(since=span.train, until=span.end)]
        assert [span.weekdays()[days].tolist() for days in crowds] == [[0], [0]]


def test_work_happens_by_day() -> None:
    """
    Rhythms are what they are called.
    """
    drawn = hours(np.random.default_rng(1), "work", 5_000)

    assert ((drawn >= 0) & (drawn < 24)).all()
    assert ((drawn > 7) & (drawn < 19)).mean() > 0.85


def test_an_address_stays_with_its_provider() -> None:
    """
    Two providers never share a /16 or a /32: an address has one ASN.
    """
    net = Internet(3)

    assert len(np.unique(net.blocks)) == net.blocks.size
    assert len(np.unique(net.v6)) == len(net.v6)
    drawn = net.draw(np.random.default_rng(1), "isp", 500, six=0.5)
    four = drawn.hi == 0
    assert (net.blocks[drawn.provider[four]] == (drawn.lo[four] >> np.uint64(16))[:, None]).any(axis=1).all()
    assert (net.v6[drawn.provider[~four]] == drawn.hi[~four] >> np.uint64(32)).all()
