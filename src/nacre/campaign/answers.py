# SPDX-License-Identifier: Apache-2.0
"""The measures that answer one campaign: the narrowest that meet nearly all of it, and hardly anybody else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from nacre.campaign.candidates import Candidate, Field, Mask, candidates, narrowest, of_all, regions, younger
from nacre.campaign.harm import expected
from nacre.campaign.ledger import SHORTEST, Ledger, named
from nacre.campaign.measure import Harm, Measure, Scope, Step
from nacre.campaign.picture import Campaign
from nacre.campaign.reach import Reach
from nacre.campaign.sighting import Sighting

RECENT = 500
"""Attempts of a campaign that are looked at."""

HOLD = 15.0
"""Seconds after a measure for a campaign in which no other begins: its effect is to be seen first."""

WORTHWHILE = 0.1
"""Share of a campaign's recent attempts that a measure has to meet beyond those before it."""

STOPPING = frozenset({Step.CHALLENGE, Step.DELAY, Step.BLOCK})


class _Option(NamedTuple):
    """A candidate, the share of the attempts that it would meet with what stands, and its harm."""

    candidate: Candidate
    total: float
    harm: Harm
    affordable: bool


def answer(ledger: Ledger, campaign: Campaign, seen: Sequence[Sighting], *, severe: bool) -> None:
    """
    Begin or propose what a campaign calls for beyond what stands.

    Args:
        ledger: What stands; it is changed.
        campaign: It runs.
        seen: Its recent attempts, in the order of time.
        severe: Whether the threat is: whole countries may be blocked then.
    """
    recent = seen[-RECENT:]
    newest = max((each.since for each in _of(ledger.active, campaign)), default=-HOLD)
    if not recent or ledger.now - newest < HOLD:
        return
    settings = ledger.settings
    met = _met(ledger.active, younger(recent))
    if met.mean() >= settings.coverage and not severe:
        return
    standing = frozenset(each.id for each in (*_of(ledger.active, campaign), *_of(ledger.proposed, campaign)))
    if not ledger.memory.calls(ledger.now, campaign, standing):
        return
    field = _field(ledger, recent)
    if severe and _block_regions(ledger, campaign, field):
        met = _met(ledger.active, field.younger)
    if met.mean() >= settings.coverage:
        return
    options = [_option(ledger, candidate, met) for candidate in candidates(field)]
    reached = _begin(ledger, campaign, field, options, float(met.mean()))
    if reached < settings.coverage:
        _propose(ledger, campaign, field, options, max(reached, _met(ledger.proposed, field.younger, met).mean()))


def narrow(ledger: Ledger, campaign: Campaign, seen: Sequence[Sighting], measure: Measure) -> bool:
    """
    Put accounts or subnets in the place of a wider measure, if by now they meet nearly all; tells whether it did.

    Args:
        ledger: What stands; it is changed.
        campaign: It runs.
        seen: Its recent attempts, in the order of time.
        measure: One of its measures that would be extended otherwise.
    """
    recent = seen[-RECENT:]
    if measure.scope.accounts or measure.scope.subnets or not recent:
        return False
    field = _field(ledger, recent)
    met = np.zeros(len(field.younger), np.bool_)
    options = [_option(ledger, candidate, met) for candidate in narrowest(field)]
    enough = [each for each in options if each.affordable and each.total >= ledger.settings.coverage]
    if not enough or not ledger.begin(_draft(ledger, campaign, field, min(enough, key=_rank))):
        return False
    ledger.end(measure)
    return True


def _field(ledger: Ledger, recent: Sequence[Sighting]) -> Field:
    settings = ledger.settings
    widest = {4: settings.widest_ipv4, 16: settings.widest_ipv6}
    return Field(recent, ledger.strangers, int(settings.budget * len(ledger.good)), widest, lambda: ledger.usual)


def _begin(ledger: Ledger, campaign: Campaign, field: Field, options: Sequence[_Option], before: float) -> float:
    """Begin the best that the budget allows; returns the share of the attempts that are met then."""
    worthwhile = [each for each in options if each.affordable and each.total >= before + WORTHWHILE]
    enough = [each for each in options if each.affordable and each.total >= ledger.settings.coverage]
    ranked = sorted(enough, key=_rank) or sorted(worthwhile, key=lambda each: -each.total)
    for option in ranked[:3]:
        if ledger.begin(_draft(ledger, campaign, field, option)):
            return option.total
    return before


def _propose(ledger: Ledger, campaign: Campaign, field: Field, options: Sequence[_Option], before: float) -> None:
    """Propose what would meet nearly all, at the least harm, or else what meets most."""
    if _of(ledger.proposed, campaign):
        return
    worthwhile = [each for each in options if each.total >= before + WORTHWHILE]
    enough = [each for each in worthwhile if each.total >= ledger.settings.coverage]
    best = min(enough, key=_rank, default=None) or max(worthwhile, key=lambda each: each.total, default=None)
    if best is not None:
        ledger.propose(_draft(ledger, campaign, field, best))


def _block_regions(ledger: Ledger, campaign: Campaign, field: Field) -> bool:
    """Block countries, if there are any to block that are not blocked yet; tells whether it did."""
    standing = {name for each in _of(ledger.active, campaign) for name in each.scope.countries}
    names = regions(field)
    if set(names) <= standing:
        return False
    reason = f"{campaign.kind.value} from countries from which no stranger signs in"
    return ledger.begin(ledger.draft(Step.BLOCK, Scope(countries=names), reason, campaign=campaign.id))


def _rank(option: _Option) -> tuple[float, float]:
    """Order by harm, then by how much is met; what is alike stays in its order, the narrowest first."""
    return option.harm.share, -round(option.total, 2)


def _option(ledger: Ledger, candidate: Candidate, met: Mask) -> _Option:
    harm = Harm(candidate.touched, len(ledger.good), expected(candidate.step, candidate.scope))
    lasting = ledger.seconds(candidate.step, harm)
    return _Option(candidate, float((met | candidate.met).mean()), harm, lasting >= SHORTEST)


def _draft(ledger: Ledger, campaign: Campaign, field: Field, option: _Option) -> Measure:
    scope = of_all(option.candidate, field)
    what = ", ".join(name.replace("_", " ") for name in named(scope)) or "unknown origins"
    reason = (
        f"{campaign.kind.value} from {campaign.sources} addresses, met by {what}: {option.total:.0%} of its attempts"
    )
    return ledger.draft(option.candidate.step, scope, reason, campaign=campaign.id)


def _of(measures: Sequence[Measure], campaign: Campaign) -> list[Measure]:
    return [each for each in measures if each.campaign == campaign.id]


def _met(measures: Sequence[Measure], seen: Sequence[Sighting], before: Mask | None = None) -> Mask:
    """Return which attempts are stopped by any of some measures."""
    met = np.zeros(len(seen), np.bool_) if before is None else before
    for measure in measures:
        if measure.step in STOPPING:
            met = met | np.fromiter(map(Reach(measure.scope).meets, seen), np.bool_, len(seen))
    return met
