# SPDX-License-Identifier: Apache-2.0
"""User names made canonical."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nacre.account import AccountNames

CHAINS = [
    AccountNames(),
    AccountNames(fold_case=False),
    AccountNames(default_domain="example.org"),
    AccountNames(strip_tag=True),
    AccountNames(default_domain="example.org", domain_aliases={"example.com": "example.org"}, strip_tag=True),
]

typed = st.one_of(
    st.text(max_size=20),
    st.text("abAB+@. \t", max_size=12),
    # What normalising and folding change: ligatures, accents in one piece and in two, full width, final sigma.
    st.text("ﬃǰΐΪς\u0301\u0308\u0345\uff21ßẞİK¼", max_size=6),
)


@given(name=typed, chain=st.sampled_from(CHAINS))
@example(name="erika@", chain=CHAINS[2])
@example(name="\u0390", chain=CHAINS[0])
def test_a_canonical_name_is_its_own_canonical_name(name: str, chain: AccountNames) -> None:
    """
    Otherwise an account would have two budgets: one as typed, one as it is looked up by an operator.
    """
    once = chain.canonical(name)

    assert chain.canonical(once) == once


@given(name=typed, space=st.text(" \t\n\u00a0\u3000", max_size=3))
def test_white_space_around_a_name_makes_no_other_account(name: str, space: str) -> None:
    """
    Backends strip it; an attacker may add it.
    """
    names = AccountNames()

    assert names.canonical(space + name + space) == names.canonical(name)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Erika", "erika"),
        ("\uff25\uff32\uff29\uff2b\uff21", "erika"),  # full width
        ("ﬁnn", "finn"),  # ligature
        ("STRASSE", "straße"),
        ("Müller", "Mu\u0308ller"),  # u and its dots apart
        ("\u0390", "\u03aa\u0301"),  # capital iota with its dots, and an accent behind
    ],
)
def test_two_spellings_are_one_account(one: str, other: str) -> None:
    """
    Directories compare names like this; what they hold for one account is one account here.
    """
    names = AccountNames()

    assert names.canonical(one) == names.canonical(other)


def test_case_may_matter() -> None:
    """
    Unix accounts differ by case.
    """
    names = AccountNames(fold_case=False)

    assert names.canonical("Erika") != names.canonical("erika")


@pytest.mark.parametrize(
    ("name", "account"),
    [
        ("Erika", "erika@example.org"),
        ("erika@", "erika@example.org"),
        ("erika@example.com", "erika@example.org"),
        ("erika@EXAMPLE.COM", "erika@example.org"),
        ("erika+shop@example.org", "erika@example.org"),
        ("erika+shop", "erika@example.org"),
        ("erika@elsewhere.test", "erika@elsewhere.test"),
        ("+shop@example.org", "+shop@example.org"),  # a tag without a name is a name
        ("a@b@example.com", "a@b@example.org"),  # the last sign counts
        ("  ", ""),
    ],
)
def test_the_chain_in_full(name: str, account: str) -> None:
    """
    Each step where it applies, and only there.
    """
    names = AccountNames(default_domain="Example.ORG", domain_aliases={"Example.com": "Example.org"}, strip_tag=True)

    assert names.canonical(name) == account
