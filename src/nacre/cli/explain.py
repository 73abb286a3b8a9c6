# SPDX-License-Identifier: Apache-2.0
"""``nacre explain``: why an attempt has its score."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Annotated

import typer

from nacre.cli.exits import ExitCode
from nacre.cli.installation import ask
from nacre.cli.options import AsJson, Config, DataDir, examples
from nacre.cli.output import note, show_json, show_pairs, show_table
from nacre.errors import UnknownRequest

if TYPE_CHECKING:
    from nacre.network_desk import Explanation
    from nacre.service import Guard


class Head(enum.StrEnum):
    """The two scores."""

    GUESS = "guess"
    ACCEPT = "accept"


_MEANING = {
    Head.GUESS: "that the attempt is a guess",
    Head.ACCEPT: "that a right password would not be its owner's to use",
}


def explain(
    request_id: Annotated[str, typer.Argument(help="The attempt, as the check answered it.")],
    *,
    head: Annotated[Head, typer.Option("--head", help="Which of the two scores.")] = Head.GUESS,
    number: Annotated[int, typer.Option("--count", min=1, max=1000, help="How many contributions to print.")] = 10,
    as_json: AsJson = False,
    config: Config = None,
    data_dir: DataDir = None,
) -> ExitCode:
    """Tell which facts gave an attempt its score, and what would have changed the decision."""

    async def question(guard: Guard) -> Explanation | None:
        try:
            return await guard.network.explain(request_id, head=head.value)
        except UnknownRequest:
            return None

    found = ask(config, data_dir, question)
    if found is None:
        note(f"Nothing is kept of an attempt {request_id!r}: it is unknown, or older than decisions.keep.")
        return ExitCode.ABSENT
    if as_json:
        show_json(found)
    else:
        _show(found, head, number)
    return ExitCode.DONE


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=examples("nacre explain 6a8fd9f4c24e5e1b-1", "nacre explain 6a8fd9f4c24e5e1b-1 --head accept"))(
        explain
    )


def _show(found: Explanation, head: Head, number: int) -> None:
    pairs = [
        ("score", f"{found.score:.3f}, the probability {_MEANING[head]}; a median attempt has {found.base:.3f}"),
        ("model", found.model),
    ]
    show_pairs([*pairs, *([("otherwise", found.flips)] if found.flips else [])])
    if found.contributions:
        rows = [(f"{each.logit:+.2f}", each.text) for each in found.contributions[:number]]
        show_table(["weight", "because"], rows, numbers=["weight"])
