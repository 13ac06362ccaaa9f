"""How a watched topic looks in a terminal: one line an entry, what is said about the line itself apart from it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from volunteer.client import Down, Entry, Fresh, Told, Up

# The colours say what they say on the board: seats filled, asked for, and lost.
_GOOD: Final = {"accepted", "checked_in", "completed", "confirmed", "published", "ready"}
_ASKED: Final = {"offered", "standby", "running", "locked"}
_LOST: Final = {"cancelled", "released", "declined", "expired", "no_show", "withdrawn", "failed", "postponed"}
_WHY: Final = {
    "epoch": "the database was restored: numbers start over",
    "old": "what lay before is no longer told here",
    "ahead": "the server stands before that number: it was restored from a backup",
}


def show(told: Told, server: str, *, several: bool) -> None:
    """Entries on standard output, the rest on standard error."""
    match told:
        case Entry():
            Console(highlight=False).print(line(told, several=several), soft_wrap=True)
        case Fresh(topic, seq, why):
            _aside(f"{topic}: {_WHY.get(why, why)}; on from number {seq}")
        case Up():
            _aside(f"connected to {server}")
        case Down(code, seconds):
            _aside(f"the line is down ({code}); back in {seconds:.1f} s, nothing is lost")


def _aside(text: str) -> None:
    Console(stderr=True, highlight=False).print(Text(f"· {text}", style="dim"), soft_wrap=True)


def line(entry: Entry, *, several: bool) -> Text:
    """``21:04:05 #982 assignment.accepted  南音进校园  3/4``"""
    at = datetime.fromisoformat(entry.at).astimezone()
    text = Text(f"{at:%H:%M:%S} ", style="dim")
    if several:
        text.append(f"{entry.topic} ", style="cyan")
    text.append(f"#{entry.seq} ", style="dim")
    verb = entry.kind.rpartition(".")[2]
    style = "green" if verb in _GOOD else "yellow" if verb in _ASKED else "red" if verb in _LOST else "bold"
    text.append(f"{entry.kind:<22}", style=style)
    for part in facts(entry.data):
        text.append(f"  {part}")
    if not entry.data and entry.id:
        text.append(f"  {entry.id}", style="dim")
    return text


def facts(data: Mapping[str, Any]) -> list[str]:
    """What an entry carries, in few words: the shift with its counts, else plain values by their names."""
    bar = data.get("bar")
    if isinstance(bar, Mapping):
        asked = f" +{bar['offered']}?" if bar.get("offered") else ""
        return [str(bar.get("title", "")), f"{bar.get('filled')}/{bar.get('desired')}{asked}"]
    found = []
    for name, value in data.items():
        if isinstance(value, Mapping):
            inner = {key: one for key, one in value.items() if key in ("state", "status", "title")}
            found += [str(one) for one in inner.values()]
        elif isinstance(value, str | int | float | bool):
            found.append(f"{name}={value}")
    return found
