# SPDX-License-Identifier: Apache-2.0
"""`nacre models`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from kept import GATE, keep
from terminal import Run

from nacre.cli.installation import Installation, opened

Keep = Callable[..., None]


@pytest.fixture
def kept(run: Run) -> Keep:  # noqa: ARG001 - which names the store
    """Return a function that keeps a model as a training would have left it."""

    def make(version: str, **known: object) -> None:
        async def keep_it() -> None:
            async with opened(Installation.find(None, None, os.environ)) as guard:
                await keep(guard, version, **known)  # type: ignore[arg-type]

        asyncio.run(keep_it())

    return make


def test_the_model_that_nacre_comes_with_is_there_on_the_first_day(run: Run) -> None:
    """
    It is in use, and no rollback leads anywhere.
    """
    listed = run("models", "list", "--json").json["models"]
    back = run("models", "rollback")

    assert [(model["version"], model["state"]) for model in listed] == [("shipped", "current")]
    assert (back.code, "no previous model" in back.err) == (1, True)


def test_models_are_listed_with_how_good_they_are(run: Run, kept: Keep) -> None:
    """
    The newest first; what the gate said stands beside it.
    """
    kept("a", created=1.0)
    kept("b", created=2.0, gate=False)

    listed = run("models", "list")

    header, *lines = [line.split() for line in listed.out.splitlines()]
    assert header == ["version", "state", "made", "gate", "recall", "hits", "size", "by"]
    assert [line[0] for line in lines] == ["b", "a", "shipped"]
    assert lines[0][4:6] == ["held", "back"]
    assert "passed" in lines[1]
    assert {"95.1%", "88.0%", "erika"} <= set(lines[1])


def test_a_published_model_is_in_use_and_one_command_leads_back(run: Run, kept: Keep) -> None:
    """
    In one process it is published; another one sees it, and rolls it back.
    """
    kept("a")

    published = run("models", "publish", "a")
    status = run("network", "status", "--json").json
    back = run("models", "rollback", "--json").json

    assert (published.code, published.out) == (0, "Model a is in use.\n")
    assert (status["model"], status["previous"], status["ours"]) == ("a", "shipped", True)
    assert (back["version"], back["state"]) == ("shipped", "current")


def test_the_gate_is_passed_by_force_alone_and_that_is_noted(run: Run, kept: Keep) -> None:
    """
    What it had against the model is in the refusal.
    """
    kept("a", gate=False)

    refused = run("models", "publish", "a")
    forced = run("models", "publish", "a", "--force")

    assert (refused.code, refused.out) == (20, "")
    assert GATE in refused.err
    assert forced.code == 0
    assert "by force" in run("audit", "--count", 1).out


def test_a_report_is_a_page_a_document_or_a_text(run: Run, kept: Keep, tmp_path: Path) -> None:
    """
    The page is one file that loads nothing.
    """
    kept("a")
    file = tmp_path / "report.html"

    page = run("models", "report", "a", "--html", file)
    document = run("models", "report", "a", "--json").json
    text = run("models", "report", "a")

    assert (page.code, page.out) == (0, f"The report is in {file}.\n")
    assert file.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert document["verdict"]["passed"] is not None
    assert document["model"] in text.out
    assert text.code == 0


def test_a_model_without_a_report_is_told_from_one_that_is_not_there(run: Run) -> None:
    """
    The shipped one has none.
    """
    shipped = run("models", "report", "shipped")
    unknown = run("models", "report", "a")
    publish = run("models", "publish", "a")

    assert (shipped.code, shipped.err) == (1, "Model shipped came without a report.\n")
    assert (unknown.code, publish.code) == (1, 1)
    assert unknown.err == "nacre: there is no model 'a'\n"
    assert run("models", "report", "a", "--html", "x", "--json").code == 2


def test_the_shipped_model_says_that_it_came_with_nacre(run: Run) -> None:
    """
    Nobody takes it for one that was made in 1970, or for an empty one.
    """
    (line,) = run("models", "list").out.splitlines()[1:]

    assert "with nacre" in line
    assert " 0 kB" not in line
