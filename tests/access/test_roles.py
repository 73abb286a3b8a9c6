# SPDX-License-Identifier: Apache-2.0
"""Roles and what they include."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nacre.access.roles import Role, allows, known_roles

MAY = {
    "authenticate": "authenticate",
    "viewer": "viewer",
    "helpdesk": "viewer helpdesk",
    "operator": "viewer helpdesk operator authenticate",
    "admin": "authenticate viewer helpdesk operator admin security",
    "security": "security",
}
REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "access.md"


@pytest.mark.parametrize(("held", "needed"), list(product(Role, Role)))
def test_each_role_allows_what_the_table_says_and_nothing_else(held: Role, needed: Role) -> None:
    """
    The table stands here a second time, because a slip in the first would open a door.
    """
    assert allows({held}, needed) == (needed in MAY[held].split())


@given(held=st.sets(st.sampled_from(Role)), needed=st.sampled_from(Role))
def test_several_roles_allow_what_one_of_them_allows(held: set[Role], needed: Role) -> None:
    """
    Roles add up; none takes away what another gives.
    """
    assert allows(held, needed) == any(allows({role}, needed) for role in held)


def test_the_reference_has_a_row_for_each_role_with_what_it_includes() -> None:
    """
    Operators give roles by what they read there.
    """
    rows = [line.split("|")[1:-1] for line in REFERENCE.read_text().splitlines() if line.startswith("| `")]
    table = {row[0].strip(" `"): row[2] for row in rows if row[0].strip(" `") in MAY}

    assert set(table) == set(Role)
    for role, includes in table.items():
        assert {name for name in Role if f"`{name}`" in includes} == set(MAY[role].split()) - {role}


def test_roles_of_other_applications_are_left_out() -> None:
    """
    An issuer serves many applications and lists the roles of all of them.
    """
    assert known_roles(["viewer", "Viewer", "uma_authorization", None, ["admin"], 1]) == {Role.VIEWER}
