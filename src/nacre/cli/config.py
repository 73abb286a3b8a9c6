# SPDX-License-Identifier: Apache-2.0
"""``nacre config``: what a file of settings does, and how to begin one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from nacre.cli.exits import ExitCode
from nacre.cli.options import AsJson, Config, examples, group
from nacre.cli.output import emit, show, show_json

app = group("Check, begin and show settings.")

WARNING = "Warning: "


@app.command(epilog=examples("nacre config check nacre.yml"))
def check(file: Annotated[Path, typer.Argument(help="Settings in YAML.")], *, as_json: AsJson = False) -> ExitCode:
    """Explain in sentences what a file does, warnings first; NACRE_ variables count, as for the service."""
    from nacre.config.explain import explain
    from nacre.config.load import load_settings

    sentences = explain(load_settings(file, os.environ))
    if as_json:
        warnings = [sentence.removeprefix(WARNING) for sentence in sentences if sentence.startswith(WARNING)]
        told = [sentence for sentence in sentences if not sentence.startswith(WARNING)]
        show_json({"file": str(file), "warnings": warnings, "explained": told})
    else:
        for sentence in sentences:
            show(sentence)
    return ExitCode.DONE


@app.command(epilog=examples("nacre config example > nacre.yml"))
def example(*, as_json: AsJson = False) -> ExitCode:
    """Print a file with every setting, its sentence and its default; as JSON, the defaults alone."""
    import msgspec

    from nacre.config.example import example as file
    from nacre.config.tree import Settings

    if as_json:
        show_json(msgspec.to_builtins(Settings(), enc_hook=str))
    else:
        emit(file())
    return ExitCode.DONE


@app.command("show", epilog=examples("nacre config show --config nacre.yml"))
def show_(*, as_json: AsJson = False, config: Config = None) -> ExitCode:
    """Print the settings as the service would take them from the file and the environment."""
    import msgspec
    import yaml

    from nacre.config.explain import explain
    from nacre.config.load import load_settings

    settings = load_settings(config, os.environ)
    plain: dict[str, Any] = msgspec.to_builtins(settings, enc_hook=str)
    if as_json:
        show_json({"settings": plain, "explained": explain(settings)})
    else:
        emit(yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=100))
    return ExitCode.DONE
