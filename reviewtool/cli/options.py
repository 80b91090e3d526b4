# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""The options that several commands have, and how they become settings."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from reviewtool.config.settings import ConfigError, Configuration, load
from reviewtool.review.request import Settings
from reviewtool.ruleset.model import Group, Severity

F = TypeVar("F", bound=Callable[..., Any])

DIRECTORY = click.Path(exists=True, file_okay=False, path_type=Path)
"""A directory that is there."""

_CONFIG = (
    click.option("--config", type=click.Path(dir_okay=False, path_type=Path), help="Configuration file."),
    click.option("--no-config", is_flag=True, help="Use no configuration but the options."),
)
_RULES = (
    click.option("--rules", multiple=True, type=DIRECTORY, help="Directory of further rules; may be repeated."),
    click.option("--disable", multiple=True, metavar="RULE", help="Do not use this rule; may be repeated."),
)
_WORK = (
    click.option("--tree", type=DIRECTORY, help="Kernel repository or directory (default: the one you are in)."),
    click.option("--base", metavar="REV", help="Revision of the tree to use, whatever the thread says."),
    click.option("--group", "groups", multiple=True, metavar="GROUP",
                 type=click.Choice([group.value for group in Group]),
                 help="Use only rules of this group; may be repeated."),
    click.option("--cache-dir", type=click.Path(file_okay=False, path_type=Path), help="Where the cache is."),
    click.option("--no-cache", is_flag=True, help="Read and write no cache."),
    click.option("--pre-existing/--no-pre-existing", default=None, help="Report what the base has already, too."),
    click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Processes that read sources at a time."),
)  # fmt: skip
_STATUS = (
    click.option("--fail-on", type=click.Choice(["error", "warning"]),
                 help="The least severity that makes the exit status 1 (default: warning)."),
)  # fmt: skip
_REPORT = (
    click.option("--format", "format_", metavar="FORMAT", help="Format of the report (default: text)."),
    click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="File for the report."),
)  # fmt: skip


compare_option = click.option(
    "--compare/--no-compare", default=True, show_default=True,
    help="Compare with the revision before, if the thread has it.",
)  # fmt: skip


def rule_options(command: F) -> F:
    """--rules, --disable, --config and --no-config."""
    return _with(command, _RULES + _CONFIG)


def work_options(command: F) -> F:
    """All that a review and an audit have in common."""
    return _with(command, _WORK + _STATUS + _REPORT + _RULES + _CONFIG)


def engine_options(command: F) -> F:
    """All that a command has which works as a review does but writes no report."""
    return _with(command, _WORK + _STATUS + _RULES + _CONFIG)


def ui_options(command: F) -> F:
    """What the terminal UI has of them: all but those about the report."""
    return _with(command, _WORK + _RULES + _CONFIG)


def _with(command: F, options: tuple[Callable[[F], F], ...]) -> F:
    for option in reversed(options):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Configuration and options of a command, put together."""

    settings: Settings
    fail_on: Severity
    format: str
    output: Path | None
    configuration: Configuration


def configuration(config: Path | None, no_config: bool) -> Configuration:
    """The user's configuration. Raises click.UsageError if it cannot be used."""
    if no_config:
        if config is not None:
            raise click.UsageError("--config and --no-config exclude each other", click.get_current_context())
        return Configuration()
    try:
        return load(config)
    except ConfigError as error:
        raise click.UsageError(str(error)) from None


def rule_choice(options: dict[str, Any], known: Configuration) -> tuple[tuple[Path, ...], frozenset[str]]:
    """The directories of rules and the disabled ids."""
    rules = (*(Path(name).expanduser() for name in known.rules), *options["rules"])
    return rules, frozenset((*known.disable, *options["disable"]))


def ratings(known: Configuration) -> dict[str, Severity]:
    """Severities in place of the rules' own, by the rule's id."""
    return {name: Severity(severity) for name, severity in known.severity.items()}


def wanted(options: dict[str, Any]) -> Wanted:
    """What the options and the configuration ask for. Raises click.UsageError."""
    known = configuration(options["config"], options["no_config"])
    rules, disable = rule_choice(options, known)
    settings = Settings(
        tree=options["tree"] or _configured_tree(known),
        base=options["base"],
        rules=rules,
        disable=disable,
        severity=ratings(known),
        groups=frozenset(Group(name) for name in options["groups"]),
        cache_dir=options["cache_dir"] or (Path(known.cache_dir).expanduser() if known.cache_dir else None),
        no_cache=options["no_cache"],
        pre_existing=bool(_first(options["pre_existing"], known.pre_existing, False)),
        jobs=_jobs(_first(options["jobs"], known.jobs, len(os.sched_getaffinity(0)))),
    )
    return Wanted(
        settings=settings,
        fail_on=Severity(_first(options.get("fail_on"), known.fail_on, Severity.WARNING)),
        format=_known_format(_first(options.get("format_"), known.format, "text")),
        output=options.get("output"),
        configuration=known,
    )


def _first(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def _jobs(number: int) -> int:
    if number < 1:
        raise click.UsageError(f"jobs has to be 1 or more, not {number}")
    return number


def _configured_tree(known: Configuration) -> Path | None:
    if not known.tree:
        return None
    tree = Path(known.tree).expanduser()
    if not tree.is_dir():
        raise click.UsageError(f"the configured tree {tree} is no directory; correct it or give --tree")
    return tree


def _known_format(name: str) -> str:
    from reviewtool.report.formats import FORMATS

    if name not in FORMATS:
        raise click.UsageError(f"unknown format {name}; there is {', '.join(sorted(FORMATS))}")
    return name
