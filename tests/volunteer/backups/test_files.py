"""A file that is not a whole backup of ours is refused in one line, before anything is touched."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from volunteer import backups
from volunteer.backups import BackupError, files


@pytest.fixture
async def whole(db: str, tmp_path: Path) -> Path:
    await backups.dump(db, tmp_path / "whole")
    return tmp_path / "whole"


def refused(path: Path) -> str:
    with pytest.raises(BackupError) as caught, backups.opened(path):
        raise AssertionError
    said = str(caught.value)
    assert str(path) in said
    assert "\n" not in said
    return said


def changed(path: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """The same dump with another manifest."""
    to = path.with_name("changed")
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(to, "w") as after:
        manifest = json.loads(before.read(files.MANIFEST))
        change(manifest)
        after.writestr(files.DUMP, before.read(files.DUMP))
        after.writestr(files.MANIFEST, json.dumps(manifest))
    return to


async def test_what_was_written_is_read(whole: Path) -> None:
    with backups.opened(whole) as (manifest, dump):
        assert dump.read(5) == b"PGDMP"
    assert "tick" in manifest.rows
    assert set(manifest.schema_) <= set(files.known())


async def test_one_changed_byte_anywhere_is_noticed(whole: Path) -> None:
    good = whole.read_bytes()
    for place in range(40, len(good), len(good) // 40):
        whole.write_bytes(good[:place] + bytes([good[place] ^ 0x10]) + good[place + 1 :])
        try:
            with backups.opened(whole) as (manifest, dump):
                # A date or an attribute of the ZIP itself: nothing that is read.
                assert (manifest.bytes, dump.read(5)) == (manifest.bytes, b"PGDMP")
        except BackupError:
            continue
        assert zipfile.ZipFile(whole).testzip() is None
    whole.write_bytes(good[:500] + bytes(400) + good[900:])
    refused(whole)


@pytest.mark.parametrize("left", [0.0, 0.3, 0.99])
async def test_a_file_that_was_cut_off_is_refused(whole: Path, left: float) -> None:
    whole.write_bytes(whole.read_bytes()[: int(whole.stat().st_size * left)])
    assert "no whole backup" in refused(whole)


async def test_other_files_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "f"
    file.write_text("name,email\n")
    assert "no whole backup" in refused(file)
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("report.xml", "<a/>")
    assert "no backup of Citong" in refused(file)


async def test_a_newer_schema_is_refused(whole: Path) -> None:
    newer = changed(whole, lambda m: m["schema"].append("dispatch.9999_wishes"))
    assert "newer Citong" in refused(newer)
    assert "dispatch.9999_wishes" in refused(newer)


async def test_a_manifest_of_another_kind_is_refused(whole: Path) -> None:
    assert "(version)" in refused(changed(whole, lambda m: m.update(version=2)))
    assert "(sha256)" in refused(changed(whole, lambda m: m.pop("sha256")))
    assert "damaged" in refused(changed(whole, lambda m: m.update(sha256="0" * 64)))
