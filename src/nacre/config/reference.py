# SPDX-License-Identifier: Apache-2.0
"""
The reference of all settings, made from the tree.

``python -m nacre.config.reference > docs/reference/settings.md`` writes it; a test compares the two.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from msgspec import NODEFAULT

from nacre.config.environment import RESERVED
from nacre.config.example import scalar
from nacre.config.paths import NEEDS_RESTART
from nacre.config.schema import group_of, nested
from nacre.config.shapes import Field, Group, Items
from nacre.config.tree import Rule, Settings

_HEAD = f"""\
# Settings

One YAML file, every setting with a default that protects: nacre runs without any file. Made from the source by
`python -m nacre.config.reference`; change it there.

```console
$ nacre config example > nacre.yml    # every setting, its sentence and its default
$ nacre config check nacre.yml        # what the file does, in sentences, with warnings
$ nacre serve --config nacre.yml
```

A file holds what differs from the defaults, and nothing else:

```yaml
server:
  trusted_proxies: [192.0.2.10]
brute_force:
  tolerate_percent: 10
```

## How a file is read

- Unknown keys are refused, with the nearest name that would do. So is a key that stands twice.
- A key with nothing behind it counts as not set.
- Durations are written as in Go: `90s`, `15m`, `1h30m`, `250ms`; `d` stands for days. A plain number is seconds.
- `true` and `false` are the only truth values. Texts need no quotes, whatever they look like: `name: no` is a name.
- A list may be written as one text with commas in it, if its items are single values.
- Anchors, aliases and merge keys (`<<`) work. Sections whose names begin with `x-` are read for their anchors only.
- Secrets never stand in the file: it names files that hold them, and digests of keys.

## The environment

A variable replaces the setting whose name it spells, `NACRE_` first and two underscores between levels:

```console
$ NACRE_SERVER__LISTEN=0.0.0.0:9080 NACRE_BRUTE_FORCE__IP_WHITELIST=10.0.0.0/8,::1 nacre serve
```

Lists of sections and mappings are written as in YAML. An empty variable counts as not set. A variable that begins
with `NACRE_` and names no setting is refused, except those that Kubernetes sets for a service called nacre, and
those that the command line reads: {", ".join(f"`{name}`" for name in sorted(RESERVED))}.

## Changing settings while the service runs

The service reads its file again on `SIGHUP`. If the file cannot be used, the old settings stay in force and the log
says why. No state is lost. What has been counted stays counted under the name of its rule.
Everything takes effect at once, except what needs a restart:
{", ".join(f"`{name}`" for name in NEEDS_RESTART)}.

## Coming from Nauthilus

The section `brute_force` of a Nauthilus file (1.7 to 3) loads as it is. In a file of version 3 it stands at
`auth.controls.brute_force` and has to be moved to the left margin. Other sections are refused by name, so that
nobody believes in a setting that nothing reads. What differs:

- `period: 60` is a minute. Nauthilus takes a plain number as nanoseconds.
- Every block ends after `ban_time`. Files older than 2.0 have none: it is 8h for them.
- A value of 0 is 0. It means "not set" only where the tables say so, as in Nauthilus.
- `learning` takes the long names of that manual too: `realtime_blackhole_lists`, `cleartext_networks`.
- No two rules have one name, and `cidr` fits the address family.
"""


def reference() -> str:
    """
    Return the reference as Markdown.

    >>> reference().splitlines()[0]
    '# Settings'
    """
    return "\n".join([_HEAD, *_section("", group_of(Settings))]).rstrip("\n") + "\n"


def _section(path: str, group: Group) -> Iterator[str]:
    plain = [field for field in group.fields.values() if not (nested(field) and not isinstance(field.shape, Items))]
    if plain:
        yield "| setting | type | range | default | what it does |"
        yield "|---|---|---|---|---|"
        yield from (_row(f"{path}{field.name}", field) for field in plain)
        yield ""
    for field in group.fields.values():
        inner = nested(field)
        if inner:
            name = f"{path}{field.name}{'[]' if isinstance(field.shape, Items) else ''}"
            yield f"{'#' * min(name.count('.') + 2, 4)} `{name}`"
            yield ""
            yield (inner.section.__doc__ or "").strip().splitlines()[0]
            yield ""
            yield from _section(f"{name}.", inner)


def _row(path: str, field: Field) -> str:
    about = field.about
    if field.also:
        about += f" Also spelled {' or '.join(f'`{name}`' for name in field.also)}."
    if field.unset is not None:
        about += f" {field.unset} counts as not set."
    return f"| `{path}` | {field.shape.kind} | {field.shape.limits} | {_default(field)} | {about} |"


def _default(field: Field) -> str:
    if field.default is NODEFAULT:
        return "required"
    if field.default is None:
        return "none"
    if isinstance(field.default, tuple) and any(isinstance(each, Rule) for each in field.default):
        return ", ".join(f"`{rule.name}`" for rule in field.default)
    return f"`{scalar(field.default)}`"


if __name__ == "__main__":
    sys.stdout.write(reference())
