# SPDX-License-Identifier: Apache-2.0
"""``python -m evaluation``: simulate traffic, judge decisions, or do all of it for some seeds."""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from evaluation.real import tell
from evaluation.report import as_values, show, show_details
from evaluation.run import STORIES, Aims, Outcome, Replays, assess, run_stories
from evaluation.study import read_truth
from evaluation.stuffing import SITES, Told, play
from evaluation.traffic.simulate import FULL, Story, simulate
from evaluation.traffic.write import write


def main(arguments: list[str] | None = None) -> int:
    """Run the command that the arguments name and return its exit code."""
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except (OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m evaluation", description="Judge detection on simulated traffic.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    made = commands.add_parser(
        "simulate",
        help="write events, truth and feedback of one study",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    _describe(made)
    made.add_argument("--seed", type=int, default=1, help="another seed, another site and other campaigns")
    made.add_argument("--out", type=Path, required=True, help="folder for events.jsonl, truth.csv and feedback.jsonl")
    made.set_defaults(command=_simulate)
    judged = commands.add_parser(
        "judge", help="judge decisions about one study", formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    judged.add_argument("decisions", type=Path, help="CSV: request_id,score,decision,score_accept")
    judged.add_argument("--study", type=Path, required=True, help="folder with events.jsonl and truth.csv")
    judged.add_argument("--other", type=Path, help="decisions of another system, such as rules alone, to print beside")
    judged.add_argument(
        "--from", dest="since", type=float, help="Unix seconds from which to judge; 60 %% of the time if not given"
    )
    _aim(judged)
    judged.set_defaults(command=_judge)
    shipped = commands.add_parser(
        "default-model",
        help="train the model that nacre comes with",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    shipped.add_argument("--events", type=int, default=150_000, help="logins of each simulated site, about")
    shipped.add_argument("--rows", type=int, default=140_000, help="attempts to learn from, of all sites")
    shipped.add_argument("--out", type=Path, default=Path("src/nacre/learning/default.model"))
    shipped.add_argument("--prior", type=Path, default=Path("src/nacre/learning/prior.npz"))
    shipped.set_defaults(command=_ship)
    real = commands.add_parser(
        "real",
        help="replay real logs, with the network and by the rules alone",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    real.add_argument("--data", type=Path, default=Path("../shared/data/events"), help="folder of events-*.csv.gz")
    real.add_argument("--out", type=Path, default=Path("var/evaluation"), help="folder for what comes out")
    real.set_defaults(command=_real)
    stuffed = commands.add_parser(
        "stuffing",
        help="try a leaked list on many sites, each in a circle of watch, plan and measures",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    stuffed.add_argument("sites", nargs="*", metavar="SITE", help="all of them if none is named")
    stuffed.add_argument("--seed", type=int, default=1, help="another seed, other people and another list")
    stuffed.add_argument("--json", action="store_true", help="print one JSON document instead of a table")
    stuffed.set_defaults(command=_stuff)
    ran = commands.add_parser(
        "run", help="simulate, replay through nacre and judge", formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    ran.add_argument("--seeds", type=_numbers, default=[1], help="such as 1,2,3: each is a study of its own")
    ran.add_argument(
        "--stories", type=_names, default=["base"], help=f"some of {','.join(STORIES)}; put base first for losses"
    )
    ran.add_argument("--events", type=int, default=FULL, help="logins of each study, about")
    ran.add_argument("--days", type=int, default=14, help="days of each study")
    ran.add_argument("--out", type=Path, default=Path("var/evaluation"), help="folder for the files of the studies")
    ran.add_argument("--train-every", default="24h", help="how often nacre trains")
    ran.add_argument(
        "--replay-option", action="append", default=[], metavar="TEXT", help="one more for nacre replay; may repeat"
    )
    ran.add_argument("--rules-alone", action="store_true", help="replay once more without training and print it beside")
    _aim(ran)
    ran.set_defaults(command=_run)
    return parser


def _aim(parser: argparse.ArgumentParser) -> None:
    """Add the options of every judgement."""
    parser.add_argument(
        "--aim-s", type=float, default=Aims().s, help="share of right passwords that the system says it refuses"
    )
    parser.add_argument(
        "--aim-a", type=float, default=Aims().a, help="share of all legitimate logins that it says it refuses"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of tables")
    parser.add_argument("--details", action="store_true", help="also print figures without a bar, and each kind")


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def _names(text: str) -> list[str]:
    names = text.split(",")
    if set(names) - set(STORIES):
        raise argparse.ArgumentTypeError(f"the stories are {', '.join(STORIES)}")
    return names


def _describe(parser: argparse.ArgumentParser) -> None:
    """Add the options that tell a story."""
    parser.add_argument("--events", type=int, default=FULL, help="logins, about; far more come out below 20000")
    parser.add_argument("--days", type=int, default=14, help="days, 2 or more")
    parser.add_argument(
        "--attacks", choices=("all", "none", "after-TRAIN"), default="all", help="when there are attacks"
    )
    parser.add_argument(
        "--clients", choices=("own", "customers"), default="own", help="client strings that attackers send"
    )
    parser.add_argument(
        "--lies", type=int, default=0, metavar="N", help="false claims of 'that was me' in the feedback"
    )
    parser.add_argument("--flood", action="store_true", help="a flood in the last days of training")


def _simulate(options: argparse.Namespace) -> int:
    began = time.perf_counter()
    study = simulate(
        Story(options.seed, options.events, options.days, options.attacks, options.clients, options.lies, options.flood)
    )
    write(study, options.out)
    rows, span = study.rows, study.world.people.span
    print(f"{options.out}: {len(rows):,} events of {study.world.people.size:,} users")
    print(f"simulated and written in {time.perf_counter() - began:.1f} s")
    print(f"{rows['attack'].sum():,} tries, {(rows['attack'] & rows['success']).sum():,} of them right")
    print(f"judged from {span.train:.0f} on")
    return 0


def _ship(options: argparse.Namespace) -> int:
    from evaluation.default_model import make  # noqa: PLC0415  it fixes the threads of the linear algebra first

    make(options.events, options.rows, options.out, options.prior)
    return 0


def _real(options: argparse.Namespace) -> int:
    table = Table("log", "", "label", "attempts", "refused", "mean score", title="Real logs")
    for told in tell(options.data, options.out):
        for label, count in told.attempts.most_common():
            table.add_row(
                told.name, told.how, label, f"{count:,}", f"{told.refused[label]:,}", f"{told.scored[label]:.3f}"
            )
    Console(width=None if sys.stdout.isatty() else 120).print(table)
    return 0


def _stuff(options: argparse.Namespace) -> int:
    unknown = set(options.sites) - set(SITES)
    if unknown:
        raise ValueError(f"there is no site {min(unknown)!r}; there are {'; '.join(SITES)}")
    found = {name: play(SITES[name], options.seed) for name in options.sites or SITES}
    if options.json:
        print(msgspec.json.encode(found).decode())
        return 0
    columns = ("site", "named after", "rest stopped", "good met", "estimated", "of a day's budget", "right let in")
    table = Table(*columns, title="Leaked lists")
    for name, told in found.items():
        table.add_row(name, *_cells(told))
    Console(width=None if sys.stdout.isatty() else 140).print(table)
    return 0


def _cells(told: Told) -> tuple[str, ...]:
    return (
        f"{told.named}",
        f"{told.stopped / told.rest:.1%}" if told.rest else "",
        f"{told.met} of {told.good:,}",
        f"{told.expected:.1f}",
        f"{told.day:.2f}",
        f"{told.let_in} of {told.right}",
    )


def _judge(options: argparse.Namespace) -> int:
    aims = Aims(options.aim_s, options.aim_a)
    truth = read_truth(options.study / "events.jsonl", options.study / "truth.csv", options.since)
    ours, bars = assess(truth, options.decisions, aims)
    others = [assess(truth, options.other, aims)[0]] if options.other else None
    return _print(options, {str(options.decisions): Outcome([ours], bars, others)})


def _run(options: argparse.Namespace) -> int:
    found = run_stories(
        options.stories,
        options.seeds,
        Story(events=options.events, days=options.days),
        options.out,
        aims=Aims(options.aim_s, options.aim_a),
        plan=Replays(options.train_every, tuple(options.replay_option), options.rules_alone),
    )
    return _print(options, found)


def _print(options: argparse.Namespace, found: dict[str, Outcome]) -> int:
    """Print the figures and return 1 if a bar is missed."""
    if options.json:
        print(msgspec.json.encode([as_values(name, *each) for name, each in found.items()]).decode())
    else:
        console = Console(width=None if sys.stdout.isatty() else 120)
        for name, (figures, bars, others) in found.items():
            show(
                console, f"{name}, {len(figures)} {'study' if len(figures) == 1 else 'studies'}", bars, figures, others
            )
            if options.details:
                show_details(console, figures, others)
    verdicts = [
        bar.verdict([each.get(bar.figure, math.nan) for each in figures])
        for figures, bars, _ in found.values()
        for bar in bars
    ]
    return int("missed" in verdicts)


if __name__ == "__main__":
    sys.exit(main())
