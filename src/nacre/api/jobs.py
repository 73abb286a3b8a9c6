# SPDX-License-Identifier: Apache-2.0
"""What the routes of trainings answer: ask for one, follow it, stop it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import msgspec
from msgspec import UNSET
from starlette.responses import Response, StreamingResponse

from nacre.api import network_bodies as bodies
from nacre.api.answers import Ask
from nacre.errors import GuardError
from nacre.network_desk import Job, NetworkDesk

ENDED = frozenset(("published", "refused", "failed", "cancelled"))
"""States of a job in which nothing happens any more."""

EVENTS = "text/event-stream"
_EVERY = 0.5
_SILENCE = 15.0
"""Seconds after which a stream says that it is still there; proxies close what is silent for a minute."""


async def train(ask: Ask) -> Response:
    """Ask for a training; answer at once, or when it has ended."""
    body: bodies.TrainBody = ask.body
    desk = ask.guard.network
    asked = desk.train(
        samples=0 if body.samples is UNSET else body.samples,
        epochs=0 if body.epochs is UNSET else body.epochs,
        who=ask.caller.name,
    )
    # Whoever asks may go away: a training that is half asked for would wait for ever.
    job = await asyncio.shield(asked)
    if ask.query.wait:
        job = await desk.wait(job.id)
    where = {"location": f"/api/v1/jobs/{job.id}"}
    return Response(msgspec.json.encode(job), 200 if ask.query.wait else 202, where, "application/json")


async def job(ask: Ask) -> Job:
    """Show how far a training is."""
    return await ask.guard.network.job(ask.path["job_id"])


async def jobs(ask: Ask) -> bodies.JobList:
    """List the newest trainings."""
    return bodies.JobList(await ask.guard.network.jobs(count=ask.query.count))


async def cancel(ask: Ask) -> Job:
    """Ask a training to stop."""
    return await ask.guard.network.cancel(ask.path["job_id"], who=ask.caller.name)


async def events(ask: Ask) -> Response:
    """Stream how far a training is, until it has ended."""
    now = await ask.guard.network.job(ask.path["job_id"])
    return StreamingResponse(_lines(ask.guard.network, now), headers={"cache-control": "no-store"}, media_type=EVENTS)


async def _lines(desk: NetworkDesk, now: Job) -> AsyncIterator[bytes]:
    """Yield server-sent events: ``progress`` at each change, then ``end``; without a store the stream breaks off."""
    last, silent = None, 0.0
    with contextlib.suppress(GuardError):
        while True:
            if now != last:
                kind = b"end" if now.state in ENDED else b"progress"
                yield b"event: %b\ndata: %b\n\n" % (kind, msgspec.json.encode(now))
                silent = 0.0
            elif silent >= _SILENCE:
                yield b": still there\n\n"
                silent = 0.0
            if now.state in ENDED:
                return
            await asyncio.sleep(_EVERY)
            silent += _EVERY
            last, now = now, await desk.job(now.id)
