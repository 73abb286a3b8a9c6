# SPDX-License-Identifier: Apache-2.0
"""The table of the routes of the network."""

from __future__ import annotations

from nacre.access.roles import Role
from nacre.api.network_routes import ROUTES


def test_whoever_looks_on_sees_everything_and_changes_nothing() -> None:
    """
    Reading is for viewers; nothing that changes something is.
    """
    for route in ROUTES:
        assert (route.role is Role.VIEWER) == (route.method == "GET"), route.path


def test_what_teaches_the_network_and_what_stops_it_is_for_different_people() -> None:
    """
    Helpdesk knows who was locked out; an operator can take the network back at night.

    What becomes of the model otherwise is decided by admins.
    """
    by_role: dict[Role | None, set[str]] = {}
    for route in ROUTES:
        by_role.setdefault(route.role, set()).add(f"{route.method} {route.path.removeprefix('/api/v1')}")

    assert by_role[Role.HELPDESK] == {"POST /feedback"}
    assert by_role[Role.OPERATOR] == {
        "PUT /learning-mode",
        "POST /models/rollback",
        "POST /models/{version}/rollback",
    }
    assert by_role[Role.ADMIN] == {
        "POST /network/reset",
        "POST /train",
        "DELETE /jobs/{job_id}",
        "POST /models/{version}/publish",
        "DELETE /features",
        "DELETE /accounts",
    }


def test_every_route_that_a_switched_off_network_refuses_says_so() -> None:
    """
    Status and learning mode are told even then, and a person can be forgotten.
    """
    answered = {"GET /api/v1/network", "GET /api/v1/learning-mode", "DELETE /api/v1/accounts"}

    for route in ROUTES:
        assert ("409" in route.statuses) != (f"{route.method} {route.path}" in answered), route.path
