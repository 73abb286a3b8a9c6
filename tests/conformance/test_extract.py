# SPDX-License-Identifier: Apache-2.0
"""The facts that the conformance tests run from."""

from __future__ import annotations

from pathlib import Path

import pytest
from conformance.extract import DOCUMENTS, cases, extract

SEEDS = Path(__file__).parents[3] / "shared" / "seeds"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_cases_are_those_of_the_documents(name: str) -> None:
    """
    Where the documents lie beside the checkout; elsewhere the cases stand for them.
    """
    document = SEEDS / f"{name}.md"
    if not document.is_file():
        pytest.skip("the documents are not here")

    assert cases(name) == extract(document.read_text(encoding="utf-8"))


def test_nothing_is_missing_from_the_cases() -> None:
    """
    Thirteen functions, five hooks, and what they take and answer: counted by hand.
    """
    neural, brute_force = cases("neural"), cases("bruteforce")
    blocks = [block.language for block in (*neural.blocks, *brute_force.blocks)]

    assert {language: blocks.count(language) for language in set(blocks)} == {"lua": 23, "json": 12, "yaml": 5, "": 13}
    assert len([item for item in neural.items if item.section[-1] == "Query Parameters"]) == 21
    assert len([item for item in neural.items if item.section[-1] == "Parameters"]) == 10
    assert len([item for item in brute_force.items if item.section[-1] == "Parameters"]) == 11
