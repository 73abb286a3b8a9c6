# SPDX-License-Identifier: Apache-2.0
"""What all instances know of the last drill that the watcher made."""

from __future__ import annotations

import msgspec


class LastDrill(msgspec.Struct, frozen=True, array_like=True):
    """
    The last drill.

    Attributes:
        time: Unix seconds at which it ended, 0 if there was none.
        attacks: Name of an attack to whether it was recognised and stopped as asked, and the seconds of event time
            after which it was recognised, -1 for never.
    """

    time: float = 0.0
    attacks: dict[str, tuple[bool, float]] = {}

    def pack(self) -> bytes:
        """Return it as it lies in the store."""
        return msgspec.msgpack.encode(self)

    @classmethod
    def unpack(cls, packed: bytes) -> LastDrill:
        """
        Return what lies in the store; none if there is nothing, or nothing of ours.

        >>> LastDrill.unpack(LastDrill(9.0, {"guessing": (True, 153.7)}).pack()).attacks
        {'guessing': (True, 153.7)}
        >>> LastDrill.unpack(b"").time, LastDrill.unpack(b"?").time
        (0.0, 0.0)
        """
        try:
            return msgspec.msgpack.decode(packed, type=cls)
        except msgspec.MsgspecError:
            return cls()
