"""When the front end is built, and when it is left as it is: real builds by npm, of a front end of one line."""

import importlib.util
import json
import os
import shutil
from pathlib import Path
from types import ModuleType

import pytest

pytestmark = pytest.mark.skipif("CITONG_SKIP_FRONTEND" in os.environ, reason="CITONG_SKIP_FRONTEND leaves it out")

SOURCE = Path(__file__).parents[2] / "frontend" / "build_hook.py"
PACKAGE = {"name": "tiny", "version": "1.0.0"}
BUILD = "node -e \"require('fs').cpSync('src', 'dist', { recursive: true })\""


def loaded(folder: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_hook", folder / SOURCE.name)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A front end without packages, so that no network is needed; never built."""
    folder = tmp_path_factory.mktemp("tiny") / "frontend"
    for name in ("src", "tests", "node_modules"):
        (folder / name).mkdir(parents=True)
    (folder / "src" / "main.ts").write_text("one", encoding="utf-8")
    (folder / "package.json").write_text(json.dumps({**PACKAGE, "scripts": {"build": BUILD}}), encoding="utf-8")
    lock = {**PACKAGE, "lockfileVersion": 3, "packages": {"": PACKAGE}}
    (folder / "package-lock.json").write_text(json.dumps(lock), encoding="utf-8")
    shutil.copy(SOURCE, folder)
    return folder


@pytest.fixture(scope="module")
def result(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same after a build."""
    folder = shutil.copytree(tiny, tmp_path_factory.mktemp("result") / "frontend")
    assert loaded(folder).main(["build"]) == 0
    assert (folder / "dist" / "main.ts").read_text(encoding="utf-8") == "one"
    return folder


@pytest.fixture
def hook(tiny: Path, tmp_path: Path) -> ModuleType:
    return loaded(shutil.copytree(tiny, tmp_path / "frontend"))


@pytest.fixture
def built(result: Path, tmp_path: Path) -> ModuleType:
    return loaded(shutil.copytree(result, tmp_path / "frontend"))


def test_what_was_never_built_is_stale(hook: ModuleType) -> None:
    assert hook.stale()
    assert hook.main(["stale"]) == 0


def test_what_was_built_is_not_built_again(built: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert not built.stale()
    assert built.main(["stale"]) == 1
    (built.DIST / "main.ts").write_text("kept", encoding="utf-8")
    assert built.main(["build"]) == 0
    assert "up to date" in capsys.readouterr().out
    assert (built.DIST / "main.ts").read_text(encoding="utf-8") == "kept"


def test_an_edited_source_is_built_anew(built: ModuleType) -> None:
    (built.FRONTEND / "src" / "main.ts").write_text("two", encoding="utf-8")
    assert built.main(["build"]) == 0
    assert (built.DIST / "main.ts").read_text(encoding="utf-8") == "two"
    assert not built.stale()


@pytest.mark.parametrize("name", ["src/main.ts", "src/more.ts", "package.json", "index.html"])
def test_an_edit_makes_it_stale(built: ModuleType, name: str) -> None:
    (built.FRONTEND / name).write_text("two", encoding="utf-8")
    assert built.stale()


@pytest.mark.parametrize("name", ["tests/main.test.ts", "node_modules/one.js", "dist/index.html"])
def test_what_the_result_does_not_depend_on(built: ModuleType, name: str) -> None:
    (built.FRONTEND / name).write_text("two", encoding="utf-8")
    assert not built.stale()


def test_a_renamed_source_makes_it_stale(built: ModuleType) -> None:
    (built.FRONTEND / "src" / "main.ts").rename(built.FRONTEND / "src" / "start.ts")
    assert built.stale()


def test_a_removed_result_makes_it_stale(built: ModuleType) -> None:
    shutil.rmtree(built.DIST)
    assert built.stale()


def test_it_can_be_left_out(
    hook: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CITONG_SKIP_FRONTEND", "1")
    assert hook.main(["build"]) == 0
    assert hook.main(["stale"]) == 1
    assert "left out" in capsys.readouterr().out
    assert not hook.DIST.exists()


def test_a_failed_build_says_so_and_stays_stale(built: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(built.FRONTEND / "src")
    assert built.main(["build"]) == 2
    assert "npm run --silent build failed" in capsys.readouterr().err
    assert built.stale()
