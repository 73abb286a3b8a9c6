# SPDX-License-Identifier: Apache-2.0
"""The copy of all blocks that every instance holds, by itself."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from nacre.address import Subnet, parse_address
from nacre.decision import Block
from nacre.store.blocks import BlockCopy


def block(subnet: str, name: str = "address") -> Block:
    """A block of a subnet."""
    one = Subnet.parse(subnet)
    return Block(name, f"k{one}".encode(), str(one), "subnet", 1.0, 2.0, "why")


subnets = st.builds(
    lambda last, prefix, name: block(f"10.0.{last >> 8}.{last & 255}/{prefix}", name),
    st.integers(0, 1023),
    st.sampled_from([16, 22, 24, 31, 32]),
    st.sampled_from("ab"),
)


@given(put=st.lists(subnets, max_size=20), gone=st.lists(st.integers(0, 19), max_size=20), last=st.integers(0, 1023))
def test_the_copy_finds_what_covers_an_address(put: list[Block], gone: list[int], last: int) -> None:
    """
    Whatever came and went before, by subject and by address alike.
    """
    copy, expected = BlockCopy(), {}
    for one in put:
        copy.put(one)
        expected[one.key, one.rule] = one
    for index in gone:
        if index < len(put):
            copy.drop(put[index].key, put[index].rule)
            expected.pop((put[index].key, put[index].rule), None)
    address = parse_address(f"10.0.{last >> 8}.{last & 255}")

    assert set(copy) == set(expected.values())
    assert len(copy) == len(expected)
    assert set(copy.covering(address)) == {one for one in expected.values() if address in Subnet.parse(one.subject)}
    assert {each for _, each in copy.of([one.key for one in put[:1]])} == {
        one for one in expected.values() if put and one.key == put[0].key
    }


async def test_what_is_heard_while_everything_is_read_is_not_lost() -> None:
    """
    The answer was under way when a block began and another one was lifted.
    """
    copy, (old, new, other) = BlockCopy(), (block("10.0.0.1"), block("10.0.0.2"), block("10.0.0.3"))

    async def read() -> Iterable[Block]:
        copy.put(new)
        copy.drop(old.key, old.rule)
        return [old, other]

    await copy.replace(read)

    assert set(copy) == {new, other}
