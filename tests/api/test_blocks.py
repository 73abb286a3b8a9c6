# SPDX-License-Identifier: Apache-2.0
"""Blocks over HTTP whose subject is a pair or a device."""

from __future__ import annotations

import httpx
import pytest
from builders import rule
from inside import MakeInside

from nacre.access.roles import Role
from nacre.api.openapi import document
from nacre.api.routes import ROUTES

BLOCKS = "/api/v1/blocks"
RULES = (
    rule("pair", limit=2, subject="account+subnet", cidr=24),
    rule("net", limit=2, cidr=24),
    rule("device", limit=2, subject="client"),
)

CHOICES: list[tuple[dict[str, str], set[str]]] = [
    ({"ip": "192.0.2.200"}, {"pair", "net"}),
    ({"ip": "192.0.3.1"}, set()),
    ({"subnet": "192.0.2.0/24"}, {"pair", "net"}),
    ({"subnet": "192.0.2.0/24", "rule": "net"}, {"net"}),
    ({"subnet": "192.0.2.0/24", "account": "ERIKA"}, {"pair"}),
    ({"ip": "192.0.2.1", "account": "erika", "rule": "pair"}, {"pair"}),
    ({"subnet": "192.0.2.0/24", "account": "kim"}, set()),
    ({"account": " "}, set()),
    ({"client": "phone"}, {"device"}),
    ({"client": "phone", "rule": "*"}, {"device"}),
    ({"client": "phone", "account": "erika"}, set()),
    ({"client": "PHONE"}, set()),
]


async def _guess(client: httpx.AsyncClient) -> None:
    """Trip all three rules at once."""
    for number in (1, 2):
        fields = {"client_ip": f"192.0.2.{number}", "username": "erika", "client_id": "phone"}
        await client.post("/api/v1/attempt", json={**fields, "password": f"guess-{number}", "success": False})


async def _listed(asking: httpx.AsyncClient, choice: dict[str, str] | None = None) -> set[str]:
    return {block["rule"] for block in (await asking.get(BLOCKS, params=choice)).json()["blocks"]}


@pytest.mark.parametrize(("choice", "expected"), CHOICES)
async def test_the_help_desk_lifts_what_the_same_words_list(
    make_inside: MakeInside, choice: dict[str, str], expected: set[str]
) -> None:
    """
    Subnets, pairs and devices alike, and nothing beside them; all that is said together narrows.
    """
    inside = await make_inside(*RULES)
    async with inside.client(Role.ADMIN) as admin, inside.client(Role.HELPDESK) as helpdesk:
        await _guess(admin)
        assert await _listed(admin) == {"pair", "net", "device"}

        listed = await _listed(helpdesk, choice)
        lifted = (await helpdesk.request("DELETE", BLOCKS, params=choice)).json()

        assert listed == {block["rule"] for block in lifted["blocks"]} == expected
        assert await _listed(admin) == {"pair", "net", "device"} - expected
        (entry,) = (await admin.get("/api/v1/audit", params={"count": 1})).json()["entries"]
        assert entry["what"].startswith(f"{len(expected)} blocks")
        assert all(value in entry["what"] for value in choice.values())


async def test_an_empty_device_names_no_subject(make_inside: MakeInside) -> None:
    """
    A variable that is not set must not let the help desk lift whole rules.
    """
    inside = await make_inside(*RULES)
    async with inside.client(Role.ADMIN) as admin, inside.client(Role.HELPDESK) as helpdesk:
        await _guess(admin)

        for choice in ({"client": ""}, {"client": "", "rule": "device"}, {"client": "", "all": "true"}):
            assert (await helpdesk.request("DELETE", BLOCKS, params=choice)).status_code == 403

        assert await _listed(admin) == {"pair", "net", "device"}


def test_the_openapi_document_shows_how_devices_are_named() -> None:
    """
    On both routes, as clients are generated from it.
    """
    described = document(ROUTES)["paths"][BLOCKS]

    for method in ("get", "delete"):
        assert "client" in {parameter["name"] for parameter in described[method]["parameters"]}
