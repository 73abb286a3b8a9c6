# SPDX-License-Identifier: Apache-2.0
"""``nacre drill``: whether attacks would be seen and stopped here."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from nacre.cli.exits import ExitCode
from nacre.cli.installation import ask
from nacre.cli.options import AsJson, Config, DataDir, examples
from nacre.cli.output import note, show, show_json, show_table

if TYPE_CHECKING:
    from nacre.drill.finding import Finding
    from nacre.drill.run import Drill, Progress


class AttackName(StrEnum):
    """Attacks of :data:`nacre.drill.attacks.EXERCISES`."""

    GUESSING = "guessing"
    SPRAYING = "spraying"
    SLOW_SPRAYING = "slow-spraying"
    STUFFING = "stuffing"
    STUFFING_FROM_FEW = "stuffing-from-few"
    ENUMERATION = "enumeration"
    ROTATION = "rotation"
    IN_A_CROWD = "in-a-crowd"


def drill(
    *,
    kind: Annotated[
        list[AttackName] | None,
        typer.Option("--kind", help="Try this attack only; may be repeated.", show_default=False),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Leave out most of what comes after an attack has to be recognised.")
    ] = False,
    as_json: AsJson = False,
    config: Config = None,
    data_dir: DataDir = None,
) -> ExitCode:
    """
    Try attacks of every kind, and tell whether they would be seen and stopped here.

    Each goes through the real check and report, with these settings and this model, beside people who sign in.

    Nothing of yours is read or changed, nobody is told, and nothing is left: it has keys of its own in the store.

    A day of an attack takes seconds. It works while the service runs, and while it does not.

    Ends with 0 if all were recognised and stopped and nobody was met at a known place, otherwise with 22.
    """
    with _progress() as progress:
        names = [each.value for each in kind or ()]
        found = ask(config, data_dir, lambda guard: guard.drill(names, quick=quick, progress=progress), shows=True)
    if as_json:
        show_json(found)
    else:
        _report(found)
    return ExitCode.DONE if found.passed else ExitCode.GOT_THROUGH


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        epilog=examples(
            "nacre drill",
            "nacre drill --quick --json",
            "nacre drill --kind stuffing --kind rotation",
        )
    )(drill)


def lasting(seconds: float) -> str:
    """
    Return a duration for people.

    >>> lasting(0.24), lasting(28.4), lasting(154), lasting(14_650)
    ('0.2 s', '28 s', '2 min 34 s', '4 h 4 min')
    """
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return f"{rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def _report(found: Drill) -> None:
    columns = ["attack", "", "named", "recognised", "stopped from", "let through", "rest stopped", "people met", "took"]
    show_table(columns, [_row(each) for each in found.findings])
    missed = [f"{each.exercise}: {sentence}" for each in found.findings for sentence in each.missed]
    show("")
    for sentence in missed:
        show(sentence)
    if not found.enforces:
        note("Measures wait for a person, as campaigns.measures.automatic says: attacks only have to be recognised.")
    passed = sum(each.passed for each in found.findings)
    show(f"{passed} of {len(found.findings)} attacks were recognised and stopped as asked.")


def _row(found: Finding) -> tuple[str, ...]:
    return (
        found.exercise,
        "pass" if found.passed else "FAIL",
        f"{found.kind} ({found.technique})" if found.kind else "-",
        _point(found.recognised_by, found.recognised_after),
        _point(found.enforced_by, found.enforced_after),
        f"{found.let_through_before} + {found.let_through_after} of {found.attempts}",
        f"{found.rest_stopped} of {found.rest}",
        f"{found.good_touched} of {found.good}",
        lasting(found.clock),
    )


def _point(number: int, after: float | None) -> str:
    return "never" if after is None else f"try {number}, {lasting(after)}"


@contextlib.contextmanager
def _progress() -> Iterator[Progress]:
    """Show on a terminal how far a drill is."""
    if not sys.stderr.isatty():
        yield lambda _name, _share: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        bar = bars.add_task("drill", total=1.0)
        yield lambda name, share: bars.update(bar, completed=share, description=name)
