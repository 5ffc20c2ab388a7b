"""Commands whose code is imported when one of them is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import click
from flask.cli import AppGroup


class LateGroup(AppGroup):
    """A group of commands that are fetched at the first look at them: a web worker runs none.

    Args:
        name: What the group is called.
        help_text: What it is for, in one line.
        source: Imports the commands and returns them by their names.
    """

    def __init__(self, name: str, help_text: str, source: Callable[[], Mapping[str, click.Command]]) -> None:
        super().__init__(name, help=help_text)
        self._sources = [source]

    def also(self, source: Callable[[], Mapping[str, click.Command]]) -> None:
        """Have more commands, those of `source`."""
        self._sources.append(source)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        self._fetch()
        return super().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command called `cmd_name`."""
        self._fetch()
        return super().get_command(ctx, cmd_name)

    def _fetch(self) -> None:
        while self._sources:
            self.commands.update(self._sources.pop()())
