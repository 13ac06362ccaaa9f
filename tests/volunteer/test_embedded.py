"""The embedded server against real processes: shared, killed, adopted, stopped by the last."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from volunteer import embedded, postgres

OWNER = """
import sys
from pathlib import Path
from volunteer import embedded
with embedded.ensure(Path(sys.argv[1]), durable=False) as server:
    print(server.url(), flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def place(run_folder: Path) -> Iterator[Path]:
    """A folder with a short path that root's account may pass through; pytest's own are neither."""
    place = Path(tempfile.mkdtemp(dir=run_folder))
    place.chmod(0o711)
    yield place
    shutil.rmtree(place)


@pytest.fixture(scope="module")
def stopped(run_folder: Path) -> Path:
    """A server that was made and stopped, to be copied: a new one takes a second."""
    place = Path(tempfile.mkdtemp(dir=run_folder))
    place.chmod(0o711)
    embedded.ensure(place / "pg", durable=False).release()
    return place / "pg"


@pytest.fixture
def folder(place: Path, stopped: Path) -> Path:
    subprocess.run(["cp", "-a", str(stopped), str(place)], check=True)
    return place / "pg"


class Owner:
    """Another program that uses the folder's server until its input ends."""

    def __init__(self, folder: Path):
        self.process = subprocess.Popen(
            [sys.executable, "-c", OWNER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()
        assert self.url.startswith("postgres://")

    def leave(self) -> None:
        self.process.communicate(timeout=60)
        assert self.process.returncode == 0

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=60)


def runs(folder: Path) -> bool:
    return not embedded._free(folder / "alive")


def server_process(folder: Path) -> int:
    return int((folder / "server" / "data" / "postmaster.pid").read_text(encoding="utf-8").split()[0])


async def asked(url: str, question: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def test_a_new_server_has_what_citong_needs(place: Path) -> None:
    folder = place / "pg"
    with embedded.ensure(folder, durable=False) as server:
        assert await asked(server.url(), "SELECT current_database()") == "citong"
        assert await asked(server.url(), "SHOW server_encoding") == "UTF8"
        assert await asked(server.url(), "SHOW timezone") == "UTC"
        assert await asked(server.url(), "SHOW jit") == "off"
        assert await asked(server.url(), "SHOW fsync") == "off"
        assert await asked(server.url(), "SHOW listen_addresses") == ""
        assert await asked(server.url(), "SELECT upper('é')") == "É"
    assert not runs(folder)


async def test_rows_outlive_the_server(folder: Path) -> None:
    with embedded.ensure(folder) as server:
        assert await asked(server.url(), "SHOW fsync") == "on"
        await asked(server.url(), "CREATE TABLE kept AS SELECT 7 AS number")
    with embedded.ensure(folder) as again:
        assert again.url() == server.url()
        assert await asked(again.url(), "SELECT number FROM kept") == 7


async def test_nobody_enters_without_the_password(folder: Path) -> None:
    with embedded.ensure(folder, durable=False) as server:
        wrong = server.url().replace(server.password, "wrong")
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(wrong)
        assert server.password not in repr(server)
    assert (folder / "password").stat().st_mode & 0o777 == 0o600
    assert server.socket.stat().st_mode & 0o777 == 0o700


def test_two_owners_and_only_the_last_stops_it(folder: Path) -> None:
    first, second = Owner(folder), Owner(folder)
    assert first.url == second.url
    first.leave()
    assert runs(folder)
    second.leave()
    assert not runs(folder)


async def test_a_killed_program_leaves_a_server_that_the_next_adopts(folder: Path) -> None:
    owner = Owner(folder)
    process = server_process(folder)
    owner.kill()
    assert runs(folder)
    with embedded.ensure(folder, durable=False) as server:
        assert server_process(folder) == process
        assert await asked(server.url(), "SELECT 1") == 1
    assert not runs(folder)


def test_a_killed_owner_does_not_count_as_one(folder: Path) -> None:
    killed, last = Owner(folder), Owner(folder)
    killed.kill()
    assert runs(folder)
    last.leave()
    assert not runs(folder)


async def test_a_killed_server_is_started_anew(folder: Path) -> None:
    with embedded.ensure(folder) as first:
        await asked(first.url(), "CREATE TABLE kept AS SELECT 7 AS number")
        os.kill(server_process(folder), signal.SIGKILL)
        with embedded.ensure(folder) as second:
            assert await asked(second.url(), "SELECT number FROM kept") == 7
        assert runs(folder)
    assert not runs(folder)


async def test_a_process_number_given_out_again_misleads_nobody(folder: Path) -> None:
    address = folder / "server" / "socket"
    note = f"{os.getpid()}\n{folder}/server/data\n1\n5432\n{address}\n\n  1 2\nready\n"
    (folder / "server" / "data" / "postmaster.pid").write_text(note, encoding="utf-8")
    (address / ".s.PGSQL.5432.lock").write_text(note, encoding="utf-8")
    with embedded.ensure(folder, durable=False) as server:
        assert await asked(server.url(), "SELECT 1") == 1


def test_many_at_once_share_one_server(place: Path) -> None:
    folder = place / "pg"
    servers: list[embedded.Server] = []
    threads = [
        threading.Thread(target=lambda: servers.append(embedded.ensure(folder, durable=False))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({server.url() for server in servers}) == 1
    for server in servers:
        assert runs(folder)
        server.release()
        server.release()
    assert not runs(folder)


async def test_two_folders_do_not_meet(folder: Path) -> None:
    with (
        embedded.ensure(folder, durable=False) as one,
        embedded.ensure(folder.with_name("other"), durable=False) as other,
    ):
        await asked(one.url(), "CREATE TABLE mine AS SELECT 1 AS number")
        assert await asked(other.url(), "SELECT to_regclass('mine')") is None


async def test_a_long_and_odd_path_gets_a_short_socket(place: Path) -> None:
    deep = place / "it's 泉州" / ("x" * 90) / "pg"
    with embedded.ensure(deep, durable=False) as server:
        assert len(os.fsencode(server.socket)) < 90
        assert await asked(server.url(), "SELECT 1") == 1
    server.socket.rmdir()


async def test_a_folder_that_the_account_cannot_enter(place: Path) -> None:
    folder = place / "pg"
    place.chmod(0o700)
    with embedded.ensure(folder, durable=False) as server:
        assert await asked(server.url(), "SELECT 1") == 1
        home = (folder / "server").resolve()
        assert home.is_relative_to(postgres._STATE if os.geteuid() == 0 else folder)
        assert place.stat().st_mode & 0o777 == 0o700
    if os.geteuid() == 0:
        shutil.rmtree(home)


def test_tests_and_production_cannot_share(folder: Path) -> None:
    with (
        embedded.ensure(folder, durable=False),
        pytest.raises(embedded.EmbeddedError, match="without fsync"),
    ):
        embedded.ensure(folder, durable=True)
    assert not runs(folder)


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("password", "password is missing"),
        ("server/data/PG_VERSION", "dump it there"),
        ("server/data/pg_hba.conf", "did not start: .*pg_hba.conf"),
        ("owners", "choose a folder of your own"),
    ],
)
def test_what_is_broken_is_said_in_one_line(folder: Path, broken: str, said: str) -> None:
    path = folder / broken
    path.unlink()
    if broken == "owners":
        path.mkdir()
    elif broken.endswith("PG_VERSION"):
        path.write_text("17\n", encoding="ascii")
    with pytest.raises(embedded.EmbeddedError, match=said) as caught:
        embedded.ensure(folder, durable=False)
    assert "\n" not in str(caught.value)
    assert not runs(folder)
