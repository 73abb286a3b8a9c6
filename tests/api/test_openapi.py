# SPDX-License-Identifier: Apache-2.0
"""The OpenAPI document: complete, valid, and true of the running service."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import httpx
import hypothesis
import schemathesis
from daemons import Service
from schemathesis.checks import CHECKS

from nacre.access.roles import Role
from nacre.api.openapi import document
from nacre.api.routes import ROUTES

_DOCUMENT = document(ROUTES)
# Batches are any text, with a problem in the line that deserves it; test_hot.py sends them.
_schema = schemathesis.openapi.from_dict(document([route._replace(batch=False) for route in ROUTES]))
_UNTRUE_HERE = CHECKS.get_by_names(
    [
        "positive_data_acceptance",  # an address is a string, but not every string is an address
        "ignored_auth",  # it takes away the token that it made up, not the one that holds; test_app.py asks all roles
    ]
)


@_schema.parametrize()
@hypothesis.settings(max_examples=10, suppress_health_check=list(hypothesis.HealthCheck))
def test_the_service_answers_as_the_document_says(case: schemathesis.Case[Any], fuzzed: Service) -> None:
    """
    Clients are generated from the document: statuses, media types and shapes have to be what it promises.
    """
    token = fuzzed.token(Role.ADMIN)

    case.call_and_validate(
        base_url=fuzzed.url,
        headers={"authorization": f"Bearer {token}"},
        timeout=200,
        excluded_checks=_UNTRUE_HERE,  # type: ignore[arg-type]  # what its own register returns
    )


def test_the_document_is_valid() -> None:
    """
    A tool that reads OpenAPI 3.1 can read ours.
    """
    schemathesis.openapi.from_dict(_DOCUMENT).validate()

    assert _DOCUMENT["openapi"].startswith("3.1.")


def test_every_route_is_documented_with_its_role() -> None:
    """
    The document is made from the table of routes; what it says of each is checked once more.
    """
    for route in ROUTES:
        operation = _DOCUMENT["paths"][route.path][route.method.lower()]

        assert operation["summary"].endswith(".")
        assert ("security" in operation) == (route.role is not None)
        assert route.role is None or f"`{route.role}`" in operation["description"]
        assert ("requestBody" in operation) == (route.body is not None)
        assert {"200", "400", "500"} <= set(operation["responses"])


def test_operations_have_names_of_their_own() -> None:
    """
    Generators make them the names of functions.
    """
    names = [operation["operationId"] for path in _DOCUMENT["paths"].values() for operation in path.values()]

    assert len(set(names)) == len(names) == len(ROUTES)


def test_every_field_of_an_attempt_is_bounded() -> None:
    """
    A field without an end is a place to put a flood; the document shows each bound to whoever writes a client.
    """
    for name, field in _DOCUMENT["components"]["schemas"]["AttemptFields"]["properties"].items():
        kinds = field.get("anyOf", [field])
        for kind in kinds:
            if kind.get("type") == "string":
                assert "maxLength" in kind, name
            if kind.get("type") == "object":
                assert "maxProperties" in kind, name


async def test_the_document_is_served_to_everybody(stranger: httpx.AsyncClient) -> None:
    """
    It tells nothing that the source does not, and tools fetch it without a token.
    """
    answer = await stranger.get("/openapi.json")

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/vnd.oai.openapi+json")
    assert answer.json() == json.loads(json.dumps(_DOCUMENT))


def test_the_document_is_the_same_whoever_makes_it() -> None:
    """
    Two workers, or two builds, must not answer with their lists in different orders.
    """
    code = "import msgspec; from nacre.api.openapi import document; from nacre.api.routes import ROUTES; "
    code += "print(msgspec.json.encode(document(ROUTES)).decode())"
    made = [
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    ]

    assert made[0] == made[1]
