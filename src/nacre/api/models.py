# SPDX-License-Identifier: Apache-2.0
"""What the routes of models answer: list, report, publish, roll back."""

from __future__ import annotations

from starlette.responses import HTMLResponse, Response

from nacre.api import network_bodies as bodies
from nacre.api.answers import Ask
from nacre.api.problems import ProblemError
from nacre.network.training_report import TrainingReport
from nacre.network_desk import ModelInfo
from nacre.pages.report import training_page

HTML = "text/html"
_PAGE = {"content-security-policy": "frame-ancestors 'none'"}
"""What the page cannot say of itself; it forbids all else in its head."""


async def models(ask: Ask) -> bodies.ModelList:
    """List the models that are kept."""
    return bodies.ModelList(await ask.guard.network.models())


async def report(ask: Ask) -> TrainingReport | Response:
    """Tell how good a model is: as JSON or, to a browser, as a page."""
    return await page(ask) if _prefers_page(ask.accept) else await _report(ask)


async def page(ask: Ask) -> Response:
    """Tell how good a model is, as a page."""
    return HTMLResponse(training_page(await _report(ask)), headers=_PAGE)


async def publish(ask: Ask) -> ModelInfo:
    """Put a model in use everywhere."""
    body: bodies.PublishBody = ask.body
    return await ask.guard.network.publish(ask.path["version"], force=body.force, who=ask.caller.name)


async def rollback(ask: Ask) -> ModelInfo:
    """Put the previous model in use again."""
    return await ask.guard.network.rollback(who=ask.caller.name)


async def rollback_one(ask: Ask) -> ModelInfo:
    """Leave the model that is in use for the one before it; any other is published again, if the gate lets it."""
    desk, version = ask.guard.network, ask.path["version"]
    status = await desk.status()
    if version in {status.model, status.previous}:
        return await desk.rollback(who=ask.caller.name)
    return await desk.publish(version, force=False, who=ask.caller.name)


async def _report(ask: Ask) -> TrainingReport:
    found = await ask.guard.network.report(ask.path["version"])
    if found is None:
        raise ProblemError(404, "this model came without a report", field="version")
    return found


def _prefers_page(accept: str) -> bool:
    """
    Tell whether a page is wanted rather than JSON.

    >>> _prefers_page("text/html,application/xhtml+xml,*/*;q=0.8"), _prefers_page("application/json, text/html")
    (True, False)
    """
    return next((kind for kind in _kinds(accept) if kind in {HTML, "application/json", "*/*"}), "") == HTML


def _kinds(accept: str) -> list[str]:
    """Return the media types of an Accept header, the most wanted first."""
    wanted = []
    for part in accept.lower().split(","):
        kind, _, weight = part.replace(" ", "").partition(";q=")
        try:
            wanted.append((-float(weight or 1), kind))
        except ValueError:
            continue
    return [kind for _, kind in sorted(wanted, key=lambda each: each[0])]
