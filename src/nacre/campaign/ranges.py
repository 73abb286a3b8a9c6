# SPDX-License-Identifier: Apache-2.0
"""Which of many lists of subnets an address lies in, asked once for all of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import Generic, TypeVar

from nacre.address import Subnet

Value = TypeVar("Value")

_NEVER = 1 << 200
"""Beyond all addresses."""


class SubnetTable(Generic[Value]):
    """
    Values by subnet; an address has those of all subnets that hold it.

    Subnets are nested or apart, never across each other.  So their borders cut the addresses into at most twice as
    many ranges as there are subnets, and one bisection finds the values: below a microsecond with 50,000 subnets.

    Args:
        entries: Subnets, each with a value.

    >>> from nacre.address import parse_address
    >>> table = SubnetTable([(Subnet.parse("192.0.2.0/24"), "a"), (Subnet.parse("192.0.2.8/29"), "b")])
    >>> [table.at(parse_address(text)) for text in ("192.0.2.9", "192.0.2.99", "198.51.100.1")]
    [('a', 'b'), ('a',), ()]
    """

    def __init__(self, entries: Iterable[tuple[Subnet, Value]]) -> None:
        sides: dict[int, list[tuple[int, int, Value]]] = {4: [], 16: []}
        for subnet, value in entries:
            size = len(subnet.network)
            start = int.from_bytes(subnet.network, "big")
            sides[size].append((start, start + (1 << (8 * size - subnet.prefix)), value))
        self._starts: dict[int, list[bytes]] = {}
        self._values: dict[int, list[tuple[Value, ...]]] = {}
        for size, spans in sides.items():
            cuts = _cuts(spans)
            self._starts[size] = [at.to_bytes(size, "big") for at, _ in cuts if at < 1 << (8 * size)]
            self._values[size] = [values for _, values in cuts]

    def at(self, packed: bytes) -> tuple[Value, ...]:
        """Return the values of all subnets that hold an address, the widest subnet first; none if it is not known."""
        if not packed:
            return ()
        size = len(packed)
        index = bisect_right(self._starts[size], packed)
        return self._values[size][index - 1] if index else ()

    def __bool__(self) -> bool:
        return any(self._starts.values())


def _cuts(spans: list[tuple[int, int, Value]]) -> list[tuple[int, tuple[Value, ...]]]:
    """Return where ranges begin, each with its values; *spans* are start, end and value."""
    cuts: dict[int, tuple[Value, ...]] = {}
    around: list[tuple[int, Value]] = []

    def leave(until: int) -> None:
        while around and around[-1][0] <= until:
            ended = around.pop()[0]
            while around and around[-1][0] == ended:
                around.pop()
            cuts[ended] = tuple([each for _, each in around])

    for start, end, value in sorted(spans, key=lambda span: (span[0], -span[1])):
        leave(start)
        around.append((end, value))
        cuts[start] = tuple([each for _, each in around])
    leave(_NEVER)
    return sorted(cuts.items(), key=lambda cut: cut[0])
