# SPDX-License-Identifier: Apache-2.0
"""The routes of distributed attacks."""

from __future__ import annotations

from nacre.access.roles import Role
from nacre.api import campaign_bodies as bodies
from nacre.api import campaigns
from nacre.api.route import Route
from nacre.campaign_desk import Rehearsal, Wish

_VIEWER, _HELPDESK, _OPERATOR = Role.VIEWER, Role.HELPDESK, Role.OPERATOR

_OFF = {"409": "The settings do without campaigns."}
_BUDGET = {"409": "It would meet more good logins than the budget allows, there are too many, or campaigns are off."}
_OVER = {"409": "It is over already, it is not a proposed one, or campaigns are off."}

ROUTES = (
    Route(
        "GET",
        "/api/v1/threat",
        _VIEWER,
        campaigns.threat,
        bodies.ThreatBody,
        "Ask how grave the attacks on the whole installation are.",
        statuses=_OFF,
    ),
    Route(
        "GET",
        "/api/v1/campaigns",
        _VIEWER,
        campaigns.list_campaigns,
        bodies.CampaignList,
        "List campaigns that run, or ended within a day.",
        statuses=_OFF,
    ),
    Route(
        "GET",
        "/api/v1/campaigns/{campaign_id}",
        _VIEWER,
        campaigns.campaign,
        bodies.CampaignBody,
        "Ask for one campaign.",
        statuses=_OFF,
    ),
    Route(
        "POST",
        "/api/v1/threat/reset",
        _OPERATOR,
        campaigns.reset,
        bodies.MeasuresEnded,
        "End all measures and forget all campaigns, everywhere.",
        statuses=_OFF,
    ),
    Route(
        "DELETE",
        "/api/v1/threat/accounts",
        _HELPDESK,
        campaigns.reset_account,
        bodies.AccountReset,
        "Forget what is known against an account, and end its measures.",
        query=bodies.TargetQuery,
        statuses=_OFF,
    ),
    Route(
        "POST",
        "/api/v1/threat/simulate",
        _OPERATOR,
        campaigns.simulate,
        Rehearsal,
        "Attack an account in a namespace of its own, and see what becomes of it; nothing that is live is touched.",
        body=bodies.SimulateBody,
        statuses=_OFF,
    ),
    Route(
        "GET",
        "/api/v1/measures",
        _VIEWER,
        campaigns.list_measures,
        bodies.MeasureList,
        "List measures that are in force, proposed, or ended within a day.",
        statuses=_OFF,
    ),
    Route(
        "POST",
        "/api/v1/measures",
        _OPERATOR,
        campaigns.start,
        bodies.MeasureBody,
        "Begin a measure everywhere.",
        body=Wish,
        statuses=_BUDGET,
    ),
    Route(
        "POST",
        "/api/v1/measures/estimate",
        _VIEWER,
        campaigns.estimate,
        bodies.EstimateBody,
        "Ask what a measure would do; nothing begins.",
        body=Wish,
        statuses=_OFF,
    ),
    Route(
        "POST",
        "/api/v1/measures/{measure_id}/confirm",
        _OPERATOR,
        campaigns.confirm,
        bodies.MeasureBody,
        "Begin a measure that was proposed.",
        statuses=_OVER,
    ),
    Route(
        "POST",
        "/api/v1/measures/{measure_id}/stop",
        _OPERATOR,
        campaigns.stop,
        bodies.MeasureBody,
        "End a measure, or turn a proposed one down.",
        statuses=_OVER,
    ),
    Route(
        "POST",
        "/api/v1/measures/{measure_id}/extend",
        _OPERATOR,
        campaigns.extend,
        bodies.MeasureBody,
        "Let a measure last longer.",
        body=bodies.Longer,
        optional=True,
        statuses=_OVER,
    ),
)
