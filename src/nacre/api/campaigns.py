# SPDX-License-Identifier: Apache-2.0
"""What the routes of distributed attacks answer: the threat, campaigns, measures, resets, rehearsals."""

from __future__ import annotations

from nacre.api import campaign_bodies as bodies
from nacre.api.answers import Ask
from nacre.campaign.measure import Harm, Measure
from nacre.campaign_desk import Rehearsal, Wish


async def threat(ask: Ask) -> bodies.ThreatBody:
    """Show how grave it is."""
    return bodies.ThreatBody.of(await ask.guard.campaigns.picture())


async def list_campaigns(ask: Ask) -> bodies.CampaignList:
    """List campaigns."""
    found = (await ask.guard.campaigns.picture()).campaigns
    return bodies.CampaignList([bodies.CampaignBody.of(each) for each in sorted(found, key=lambda each: -each.since)])


async def campaign(ask: Ask) -> bodies.CampaignBody:
    """Show one campaign."""
    return bodies.CampaignBody.of(await ask.guard.campaigns.campaign(ask.path["campaign_id"]))


async def list_measures(ask: Ask) -> bodies.MeasureList:
    """List measures."""
    return bodies.MeasureList([_told(ask, measure) for measure in await ask.guard.campaigns.measures()])


async def start(ask: Ask) -> bodies.MeasureBody:
    """Begin a measure."""
    wish: Wish = ask.body
    return _told(ask, await ask.guard.campaigns.start(wish, who=ask.caller.name))


async def estimate(ask: Ask) -> bodies.EstimateBody:
    """Say what a measure would do."""
    found = await ask.guard.campaigns.estimate(ask.body)
    return bodies.EstimateBody(harm=_harm(found.harm), covered=found.covered, affordable=found.affordable)


async def confirm(ask: Ask) -> bodies.MeasureBody:
    """Begin a measure that was proposed."""
    return _told(ask, await ask.guard.campaigns.confirm(ask.path["measure_id"], who=ask.caller.name))


async def stop(ask: Ask) -> bodies.MeasureBody:
    """End a measure."""
    return _told(ask, await ask.guard.campaigns.stop(ask.path["measure_id"], who=ask.caller.name))


async def extend(ask: Ask) -> bodies.MeasureBody:
    """Let a measure last longer."""
    longer: bodies.Longer = ask.body
    measure = await ask.guard.campaigns.extend(ask.path["measure_id"], longer.seconds, who=ask.caller.name)
    return _told(ask, measure)


async def reset(ask: Ask) -> bodies.MeasuresEnded:
    """End all measures, forget all campaigns."""
    return bodies.MeasuresEnded(await ask.guard.campaigns.reset(who=ask.caller.name))


async def reset_account(ask: Ask) -> bodies.AccountReset:
    """Forget what is known against an account."""
    return bodies.AccountReset(await ask.guard.campaigns.reset_account(ask.query.username, who=ask.caller.name))


async def simulate(ask: Ask) -> Rehearsal:
    """Attack an account in a namespace of its own."""
    body: bodies.SimulateBody = ask.body
    return await ask.guard.campaigns.simulate(
        body.username, addresses=body.addresses, country=body.country, who=ask.caller.name
    )


def _told(ask: Ask, measure: Measure) -> bodies.MeasureBody:
    return bodies.MeasureBody.of(measure, ask.guard.clock())


def _harm(harm: Harm) -> bodies.HarmBody:
    return bodies.HarmBody(touched=harm.touched, of=harm.of, share=harm.share)
