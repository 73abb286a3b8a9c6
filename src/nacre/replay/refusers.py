# SPDX-License-Identifier: Apache-2.0
"""Who refused an attempt: rules, measures against campaigns, or the network."""

from __future__ import annotations

import re
from typing import NamedTuple

from nacre.campaign.picture import CampaignKind
from nacre.decision import Action, Decision

RULE, MEASURE, NETWORK = "rule", "measure", "network"

UNNAMED = "unnamed"
"""Measures that refuse behind so many others that the decision names only their ids."""

_REFUSING = re.compile(r"measure \S+ \((?P<step>\w+)\)(?: of campaign \S+)?: refuse; (?P<why>\w*)")
_KINDS = frozenset(kind.value for kind in CampaignKind)


class Refuser(NamedTuple):
    """
    Who refuses.

    Attributes:
        part: ``rule``, ``measure`` or ``network``.
        name: Of the rule; the step of the measure and the kind of its campaign, ``block (enumeration)``; or what of the
            network refused: ``score``, ``score_accept`` or ``weighted``, which is the weighted sum.
    """

    part: str
    name: str

    def __str__(self) -> str:
        return self.name if self.part == RULE else f"{self.part} {self.name}"


def refusers(decision: Decision) -> tuple[Refuser, ...]:
    """
    Return who refused an attempt, each once; nobody if it was not refused.

    Rules and network may refuse together.  Measures are asked only about what both let pass, so a rule that tripped
    before a measure refused did not refuse: one that only delays, or beside which the owner passes.

    >>> [str(refuser) for refuser in refusers(Decision("r1", Action.REFUSE, 0.0, None, ("address",), (), ""))]
    ['address']
    """
    if not decision.refused:
        return ()
    if decision.measures:
        return _measures(decision)
    network = _network(decision)
    rules = decision.rules if not network or decision.rules_alone is Action.REFUSE else ()
    return (*[Refuser(RULE, name) for name in rules], *network)


def _measures(decision: Decision) -> tuple[Refuser, ...]:
    texts = [reason.text for reason in decision.reasons if reason.code == MEASURE]
    names = dict.fromkeys(_name(found) for found in map(_REFUSING.match, texts) if found)
    return tuple([Refuser(MEASURE, name) for name in names or (UNNAMED,)])


def _name(found: re.Match[str]) -> str:
    step, why = found["step"], found["why"]
    return f"{step} ({why})" if why in _KINDS else step


def _network(decision: Decision) -> tuple[Refuser, ...]:
    """Return what of the network refused; it speaks after the rules, so the last reason of a refusal is its own."""
    last = decision.reasons[-1] if decision.reasons else None
    if last is None or last.code != NETWORK:
        return ()
    if last.text.startswith("weighted"):
        return (Refuser(NETWORK, "weighted"),)
    return (Refuser(NETWORK, "score_accept" if "right password" in last.text else "score"),)
