# SPDX-License-Identifier: Apache-2.0
"""What travels over HTTP about distributed attacks."""

from __future__ import annotations

import msgspec
import pytest

from nacre.api.campaign_bodies import CampaignBody, MeasureBody, ThreatBody
from nacre.campaign.measure import Harm, Measure, Scope, State, Step
from nacre.campaign.picture import Campaign, CampaignKind, Picture, Threat

CAMPAIGN = Campaign(
    id="c-1", kind=CampaignKind.SPRAYING, since=1.0, last=9.0, attempts=20, sources=3, subnets=2, accounts=20
)
MEASURE = Measure(
    id="m-1", step=Step.BLOCK, scope=Scope(), since=1.0, until=61.0, owner="nacre", reason="test", harm=Harm(3, 900)
)


def test_every_field_of_a_campaign_is_told() -> None:
    """
    A field that is added there has to find its place here.
    """
    told = msgspec.to_builtins(CampaignBody.of(CAMPAIGN))

    assert set(told) == {*Campaign.__struct_fields__, "technique"}
    assert told["technique"] == "T1110.003"


@pytest.mark.parametrize(
    ("state", "now", "told"),
    [(State.ACTIVE, 60.0, "active"), (State.ACTIVE, 61.0, "ended"), (State.PROPOSED, 99.0, "proposed")],
)
def test_a_measure_is_told_as_it_is_at_a_time(state: State, now: float, told: str) -> None:
    """
    With all its fields, whatever their values.
    """
    body = msgspec.to_builtins(MeasureBody.of(msgspec.structs.replace(MEASURE, state=state), now))

    assert set(body) == set(Measure.__struct_fields__)
    assert (body["state"], body["harm"]) == (told, {"touched": 3, "of": 900, "share": 0.003})


def test_only_campaigns_that_run_count() -> None:
    """
    Those that ended within a day are in the list of campaigns.
    """
    ended = msgspec.structs.replace(CAMPAIGN, ended=10.0)
    picture = Picture(time=20.0, threat=Threat(0.5, "moderate"), campaigns=(CAMPAIGN, ended))

    body = ThreatBody.of(picture)

    assert (body.campaigns, body.level, body.band) == (1, 0.5, "moderate")
