"""What a command shows: results on standard output, progress and words on standard error."""

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import Annotated, Any, ParamSpec

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from dispatch.cli import trouble

P = ParamSpec("P")
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of words; no progress bar.")]

BROKEN = 1
INTERRUPTED = 130


def plainly(verb: Callable[P, int | None]) -> Callable[P, None]:
    """The function as a command: its number is the exit code, and an expected error is one line on standard error."""

    @wraps(verb)
    def command(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            code = verb(*args, **kwargs)
        except typer.Exit:
            raise
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None
        except Exception as error:
            said = trouble.line(error)
            if said is None:
                raise
            sys.stderr.write(f"citong: {said}\n")
            raise typer.Exit(BROKEN) from None
        raise typer.Exit(code or 0)

    return command


def words(text: str = "") -> None:
    """A line for people, never wrapped."""
    _write(text)


def data(value: Any) -> None:
    """One JSON object."""
    _write(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def _write(text: str) -> None:
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has seen enough; the interpreter's own last flush must not fail either
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit from None


def table(heads: Sequence[str], lines: Iterable[Sequence[str]]) -> None:
    shown = Table(*heads, box=None, pad_edge=False, show_edge=False)
    for line in lines:
        shown.add_row(*line)
    Console().print(shown)


class Bar:
    """One bar on standard error; ``quiet`` draws nothing."""

    def __init__(self, progress: Progress | None, task: TaskID | None):
        self._progress, self._task = progress, task

    def at(self, stage: str, done: float, of: float = 1.0) -> None:
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, description=stage, completed=done, total=of)


@contextmanager
def bar(title: str, *, quiet: bool) -> Iterator[Bar]:
    """A bar while the block runs. On anything but a terminal only its end is shown."""
    if quiet:
        yield Bar(None, None)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        yield Bar(progress, progress.add_task(title, total=1.0))
