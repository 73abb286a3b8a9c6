# SPDX-License-Identifier: Apache-2.0
"""What the routes of management answer."""

from __future__ import annotations

import httpx
import pytest

ONE = {"ip_address": "198.51.100.0/24", "tolerate_percent": 30, "tolerate_ttl": "1h"}
OTHER = {"ip_address": "2001:db8::1", "tolerate_percent": 10, "tolerate_ttl": "15m"}


def _addresses(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [entry["ip_address"] for entry in answer.json()["tolerations"]]


async def test_one_toleration_is_set_beside_the_others(admin: httpx.AsyncClient) -> None:
    """
    The original dropped a new address on a list that was not empty.
    """
    await admin.put("/api/v1/tolerations", json=[])

    await admin.put("/api/v1/tolerations", json=ONE)
    both = _addresses(await admin.put("/api/v1/tolerations", json=OTHER))

    assert both == ["198.51.100.0/24", "2001:db8::1"]


@pytest.mark.parametrize("body", [[OTHER], {"tolerations": [OTHER]}])
async def test_a_list_replaces_all(admin: httpx.AsyncClient, body: object) -> None:
    """
    As a bare list, or in the form in which it is read.
    """
    await admin.put("/api/v1/tolerations", json=ONE)

    assert _addresses(await admin.put("/api/v1/tolerations", json=body)) == ["2001:db8::1"]


@pytest.mark.parametrize("name", ["ip_address", "ip"])
async def test_a_toleration_is_deleted_by_the_name_it_was_set_under(admin: httpx.AsyncClient, name: str) -> None:
    """
    Deleting twice says that there was nothing left.
    """
    await admin.put("/api/v1/tolerations", json=ONE)

    first = await admin.delete("/api/v1/tolerations", params={name: "198.51.100.0/24"})
    second = await admin.delete("/api/v1/tolerations", params={name: "198.51.100.0/24"})

    assert first.json() == {"deleted": True}
    assert second.json() == {"deleted": False}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({**ONE, "tolerate_percent": 101}, "tolerate_percent"),
        ({**ONE, "tolerate_ttl": "soon"}, "tolerate_ttl"),
        ({**ONE, "ip_address": "everywhere"}, "ip_address"),
        ({"ip_address": "192.0.2.1", "tolerate_ttl": "1h"}, "tolerate_percent"),
    ],
)
async def test_a_toleration_that_cannot_be_used_names_its_field(
    admin: httpx.AsyncClient, body: dict[str, object], field: str
) -> None:
    """
    In the original, 300 percent became 44.
    """
    answer = await admin.put("/api/v1/tolerations", json=body)

    assert answer.status_code == 422
    assert answer.json()["field"] == field


async def test_the_settings_are_shown_without_what_identifies_keys(admin: httpx.AsyncClient) -> None:
    """
    Whoever may read the settings may not take away the digests of API keys.
    """
    answer = (await admin.get("/api/v1/config")).json()

    assert answer["settings"]["brute_force"]["buckets"][0]["name"] == "address"
    assert any("10m" in sentence for sentence in answer["explained"])
    assert "sha256" not in str(answer["settings"])
