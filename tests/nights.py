# SPDX-License-Identifier: Apache-2.0
"""Traffic of the tiny site for what is looked at once a day: more logins, and logins unlike those of the training."""

from __future__ import annotations

import struct

from traffic import rows

from nacre.features.columns import STANDARD
from nacre.features.flags import Flag
from nacre.service import Guard


def sign_in_again(guard: Guard, times: int) -> None:
    """Let everybody sign in some more times, seconds after each login."""
    for number, (event, _) in enumerate(rows()):
        time, flags = struct.unpack_from("<d", event, 8)[0], struct.unpack_from("<I", event, 44)[0]
        for again in range(times if flags & Flag.SUCCESS else 0):
            head = struct.pack("<Qd", (times * number + again + 1) << 32, time + again)
            guard.network_parts.shelves.journal.put(head + event[16:], None)


def unlike(guard: Guard) -> None:
    """Let people sign in as nobody did in the training: the same logins, ten times, each with a column moved far."""
    place = 188 + 4 * STANDARD.place("user.successes_7d")
    for number, (event, sample) in enumerate(rows()):
        if sample is None or not struct.unpack_from("<I", event, 44)[0] & Flag.SUCCESS:
            continue
        moved = sample[:place] + struct.pack("<f", 9.0) + sample[place + 4 :]
        for again in range(10):
            head = struct.pack("<Q", (10 * number + again + 1) << 32)
            guard.network_parts.shelves.journal.put(head + event[8:], head + moved[8:])
