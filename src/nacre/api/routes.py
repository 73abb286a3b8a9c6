# SPDX-License-Identifier: Apache-2.0
"""
All routes in one table: method, path, role, what goes in, what comes out.

The application is built from it and so is the OpenAPI document.  A route without a role does not exist:
the field has no default.
"""

from __future__ import annotations

from nacre.access.roles import Role
from nacre.api import answers, bodies
from nacre.api.campaign_routes import ROUTES as CAMPAIGNS
from nacre.api.network_routes import ROUTES as NETWORK
from nacre.api.route import PUBLIC, Route
from nacre.attempt import AttemptFields
from nacre.decision import Decision

AUTHENTICATE, VIEWER, HELPDESK, OPERATOR = Role.AUTHENTICATE, Role.VIEWER, Role.HELPDESK, Role.OPERATOR

ROUTES = (
    Route(
        "POST",
        "/api/v1/check",
        AUTHENTICATE,
        None,
        Decision,
        "Ask what to do with an attempt, before its password is tested.",
        body=AttemptFields,
        batch=True,
    ),
    Route(
        "POST",
        "/api/v1/report",
        AUTHENTICATE,
        None,
        bodies.ReceiptBody,
        "Tell what became of an attempt; a second report of one request id changes nothing.",
        body=bodies.ReportBody,
        batch=True,
    ),
    Route(
        "POST",
        "/api/v1/attempt",
        AUTHENTICATE,
        None,
        Decision,
        "Check and report in one; the decision does not know the outcome.",
        body=bodies.AttemptBody,
        batch=True,
    ),
    Route(
        "GET",
        "/api/v1/decisions/{request_id}",
        VIEWER,
        answers.decision,
        bodies.DecisionBody,
        "Ask why a decision was made.",
    ),
    Route(
        "GET",
        "/api/v1/blocks",
        VIEWER,
        answers.list_blocks,
        bodies.BlockList,
        "List or search blocks in force.",
        query=bodies.BlockPage,
    ),
    Route(
        "DELETE",
        "/api/v1/blocks",
        HELPDESK,
        answers.lift_blocks,
        bodies.Lifted,
        "Lift blocks and forget what led to them; whole rules, and `*`, are for operators.",
        query=bodies.BlockChoice,
    ),
    Route(
        "GET",
        "/api/v1/blocked",
        VIEWER,
        answers.blocked,
        bodies.Buckets,
        "Ask which rules block an address.",
        query=bodies.IpQuery,
    ),
    Route(
        "GET",
        "/api/v1/tolerations",
        VIEWER,
        answers.list_tolerations,
        bodies.TolerationList,
        "List tolerations in force.",
    ),
    Route(
        "PUT",
        "/api/v1/tolerations",
        OPERATOR,
        answers.set_tolerations,
        bodies.TolerationList,
        "Set one toleration; a list replaces all that were set at run time.",
        body=bodies.TolerationsBody | list[bodies.TolerationBody],
    ),
    Route(
        "DELETE",
        "/api/v1/tolerations",
        OPERATOR,
        answers.delete_toleration,
        bodies.Deleted,
        "Delete a toleration that was set at run time.",
        query=bodies.TolerationName,
    ),
    Route(
        "GET",
        "/api/v1/tolerations/counters",
        VIEWER,
        answers.counters,
        bodies.Counters,
        "Ask how many logins of an address succeeded and failed.",
        query=bodies.IpQuery,
    ),
    Route(
        "GET",
        "/api/v1/config",
        OPERATOR,
        answers.config,
        bodies.ConfigBody,
        "Read the settings in force, and what they mean.",
    ),
    Route(
        "GET",
        "/api/v1/audit",
        OPERATOR,
        answers.audit,
        bodies.AuditList,
        "Read who changed what.",
        query=bodies.AuditQuery,
    ),
    Route(
        "POST",
        "/api/v1/tokens/revoke",
        Role.ADMIN,
        answers.revoke,
        bodies.Revoked,
        "Let a token hold no more, everywhere.",
        body=bodies.RevokeBody,
    ),
    *NETWORK,
    *CAMPAIGNS,
    Route("GET", "/livez", PUBLIC, answers.live, bodies.Health, "Whether the process answers."),
    Route("GET", "/readyz", PUBLIC, answers.ready, bodies.Health, "Whether the store can be reached."),
    Route(
        "GET",
        "/metrics",
        Role.SECURITY,
        answers.metrics,
        str,
        "All metrics, in the text format of Prometheus.",
        media="text/plain; version=0.0.4",
    ),
)
