"""Known ways between places, from a table that the policy names: whoever has a road network can bring its distances.

The table (CSV, UTF-8) has the columns ``from``, ``to``, ``km``; a place is a venue's id or a region's code, and a way
is as long back as forth. A venue that is not named takes the ways of its region.
"""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from dispatch.planner.problem import Roads
from dispatch.settings import policy
from volunteer.errors import Fault, Invalid

COLUMNS = ("from", "to", "km")
LONGEST = 20_000.0
MOST_FAULTS = 50

Ways = Mapping[tuple[str, str], float]


def between(venues: Sequence[tuple[str, str]]) -> Roads | None:
    """The known ways between these venues (id, region); none when the policy names no table, or one that knows none."""
    path = policy().roads
    if not path:
        return None
    if not Path(path).is_file():
        raise Invalid(
            [
                Fault(
                    "roads",
                    f"找不到路程表 {path}；请改正或清空该设置",
                    f"no table at {path}; mend or empty the setting",
                )
            ]
        )
    ways, places = _table(Path(path))
    known = [(venue, region) for venue, region in venues if venue in places or region in places]
    rows = tuple(tuple(_way(ways, here, there) for there in known) for here in known)
    return Roads(tuple(venue for venue, _ in known), rows) if known else None


def _way(ways: Ways, here: tuple[str, str], there: tuple[str, str]) -> float:
    """The closest word on the way from one venue to the other: their own, then their regions'; -1 = none."""
    if here == there:
        return 0.0
    here, there = sorted((here, there))
    for one in here:
        for other in there:
            if (one, other) in ways:
                return ways[one, other]
    return -1.0


_READ: dict[tuple[Path, int], tuple[Ways, frozenset[str]]] = {}


def _table(path: Path) -> tuple[Ways, frozenset[str]]:
    """Read once for as long as the file stays as it is."""
    key = path, path.stat().st_mtime_ns
    if key not in _READ:
        ways = read(path)
        _READ.clear()
        _READ[key] = ways, frozenset(place for pair in ways for place in pair)
    return _READ[key]


def read(path: Path) -> Ways:
    """The ways in a table, both directions of each. Raises :class:`Invalid` naming every faulty row."""
    faults: list[Fault] = []
    ways: dict[tuple[str, str], float] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        if missing := [name for name in COLUMNS if name not in (rows.fieldnames or ())]:
            raise Invalid([Fault(path.name, f"缺少列 {'、'.join(missing)}", f"lacks the columns {', '.join(missing)}")])
        for number, row in enumerate(rows, 2):
            here, there, far = (str(row[name] or "").strip() for name in COLUMNS)
            km = _kilometres(far)
            if not here or not there or km is None or ways.get((here, there), km) != km:
                faults.append(_fault(path.name, number, here, there, far))
                if len(faults) == MOST_FAULTS:
                    break
                continue
            ways[here, there] = ways[there, here] = km
    if faults:
        raise Invalid(faults)
    return ways


def _fault(name: str, number: int, here: str, there: str, far: str) -> Fault:
    return Fault(
        f"{name}:{number}",
        f"“{here}”到“{there}”的“{far}”公里有误：两地都要填写，公里数为 0 到 {LONGEST:.0f}，往返只写一个数",
        f"{far!r} km from {here!r} to {there!r}: name both places, 0 to {LONGEST:.0f} km, one figure for both ways",
    )


def _kilometres(cell: str) -> float | None:
    try:
        km = float(cell)
    except ValueError:
        return None
    return km if 0 <= km <= LONGEST else None
