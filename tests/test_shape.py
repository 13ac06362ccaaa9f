"""The shape of the tree: sizes, names, locks and words. A broken rule is told with its place, all places at once."""

import ast
import json
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("volunteer", "dispatch")
APART = {"node_modules", "dist", "__pycache__", ".vite"}
FREE_TESTS = ("stories", "e2e", "faults")  # tests of whole days, not of one file

FILE_LINES = 400
FUNCTION_LINES = 50
VAGUE = {
    "util",
    "utils",
    "helper",
    "helpers",
    "common",
    "base",
    "manager",
    "managers",
    "core",
    "service",
    "services",
    "misc",
}

# Spelt so that this file does not break its own rule.
HOSTS = re.compile(
    r"registry\.np[m]js|registry\.npm[m]irror|py[p]i\.org|pythonho[s]ted|pypi\.[t]una|/[s]imple/", re.IGNORECASE
)
WORDS = {
    "a place of this workshop": re.compile(r"/wor[k]/(main|shared)\b|/tm[p]/c/"),
    "the number of an issue": re.compile(r"\bissue[s]? #?[0-9]|\bGH-[0-9]"),
    "work left for later": re.compile(r"\b(TO[D]O|FIX[M]E|XX[X]|HAC[K])\b"),
    "who typed it": re.compile(r"\b(Clau[d]e|Chat[G]PT|Copi[l]ot|language mode[l]|co-authored-b[y])\b", re.IGNORECASE),
}


@cache
def files(folder: str, *endings: str) -> tuple[Path, ...]:
    found = []
    for at, folders, names in os.walk(ROOT / folder):
        folders[:] = set(folders) - APART  # not walked at all: what is installed there are tens of thousands
        found += [path for path in (Path(at, name) for name in names) if path.suffix in endings]
    return tuple(sorted(found))


@cache
def named(path: Path) -> tuple[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, ...]:
    """All functions and classes of a source."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return tuple(node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef))


def sources() -> Iterator[Path]:
    for folder in (*PACKAGES, "tests"):
        yield from (path for path in files(folder, ".py") if "migrations" not in path.parts)
    yield from files("frontend", ".py", ".ts", ".vue", ".mjs", ".css")


def texts() -> Iterator[Path]:
    """All that is written by hand: sources, papers and settings."""
    endings = (
        ".py",
        ".ts",
        ".vue",
        ".mjs",
        ".css",
        ".html",
        ".md",
        ".toml",
        ".json",
        ".yml",
        ".service",
        ".txt",
        ".conf",
    )
    for folder in (*PACKAGES, "tests", "frontend", "config"):
        yield from files(folder, *endings)
    yield from (path for path in ROOT.iterdir() if path.is_file() and path.suffix in {".md", ".toml"})
    yield from (ROOT / name for name in ("Makefile", ".ci/run"))


def place(path: Path, line: int | None = None) -> str:
    return path.relative_to(ROOT).as_posix() + (f":{line}" if line else "")


def test_no_file_is_too_long() -> None:
    generated = {"frontend/src/shared/wire/schema.d.ts"}
    long = {place(path): len(path.read_text(encoding="utf-8").splitlines()) for path in sources()}
    assert {name: lines for name, lines in long.items() if lines > FILE_LINES and name not in generated} == {}


def test_no_function_is_too_long() -> None:
    long = {}
    for path in (path for path in sources() if path.suffix == ".py"):
        for node in named(path):
            if not isinstance(node, ast.ClassDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_LINES:
                    long[f"{place(path, node.lineno)} {node.name}"] = lines
    assert long == {}


def last_word(name: str) -> str:
    return re.split(r"(?=[A-Z])", name)[-1].lower()


def test_names_say_what_a_thing_is() -> None:
    vague = []
    for path in sources():
        parts = path.relative_to(ROOT).with_suffix("").parts
        if VAGUE & {word for part in parts for word in re.split(r"[^a-z]+", part.lower())}:
            vague.append(place(path))
        if path.suffix == ".py":
            classes = [node for node in named(path) if isinstance(node, ast.ClassDef)]
            vague += [f"{place(path, node.lineno)} {node.name}" for node in classes if last_word(node.name) in VAGUE]
    assert vague == []


def test_every_test_stands_beside_its_source() -> None:
    """``tests/volunteer/test_spans.py`` tests ``volunteer/spans.py``; ``test_spans_laws.py`` may tell one side of it.

    What only tests use, an oracle say, lies among the tests and has its own beside it."""
    lost = []
    for path in files("tests", ".py"):
        inside = path.relative_to(ROOT / "tests")
        if len(inside.parts) == 1 or inside.parts[0] in FREE_TESTS or not path.name.startswith("test_"):
            continue
        words = path.stem.removeprefix("test_").split("_")
        names = ["_".join(words[:count]) for count in range(len(words), 0, -1)]
        beside = [ROOT / inside.parent / name for name in names] + [path.with_name(name) for name in names]
        if not any(source.with_suffix(".py").exists() or source.is_dir() for source in beside):
            lost.append(place(path))
    assert lost == []


def test_locks_name_no_host() -> None:
    requirements = sorted((ROOT / "config").glob("requirements*.txt"))
    assert len(requirements) == 3
    for path in requirements:
        text = path.read_text(encoding="utf-8")
        assert "--hash=sha256:" in text
        assert [line for line in text.splitlines() if "://" in line or line.startswith(("-", " -i", " -f"))] == []
    lock = ROOT / "frontend" / "package-lock.json"
    if lock.exists():
        text = lock.read_text(encoding="utf-8")
        assert '"resolved"' not in text
        assert '"integrity"' in text


def test_a_part_of_the_fault_tests_is_one_promise() -> None:
    """``make faults PART=p1`` runs P-1 and not P-10 to P-19 as well; no fault test is left out of every part."""
    names = [node.name for path in files("tests/faults", ".py") for node in named(path)]
    assert [name for name in names if name.startswith("test_") and not re.match(r"test_p\d+_", name)] == []
    assert "-k test_$(PART)_" in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_the_npm_lock_has_no_holes() -> None:
    """Each optional package (another system's binary, mostly) has its entry: else ``npm ci`` fails on that system."""
    lock = ROOT / "frontend" / "package-lock.json"
    packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    wanted = {name for entry in packages.values() for name in entry.get("optionalDependencies", {})}
    there = {path.rpartition("node_modules/")[2] for path in packages}
    assert sorted(wanted - there) == []


def test_no_registry_is_named() -> None:
    assert [place(path) for path in texts() if HOSTS.search(path.read_text(encoding="utf-8"))] == []


def test_words_that_have_no_place_here() -> None:
    found = []
    for path in texts():
        if path.name == "package-lock.json":
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            found += [f"{place(path, number)} {what}" for what, word in WORDS.items() if word.search(line)]
    assert found == []


def test_packages_are_typed() -> None:
    assert all((ROOT / package / "py.typed").exists() for package in PACKAGES)
