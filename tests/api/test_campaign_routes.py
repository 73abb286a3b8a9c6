# SPDX-License-Identifier: Apache-2.0
"""The routes of distributed attacks as a table; what they answer is tested in test_campaigns.py."""

from __future__ import annotations

from nacre.access.roles import Role
from nacre.api.campaign_routes import ROUTES


def test_who_only_looks_changes_nothing() -> None:
    """
    A viewer's routes are read-only; an estimate begins nothing.
    """
    changing = {route.path for route in ROUTES if route.role is Role.VIEWER and route.method != "GET"}

    assert changing == {"/api/v1/measures/estimate"}


def test_every_route_says_what_it_answers_without_campaigns() -> None:
    """
    They can be switched off.
    """
    assert all("campaigns" in route.statuses["409"] for route in ROUTES)
