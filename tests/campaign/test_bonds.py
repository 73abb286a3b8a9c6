# SPDX-License-Identifier: Apache-2.0
"""All bonds together, bounded."""

from __future__ import annotations

import msgspec
import pytest
from campaign.sightings import AT_HOME, HOME, START, botnet, of_user, slow_spray

from nacre.campaign.bond import ACCOUNT, ASN, CLIENT, SORTS, TOKEN, Key
from nacre.campaign.bonds import SIZES, Bonds, Kept, bound_by
from nacre.campaign.scene import lines_of
from nacre.campaign.sighting import Sighting
from nacre.campaign.trial import Trial, number_of, origin_of, subnet_of
from nacre.config.campaigns import Campaigns


def trial(sighting: Sighting) -> Trial:
    """Return an attempt as a suspicious one."""
    address = sighting.address
    return Trial(sighting, origin_of(address), subnet_of(address), number_of(address))


def tied(*sightings: Sighting) -> Bonds:
    """Return the bonds of some suspicious attempts."""
    bonds = Bonds(lines_of(Campaigns()))
    for sighting in sightings:
        bonds.tie(trial(sighting))
    return bonds


def test_eight_addresses_make_an_account_hot() -> None:
    """
    One less does not.
    """
    rows = list(botnet(1, addresses=8))

    assert Key(ACCOUNT, "user1") not in tied(*rows[:7]).crossed
    assert list(tied(*rows).crossed) == [Key(ACCOUNT, "user1")]


def test_an_account_under_attack_tells_its_numbers() -> None:
    """
    The original's: origins, failures, their ratio, and how many of the origins are new.
    """
    bonds = tied(*botnet(1, addresses=20, each=2))
    bonds.at_home(of_user(START + 900, 1, int(AT_HOME)), "home")
    bonds.at_home(of_user(START + 900, 1, int(HOME)), "home")

    found = bonds.attacked("user1", START + 1000)

    assert found is not None
    assert (found.score, found.failures, found.since) == (20, 41, START)
    assert found.ratio == pytest.approx(20 / 41, abs=1e-4)
    assert found.new_share == pytest.approx(20 / 21, abs=1e-4)
    assert len(found.origins) == 10
    assert bonds.attacked("user1", START + 30 * 86_400) is None
    assert bonds.attacked("user2", START) is None


def test_a_password_on_eight_accounts_is_hot() -> None:
    """
    A spray: the accounts differ, the addresses may.
    """
    bonds = tied(*slow_spray(1, rounds=1, accounts=8, reused=False, addresses=8))

    assert list(bonds.crossed) == [Key(TOKEN, "77")]


def test_an_explained_attempt_is_taken_out_of_every_bond() -> None:
    """
    A cohort that mistypes its first password alike is no spray.
    """
    rows = list(slow_spray(1, rounds=1, accounts=7))
    bonds = tied(*rows)

    for row in rows:
        bonds.untie(trial(row))
    again = rows[0]
    bonds.tie(trial(again))

    assert not bonds.crossed
    bond = bonds.tables[TOKEN].kept["77"]
    assert list(bond.items) == [again.account]


@pytest.mark.parametrize(("goods", "hot"), [(0, False), (60, True)])
def test_a_rare_client_is_told_where_there_are_good_logins(goods: int, hot: bool) -> None:  # noqa: FBT001
    """
    Where nobody signed in yet every client is rare.
    """
    bonds = Bonds(lines_of(Campaigns()))
    for number in range(goods):
        bonds.praise(of_user(START, number, int(AT_HOME)), "net")
    for number, row in enumerate(botnet(3, addresses=12)):
        odd = msgspec.structs.replace(row, client="python-requests 2", account=f"user{number}")
        bonds.tie(trial(odd))

    assert (Key(CLIENT, "python-requests 2") in bonds.crossed) is hot


def test_a_common_client_is_never_hot() -> None:
    """
    Attackers send the strings of customers.
    """
    bonds = Bonds(lines_of(Campaigns()))
    for number in range(300):
        bonds.praise(of_user(START, number, int(AT_HOME)), "net")
    for number, row in enumerate(botnet(3, addresses=64)):
        bonds.tie(trial(msgspec.structs.replace(row, client="firefox 128", asn=64_500, account=f"user{number}")))

    assert not {Key(CLIENT, "firefox 128"), Key(ASN, "64500")} & set(bonds.crossed)


def test_invented_names_push_no_account_out() -> None:
    """
    Each comes once or twice; an account under attack is remembered.
    """
    bonds = tied(*botnet(1, addresses=7, gap=1.0))
    row = next(iter(botnet(2)))
    for number in range(3 * SIZES[ACCOUNT]):
        invented = msgspec.structs.replace(row, account=f"name{number // 2}", token=0, client="", asn=0)
        bonds.tie(trial(invented))

    bonds.tie(trial(list(botnet(1, addresses=8, gap=1.0))[7]))

    assert Key(ACCOUNT, "user1") in bonds.crossed
    assert all(len(bonds.tables[sort].kept) <= SIZES[sort] for sort in SORTS)


def test_a_forgotten_account_is_in_no_bond() -> None:
    """
    Erasing a person reaches every corner.
    """
    bonds = tied(*slow_spray(1, rounds=2, accounts=9))

    assert bonds.forget("user3")
    assert not bonds.forget("user3")
    assert "user3" not in bonds.tables[TOKEN].kept["77"].items


def test_bonds_survive_as_bytes() -> None:
    """
    What binds more than one attempt, and what was about to be looked at.
    """
    bonds = tied(*botnet(1, addresses=8))

    data = msgspec.msgpack.encode(bonds.keep(100))
    again = Bonds(lines_of(Campaigns()))
    again.restore(msgspec.msgpack.decode(data, type=Kept))

    assert again.attacked("user1", START + 200) == bonds.attacked("user1", START + 200)
    assert list(again.crossed) == [Key(ACCOUNT, "user1")]


@pytest.mark.parametrize("sort", SORTS)
def test_a_key_knows_what_it_binds(sort: str) -> None:
    """
    What came before a bond was hot is found again by it.
    """
    one, other = (trial(row) for row in list(botnet(1, addresses=2)))
    other = trial(msgspec.structs.replace(other.sighting, account="user2", client="curl 8", asn=1, token=1))
    names = dict(zip(SORTS, tied().keys(one.sighting, one.subnet), strict=True))

    bound = bound_by(Key(sort, names[sort]))

    assert bound(one)
    assert not bound(other)
