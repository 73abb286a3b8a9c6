# SPDX-License-Identifier: Apache-2.0
"""The values of a picture."""

from __future__ import annotations

import pytest

from nacre.campaign.picture import TECHNIQUES, Campaign, CampaignKind


@pytest.mark.parametrize("kind", CampaignKind)
def test_every_kind_has_the_number_of_its_technique(kind: CampaignKind) -> None:
    """
    Operators look it up in MITRE ATT&CK.
    """
    campaign = Campaign(id="c1", kind=kind, since=0.0, last=0.0, attempts=1, sources=1, subnets=1, accounts=1)

    assert campaign.technique == TECHNIQUES[kind]
    assert campaign.technique.startswith("T")
