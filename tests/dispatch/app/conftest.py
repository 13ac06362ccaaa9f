"""A built front end in small."""

from pathlib import Path

import pytest


@pytest.fixture
def web(tmp_path: Path) -> Path:
    for name, text in {
        "index.html": "<title>start</title>", "phone.html": "<title>phone</title>", "desk.html": "<title>desk</title>",
        "board.html": "<title>board</title>", "phone/worker.js": "self", "phone/app.webmanifest": "{}",
        "assets/phone-BemkMD63.js": "let x;" * 400, "assets/mark.svg": "<svg/>", ".vite/manifest.json": "{}",
    }.items():  # fmt: skip
        path = tmp_path / "web" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "secret.txt").write_text("secret")
    return tmp_path / "web"
