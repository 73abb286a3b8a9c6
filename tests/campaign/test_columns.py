# SPDX-License-Identifier: Apache-2.0
"""Many attempts by columns."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nacre.campaign.columns import Columns
from nacre.campaign.measure import Scope
from nacre.campaign.reach import OWN, Reach
from nacre.campaign.sighting import Mark, Sighting

ACCOUNTS, ASNS, COUNTRIES = ("erika", "max"), (0, 64_500, 64_501), ("", "DE", "FR")
CLIENTS, PROTOCOLS, SUBNETS = ("", "curl", "firefox"), ("imap", "http"), ("192.0.2.0/24", "2001:db8::/32")
ADDRESSES = (b"", bytes([192, 0, 2, 7]), bytes([198, 51, 100, 7]), bytes.fromhex("20010db8") + bytes(12))


def some(values: tuple[object, ...]) -> st.SearchStrategy[tuple[object, ...]]:
    """None of these values, or a few."""
    return st.lists(st.sampled_from(values), max_size=2, unique=True).map(tuple)


SIGHTINGS = st.builds(
    Sighting,
    time=st.just(0.0),
    address=st.sampled_from(ADDRESSES),
    account=st.sampled_from(ACCOUNTS),
    asn=st.sampled_from(ASNS),
    country=st.sampled_from(COUNTRIES),
    client=st.sampled_from(CLIENTS),
    protocol=st.sampled_from(PROTOCOLS),
    marks=st.integers(0, 2 * Mark.HISTORY - 1),
    score=st.floats(0, 1),
)
SCOPES = st.builds(
    Scope,
    accounts=some(ACCOUNTS),
    subnets=some(SUBNETS),
    asns=some(ASNS),
    countries=some(COUNTRIES),
    clients=some(CLIENTS),
    protocols=some(PROTOCOLS),
    except_subnets=some(SUBNETS),
    except_asns=some(ASNS),
    except_countries=some(COUNTRIES),
    except_own=some((*OWN, "password+client", "client+country")),
    unknown_origins=st.booleans(),
    new_sources=st.booleans(),
    least_score=st.just(0.0) | st.floats(0, 1),
)


@given(st.lists(SIGHTINGS, max_size=20), SCOPES)
def test_columns_say_what_a_scope_says_of_each(seen: list[Sighting], scope: Scope) -> None:
    """
    A measure is chosen by columns and enforced one attempt at a time: both have to mean the same.
    """
    reach = Reach(scope)

    assert Columns(seen).met(scope).tolist() == [reach.meets(each) for each in seen]
