# SPDX-License-Identifier: Apache-2.0
"""The OpenAPI document: complete, valid, and true of the running service."""

from __future__ import annotations

import hypothesis
import schemathesis
from daemons import Service
from schemathesis.checks import CHECKS

from nacre.access.roles import Role
from nacre.api.openapi import document
from nacre.api.routes import ROUTES

_schema = schemathesis.openapi.from_dict(document(ROUTES))

_UNTRUE_HERE = CHECKS.get_by_names(["positive_data_acceptance", "ignored_auth"])

@_schema.parametrize()
@hypothesis.settings(max_examples=12, deadline=None, suppress_health_check=list(hypothesis.HealthCheck))
def test_the_service_answers_as_the_document_says(case: schemathesis.Case, service: Service) -> None:
    """
    Clients are generated from the document: statuses, media types and shapes have to be what it promises.
    """
    case.call_and_validate(
        base_url=service.url,
        headers={"authorization": f"Bearer {service.token(Role.ADMIN)}"},
        excluded_checks=_UNTRUE_HERE,
    )
