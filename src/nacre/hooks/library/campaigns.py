# SPDX-License-Identifier: Apache-2.0
"""
``nacre_campaigns``: distributed attacks, as the hooks that nacre brings work with them.

Where something cannot be done, the first result is ``nil`` and the second one says why.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine

from nacre.campaign.overview import Overview
from nacre.campaign_desk import CampaignDesk, Rehearsal
from nacre.hooks.call import Module, OpenModule, Seat
from nacre.hooks.library.given import Refused, Result, actor, ask, expected, text_of

DEFAULT_ADDRESSES = 20
"""Addresses of a simulated attack, if a script names no number."""

GRAVE = 0.5
"""Threat from which on an attack counts as detected, whomever it is against, as in the original."""

Detection = dict[str, bool | int | float]
"""What is known of one account: flags and numbers by name."""

_Answer = tuple[object, str | None]


def campaigns_module(desk: CampaignDesk, canonical: Callable[[str], str]) -> OpenModule:
    """
    Return the module upon a desk.

    Args:
        desk: Sees, rehearses and forgets.
        canonical: Returns the account that a user name means.
    """
    return lambda seat: _Campaigns(desk, canonical, seat).functions()


class _Campaigns:
    """The functions of the module at one seat."""

    def __init__(self, desk: CampaignDesk, canonical: Callable[[str], str], seat: Seat) -> None:
        self._desk = desk
        self._canonical = canonical
        self._seat = seat

    def functions(self) -> Module:
        """Return the functions by the names that scripts know."""
        return {
            "overview": self.overview,
            "detection": self.detection,
            "simulate": self.simulate,
            "reset": self.reset,
            "reset_account": self.reset_account,
        }

    def overview(self, *_: object) -> _Answer:
        """Return what is known of distributed attacks, and what is done against them."""
        return self._answer(self._desk.overview(), metrics_of)

    def detection(self, username: object = None, *_: object) -> _Answer:
        """Return whether an account is attacked: for real or, within ten minutes, in a rehearsal."""
        name = text_of(username)
        if not name:
            return None, expected(1, "detection", "string", username)
        return self._answer(self._known_of(name), lambda known: known)

    def simulate(
        self, username: object = None, addresses: object = None, country: object = None, *_: object
    ) -> _Answer:
        """Rehearse an attack on an account, and return what was detected of it."""
        name = text_of(username)
        if not name:
            return None, expected(1, "simulate", "string", username)
        number = DEFAULT_ADDRESSES if addresses is None else addresses
        if isinstance(number, bool) or not isinstance(number, int | float) or number != number // 1:
            return None, expected(2, "simulate", "whole number", addresses)
        code = "" if country is None else text_of(country)
        if code is None:
            return None, expected(3, "simulate", "string", country)
        work = self._desk.simulate(name, addresses=int(number), country=code, who=actor(self._seat.call))
        return self._answer(work, self._detected)

    def reset(self, *_: object) -> _Answer:
        """End all measures and forget all campaigns."""
        return self._answer(self._desk.reset(who=actor(self._seat.call)), lambda _ended: True)

    def reset_account(self, username: object = None, *_: object) -> _Answer:
        """Forget what is known against an account, and end the measures for its sake."""
        name = text_of(username)
        if not name:
            return None, expected(1, "reset_account", "string", username)
        return self._answer(self._desk.reset_account(name, who=actor(self._seat.call)), lambda _was: True)

    async def _known_of(self, username: str) -> Detection:
        overview = await self._desk.overview()
        live = detection_of(overview, self._canonical(username))
        rehearsal = await self._desk.rehearsal(username)
        return live if rehearsal is None else joined(live, self._detected(rehearsal))

    def _detected(self, rehearsal: Rehearsal) -> Detection:
        return detected_in(rehearsal, self._canonical(rehearsal.username))

    def _answer(self, work: Coroutine[object, object, Result], shown: Callable[[Result], object]) -> _Answer:
        found = ask(self._seat, work)
        if isinstance(found, Refused):
            return None, found.message
        return self._seat.table(shown(found)), None


def metrics_of(overview: Overview) -> dict[str, object]:
    """
    Return an overview as the original's hook shows it; its settings are texts.

    >>> metrics_of(Overview())["settings"]
    {'captcha_enabled': 'false', 'rate_limit_enabled': 'false', 'monitoring_mode': 'false', 'ml_threshold': '0.7'}
    """
    settings = overview.settings
    return {
        "threat_level": overview.threat_level,
        "attempts": overview.attempts,
        "unique_ips": overview.unique_ips,
        "unique_users": overview.unique_users,
        "ips_per_user": round(overview.ips_per_user, 6),
        "attacked_accounts": dict(overview.attacked_accounts),
        "blocked_regions": list(overview.blocked_regions),
        "rate_limited_ips": list(overview.rate_limited_ips),
        "captcha_accounts": list(overview.captcha_accounts),
        "settings": {
            "captcha_enabled": _word(settings.captcha_enabled),
            "rate_limit_enabled": _word(settings.rate_limit_enabled),
            "monitoring_mode": _word(settings.monitoring_mode),
            "ml_threshold": f"{settings.ml_threshold:g}",
        },
    }


def detection_of(overview: Overview, account: str) -> Detection:
    """
    Return what an overview says of one account, as the original's hook shows it.

    >>> found = detection_of(Overview(attacked_accounts={"erika": 20}), "erika")
    >>> found["account_under_attack"], found["attack_score"], found["attack_detected"]
    (True, 20, True)
    """
    attacked, challenged = account in overview.attacked_accounts, account in overview.captcha_accounts
    return {
        "threat_level": overview.threat_level,
        "account_under_attack": attacked,
        "attack_score": overview.attacked_accounts.get(account, 0),
        "captcha_enabled": overview.settings.captcha_enabled,
        "rate_limit_enabled": overview.settings.rate_limit_enabled,
        "monitoring_mode": overview.settings.monitoring_mode,
        "is_captcha_account": challenged,
        "attack_detected": attacked or challenged or overview.threat_level >= GRAVE,
    }


def detected_in(rehearsal: Rehearsal, account: str) -> Detection:
    """
    Return what was detected of a simulated attack; a campaign that was named will do, whatever the account's score.

    >>> quiet = Rehearsal(
    ...     username="Erika", addresses=20, country="", time=0.0, detected=True, recognised_by=12, stopped=8,
    ...     overview=Overview(),
    ... )
    >>> detected_in(quiet, "erika")["attack_detected"]
    True
    """
    return detection_of(rehearsal.overview, account) | {"attack_detected": rehearsal.detected}


def joined(one: Detection, other: Detection) -> Detection:
    """
    Return two findings as one: of each part the graver one.

    >>> joined({"threat_level": 0.8, "attack_detected": False}, {"threat_level": 0.1, "attack_detected": True})
    {'threat_level': 0.8, 'attack_detected': True}
    """
    return {name: max(one[name], other[name]) for name in one}


def _word(flag: bool) -> str:  # noqa: FBT001  the one thing said
    return "true" if flag else "false"
