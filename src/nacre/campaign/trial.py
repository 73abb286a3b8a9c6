# SPDX-License-Identifier: Apache-2.0
"""
Suspicious attempts, and what takes the suspicion away: the same source signs in soon after.

Whoever mistypes a password at a new place gets it right within minutes; attackers hardly ever do.  So a good
login takes back what the same address failed at on that account, and one slip of the name.
"""

from __future__ import annotations

from collections import deque

import msgspec
import numpy as np
from numpy.typing import NDArray

from nacre.campaign.sighting import Mark, Sighting

PATIENCE = 300.0
"""Seconds within which a good login explains the failures before it."""

_MOST = 8_192
_OTHER_NAMES = 2
_UNSUSPICIOUS = int(Mark.SUCCESS | Mark.HOME | Mark.REPEAT)


class Trial(msgspec.Struct, gc=False):
    """
    A suspicious attempt.

    Attributes:
        sighting: Of it.
        origin, subnet: Its address (IPv6: its /64) and its /24 or /48, as keys.
        number: The address as a number, see :func:`number_of`.
        minute: Number of the minute in which it counts as a stranger's, -1 if it does not.
        campaign: Id of the campaign it belongs to, ``""`` for none.
        redeemed: Whether it turned out to be harmless.
    """

    sighting: Sighting
    origin: str
    subnet: str
    number: int
    minute: int = -1
    campaign: str = ""
    redeemed: bool = False


def suspicious(sighting: Sighting) -> bool:
    """
    Whether an attempt failed or was stopped, not at a known place of its account and not as a repetition.

    >>> suspicious(Sighting(0.0, bytes(4), "erika")), suspicious(Sighting(0.0, bytes(4), "erika", marks=Mark.HOME))
    (True, False)
    """
    return not sighting.marks & _UNSUSPICIOUS


def origin_of(address: bytes) -> str:
    """Return an address as a key; of IPv6 the /64 that one machine may choose from."""
    return (address if len(address) == 4 else address[:8]).decode("latin-1")


def subnet_of(address: bytes) -> str:
    """Return the subnet of an address as a key: the /24, of IPv6 the /48."""
    return address[: 3 if len(address) == 4 else 6].decode("latin-1")


def number_of(address: bytes) -> int:
    """Return an address as a number to be counted, of IPv6 the upper 64 bits; 0 for none."""
    return int.from_bytes(address if len(address) == 4 else address[:8], "big")


def subnets_of(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """
    Return the /24 or /48 of each of these numbers, as numbers that are unlike each other.

    >>> subnets_of(np.array([number_of(bytes([192, 0, 2, host])) for host in (1, 2)], np.uint64)).tolist()
    [12582914, 12582914]
    """
    four = numbers < np.uint64(1 << 32)
    return np.where(four, numbers >> np.uint64(8), numbers >> np.uint64(16) << np.uint64(16))


def address_of(origin: str) -> bytes:
    """
    Return the packed address that a key stands for; of IPv6 the first one of its /64.

    >>> address_of(origin_of(bytes([192, 0, 2, 7]))).hex()
    'c0000207'
    """
    packed = origin.encode("latin-1")
    return packed if len(packed) <= 4 else packed.ljust(16, b"\0")


class Pending:
    """Suspicious attempts that a good login may still explain: of the last five minutes, at most 8,192."""

    def __init__(self) -> None:
        self._by_origin: dict[str, list[Trial]] = {}
        self._order: deque[Trial] = deque()

    def __len__(self) -> int:
        return len(self._order)

    def add(self, trial: Trial) -> None:
        """Wait for an explanation."""
        order, by_origin = self._order, self._by_origin
        oldest = trial.sighting.time - PATIENCE
        while order and (order[0].sighting.time < oldest or len(order) >= _MOST):
            gone = order.popleft()
            others = by_origin.get(gone.origin)
            if others is not None:
                others.remove(gone)
                if not others:
                    del by_origin[gone.origin]
        order.append(trial)
        known = by_origin.get(trial.origin)
        if known is None:
            by_origin[trial.origin] = [trial]
        else:
            known.append(trial)

    def explained(self, sighting: Sighting, origin: str) -> list[Trial]:
        """
        Return what a good login explains.

        That is: failures of the same account from the same address, and those of one or two other names there: slips
        of the name.  Where more were tried they are not explained: an attacker has a hit now and then.
        """
        waiting = self._by_origin.get(origin)
        if waiting is None:
            return []
        since, mine = sighting.time - PATIENCE, sighting.account
        found = [trial for trial in waiting if trial.sighting.time >= since and not trial.redeemed]
        if len({trial.sighting.account for trial in found} - {mine}) > _OTHER_NAMES:
            return [trial for trial in found if trial.sighting.account == mine]
        return found

    def drop(self, account: str) -> None:
        """Forget the attempts on an account."""
        kept = [trial for trial in self._order if trial.sighting.account != account]
        self._order.clear()
        self._by_origin.clear()
        for trial in kept:
            self._order.append(trial)
            self._by_origin.setdefault(trial.origin, []).append(trial)
