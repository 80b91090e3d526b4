# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright: reviewtool contributors
"""`reviewtool cache`: where it is, how large, and how to be rid of it."""

from __future__ import annotations

from pathlib import Path

import click

from reviewtool.cache.disk import Cache
from reviewtool.cache.model import default_directory
from reviewtool.cli.narrate import complain
from reviewtool.cli.options import configuration
from reviewtool.cli.output import write
from reviewtool.report.visible import visible

_MIB = 1024 * 1024


@click.group("cache", invoke_without_command=True, short_help="Show where the cache is and how large, or clear it.")
@click.option("--cache-dir", type=click.Path(file_okay=False, path_type=Path), help="Where the cache is.")
@click.option("--config", type=click.Path(dir_okay=False, path_type=Path), help="Configuration file.")
@click.option("--no-config", is_flag=True, help="Use no configuration but the options.")
@click.pass_context
def command(context: click.Context, cache_dir: Path | None, config: Path | None, no_config: bool) -> None:
    """Show where the cache is and how large, or clear it."""
    known = configuration(config, no_config).cache_dir
    directory = cache_dir or (Path(known).expanduser() if known else default_directory())
    context.obj = directory
    if context.invoked_subcommand is not None:
        return
    if not directory.is_dir():
        write([f"{visible(str(directory))}: nothing there yet\n"])
        return
    cache = Cache(directory, tell=complain)
    stats = cache.stats()
    cache.close()
    size = f"{stats.bytes / _MIB:.1f} of at most {stats.max_bytes / _MIB:.0f} MiB"
    write([f"{visible(str(stats.file or directory))}: {stats.entries} entries, {size}\n"])


@command.command("clear")
@click.pass_obj
def clear(directory: Path) -> None:
    """Forget everything that was kept."""
    if directory.is_dir():
        cache = Cache(directory, tell=complain)
        cache.clear()
        cache.close()
