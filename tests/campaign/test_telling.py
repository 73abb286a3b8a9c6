# SPDX-License-Identifier: Apache-2.0
"""Hot bonds in words."""

from __future__ import annotations

import pytest

from nacre.campaign.bond import ASN, CLIENT, MOST, SORTS, SUBNET, Bond, Key
from nacre.campaign.telling import named, origin_text, subnet_text
from nacre.campaign.trial import origin_of, subnet_of


@pytest.mark.parametrize("sort", SORTS)
def test_every_sort_of_bond_has_a_sentence_of_its_own(sort: str) -> None:
    """
    Operators read what the sources have in common.
    """
    subnet = bytes((192, 0, 2)).decode("latin-1")
    many = Bond(0.0, 0.0, {str(number): 0.0 for number in range(MOST)})

    told = {each: named(Key(each, subnet if each == SUBNET else "17"), many) for each in SORTS}

    assert f"{MOST} or more" in told[sort]
    assert [told[sort] == other for other in told.values()].count(True) == 1
    assert ("good logins hardly" in told[sort]) is (sort in {CLIENT, ASN})


def test_keys_of_addresses_become_text_again() -> None:
    """
    What an operator can look up and block.
    """
    six = bytes.fromhex("20010db8000100020003000400050006")

    assert (origin_text(origin_of(six)), subnet_text(subnet_of(six))) == ("2001:db8:1:2::", "2001:db8:1::/48")
    assert origin_text("") == ""
