# SPDX-License-Identifier: Apache-2.0
"""``nacre replay``: what nacre would have done to a log."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import sys
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from nacre.cli.exits import ExitCode
from nacre.cli.options import AsJson, Config, examples
from nacre.cli.output import show_json
from nacre.heap import collect_seldom

if TYPE_CHECKING:
    from nacre.config.tree import Settings
    from nacre.learning.train import Trained
    from nacre.replay.learn import Learning
    from nacre.replay.record import Recorded, Tally
    from nacre.replay.summary import Summary


class LogFormat(StrEnum):
    """Formats of :mod:`nacre.replay.open`."""

    SSHD = "sshd"
    SYSLOG = "syslog"
    JOURNAL = "journal"
    NDJSON = "ndjson"
    CSV = "csv"


def replay(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="Logs, plain or packed, in any order; - reads standard input."),
    ],
    *,
    log_format: Annotated[
        LogFormat | None, typer.Option("--format", help="What the files hold; recognised without.")
    ] = None,
    year: Annotated[
        int | None, typer.Option("--year", min=1970, max=9999, help="Of the first line, where stamps name none.")
    ] = None,
    timezone: Annotated[
        str, typer.Option("--timezone", metavar="ZONE", help="Of stamps that name none, such as Europe/Berlin.")
    ] = "UTC",
    decisions: Annotated[
        Path | None,
        typer.Option(
            "--decisions",
            metavar="OUT.csv",
            dir_okay=False,
            help="Write request_id,score,decision,score_accept here.",
        ),
    ] = None,
    feedback: Annotated[
        Path | None,
        typer.Option(
            "--feedback",
            metavar="FILE",
            dir_okay=False,
            exists=True,
            help="NDJSON of what was said of attempts: request_id, is_attack, source, available_at.",
        ),
    ] = None,
    train_at: Annotated[
        str | None, typer.Option("--train-at", metavar="TIME", help="Train then: Unix seconds or ISO 8601.")
    ] = None,
    train_every: Annotated[
        str | None, typer.Option("--train-every", metavar="DURATION", help="And again each so often: 24h, 7d.")
    ] = None,
    top: Annotated[int, typer.Option("--top", min=1, help="Sources and logins to list.")] = 10,
    as_json: AsJson = False,
    config: Config = None,
) -> ExitCode:
    """Tell what nacre would have done to a log: through the service's own code, in the time of the log."""
    from nacre.cli.replay_report import report
    from nacre.config.load import load_settings
    from nacre.logs import configure_logs
    from nacre.replay.open import read_all
    from nacre.replay.record import Tally

    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # training is the same to the bit only on one thread
    settings = load_settings(config, os.environ)
    configure_logs("error")
    zone, tally = _zone(timezone), Tally()
    learning = _learning(train_at, train_every, feedback, zone)

    def read() -> Iterator[Recorded]:
        return read_all(files, format=log_format.value if log_format else None, year=year, timezone=zone, tally=tally)

    with _written(decisions) as output:
        summary = _replay(_readable(read), settings, tally, output, learning)
    if as_json:
        show_json(summary)
    else:
        report(summary, zone=zone, top=top)
    return ExitCode.DONE


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        epilog=examples(
            "nacre replay /var/log/auth.log*",
            "journalctl -u ssh -o json | nacre replay --json -",
            "nacre replay --format ndjson --decisions decided.csv attempts.jsonl",
            "nacre replay --format ndjson --train-at 2026-03-09 --train-every 24h --feedback said.jsonl attempts.jsonl",
        )
    )(replay)


def _zone(name: str) -> dt.tzinfo:
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        raise typer.BadParameter(
            f"{name!r} is no time zone; name one like UTC or Europe/Berlin", param_hint="--timezone"
        ) from None


def _readable(read: Callable[[], Iterator[Recorded]]) -> Iterator[Recorded]:
    """Yield attempts; a file that cannot be used at all is the caller's mistake."""
    try:
        yield from read()
    except OSError as error:
        raise typer.BadParameter(f"{error.filename}: {error.strerror}", param_hint="FILE") from error
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="FILE") from error


@contextlib.contextmanager
def _written(path: Path | None) -> Iterator[TextIO | None]:
    if path is None:
        yield None
        return
    try:
        file = path.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise typer.BadParameter(f"{path}: {error.strerror}", param_hint="--decisions") from error
    with file:
        yield file


def _learning(train_at: str | None, train_every: str | None, feedback: Path | None, zone: dt.tzinfo) -> Learning:
    from nacre.config.duration import Duration
    from nacre.replay.learn import Learning, Schedule, read_feedback

    schedule = None
    if train_at is not None:
        try:
            every = float(Duration.parse(train_every)) if train_every else 0.0
            schedule = Schedule(_seconds(train_at, zone), every)
        except ValueError as error:
            raise typer.BadParameter(str(error), param_hint="--train-at, --train-every") from None
    elif train_every is not None:
        raise typer.BadParameter("say from when on with --train-at", param_hint="--train-every")
    try:
        rows = read_feedback(feedback) if feedback is not None else ()
    except (OSError, ValueError) as error:
        raise typer.BadParameter(str(error), param_hint="--feedback") from None
    return Learning(schedule, rows, _tell)


def _seconds(text: str, zone: dt.tzinfo) -> float:
    try:
        return float(text)
    except ValueError:
        time = dt.datetime.fromisoformat(text)
        return (time if time.tzinfo else time.replace(tzinfo=zone)).timestamp()


def _tell(now: float, trained: Trained | None, why: str) -> None:
    """Say on standard error what became of a training."""
    when = dt.datetime.fromtimestamp(now, dt.UTC).isoformat(timespec="seconds")
    if trained is None:
        sys.stderr.write(f"{when}: no model: {why}\n")
        return
    found = trained.model.artifact.provenance["rows"]
    judged = ""
    if trained.report is not None:
        tries = next(at for at in trained.report.compared.challenger.tries if at.budget == 1e-3)
        judged = f"; on the newest rows {tries.recall:.1%} of tries at 0.1 % of legitimate attempts"
    kept = f"; not used: {why}" if why else ""
    sys.stderr.write(f"{when}: model {trained.model.version} from {sum(found.values()):,} rows{judged}{kept}\n")


def _replay(
    attempts: Iterator[Recorded], settings: Settings, tally: Tally, output: TextIO | None, learning: Learning
) -> Summary:
    import uvloop

    from nacre.replay.run import replay as run

    collect_seldom()
    with _progress(tally) as advance:
        return uvloop.run(run(attempts, settings, tally=tally, decisions=output, learning=learning, progress=advance))


@contextlib.contextmanager
def _progress(tally: Tally) -> Iterator[Callable[[], None]]:
    """Show on a terminal how much has been read."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.fields[attempts]:,} attempts"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("replay", total=1.0, attempts=0)
        yield lambda: progress.update(task, completed=tally.share, attempts=tally.attempts)
