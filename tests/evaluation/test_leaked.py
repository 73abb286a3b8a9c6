# SPDX-License-Identifier: Apache-2.0
"""What comes to a site whose people sign in while a list is tried."""

from __future__ import annotations

from collections import Counter, defaultdict

from evaluation.leaked import START, Site, tries

SMALL = Site(people=50, rate=0.5, pairs=300, travel=0.1)


def test_each_pair_comes_once_from_an_address_of_its_own() -> None:
    """
    Nothing but time is shared, so that no rule sees it.
    """
    attack = [each for each in tries(SMALL) if each.attack]

    assert len(attack) == len({each.address for each in attack}) == len({each.account for each in attack}) == 300
    assert min(each.time for each in attack) >= START


def test_a_list_of_our_own_people_has_their_right_passwords_now_and_then() -> None:
    """
    Who has the right one is told from its owner by nothing else.
    """
    site = SMALL._replace(ours=1.0, real=1.0, pairs=3000)
    known = {each.account: each.token for each in tries(site) if each.right and not each.attack}

    hits = [each for each in tries(site) if each.attack and each.right]

    assert 1 <= len(hits) <= 20
    assert all(each.token == known.get(each.account, each.token) for each in hits)


def test_people_travel_and_mistype_as_the_site_says() -> None:
    """
    Good logins from new places are what measures have to spare.
    """
    logins = [each for each in tries(SMALL._replace(days=20)) if not each.attack]
    places: defaultdict[str, Counter[bytes]] = defaultdict(Counter)
    for each in logins:
        places[each.account][each.address] += 1

    away = sum(each.address != places[each.account].most_common(1)[0][0] for each in logins) / len(logins)
    wrong = sum(not each.right for each in logins) / len(logins)

    assert 0.07 < away < 0.13
    assert 0.02 < wrong < 0.06
