"""A dataset is opened wherever it lies: by its folder, a file in it, an archive of it, a web server."""

from __future__ import annotations

import functools
import io
import re
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pyarrow as pa
import pytest
from test_report import town
from world import World

from mxcensus_analysis import Census, NotADatasetError
from mxcensus_analysis.report.command import main


@pytest.fixture
def folder(world: World) -> Path:
    return town(world, broken=2).write()


def adopters(census: Census) -> float | None:
    with census:
        return census.ask("adoption").one("count", mechanism="mta-sts")


@pytest.mark.parametrize("inside", ["", "manifest.json", "verdicts/w1-1-1.parquet", "trust-store.pem"])
def test_a_file_of_it(folder: Path, inside: str) -> None:
    assert adopters(Census.open(folder / inside)) == 8
    assert adopters(Census.open((folder / inside).as_uri())) == 8


@pytest.mark.parametrize("suffix", [".tar", ".tar.gz", ".tgz", ".tar.zst", ".zip"])
def test_an_archive_of_it(folder: Path, tmp_path: Path, suffix: str) -> None:
    """As `tar` and `zip` make them, the dataset in a folder of its own."""
    archive = tmp_path / f"2026-11{suffix}"
    if suffix == ".zip":
        with zipfile.ZipFile(archive, "w") as packed:
            for file in folder.rglob("*"):
                packed.write(file, Path("2026-11") / file.relative_to(folder))
    else:
        plain = io.BytesIO()
        with tarfile.open(fileobj=plain, mode="w") as tar:
            tar.add(folder, arcname="2026-11")
        compression = {".tar.gz": "gzip", ".tgz": "gzip", ".tar.zst": "zstd"}.get(suffix)
        with pa.output_stream(str(archive), compression=compression) as out:
            out.write(plain.getvalue())
    assert adopters(Census.open(archive)) == 8
    assert main([str(archive), "--short", "--out", str(tmp_path / "out" / "report.html")]) == 0


def test_an_archive_writes_nothing_outside(tmp_path: Path) -> None:
    archive = tmp_path / "evil.tar"
    with tarfile.open(archive, "w") as tar:
        member = tarfile.TarInfo("../../escaped.txt")
        member.size = 1
        tar.addfile(member, io.BytesIO(b"x"))
    with pytest.raises(NotADatasetError, match="cannot be unpacked"):
        Census.open(archive)
    assert not list(tmp_path.parent.rglob("escaped.txt"))


def test_what_holds_no_dataset_says_so(tmp_path: Path) -> None:
    lone = tmp_path / "notes.txt"
    lone.write_text("nothing", encoding="utf-8")
    with pytest.raises(NotADatasetError, match=r"is a file, and no folder above it has a manifest\.json"):
        Census.open(lone)
    broken = tmp_path / "broken.tar.gz"
    broken.write_bytes(b"no archive")
    with pytest.raises(NotADatasetError, match="cannot be unpacked"):
        Census.open(broken)
    empty = tmp_path / "empty.zip"
    zipfile.ZipFile(empty, "w").close()
    with pytest.raises(NotADatasetError, match="holds no mxcensus dataset"):
        Census.open(empty)


class Whole(SimpleHTTPRequestHandler):
    """Lists no folder, as most web servers, and knows no ranges."""

    def list_directory(self, path: object) -> None:  # type: ignore[override]
        self.send_error(403)

    def log_message(self, *_: object) -> None:
        pass


class Ranges(Whole):
    """Sends parts of files too (RFC 9110 14), as usual servers do."""

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        file = Path(self.translate_path(self.path))
        if not file.is_file():
            self.send_error(404)
            return
        content = file.read_bytes()
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        begin, end = (int(wanted[1]), int(wanted[2] or len(content) - 1) + 1) if wanted else (0, len(content))
        part = content[begin:end]
        self.send_response(206 if wanted else 200)
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(len(part)))
        if wanted:
            self.send_header("Content-Range", f"bytes {begin}-{begin + len(part) - 1}/{len(content)}")
        self.end_headers()
        if body:
            self.wfile.write(part)


@pytest.fixture(params=[Whole, Ranges], ids=["whole files", "ranges"])
def server(folder: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    pytest.importorskip("aiohttp", reason="aiohttp is not installed: no dataset is read from a web server")
    http = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(request.param, directory=str(folder.parent)))
    threading.Thread(target=http.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{http.server_address[1]}/{folder.name}"
    http.shutdown()
    http.server_close()


@pytest.mark.parametrize("name", ["", "/", "/manifest.json"])
def test_a_web_server(server: str, world: World, name: str) -> None:
    """The manifest says which files there are."""
    world.manifest["tables"] = {
        table.name: {"rows": 0, "files": [{"name": file.name} for file in table.iterdir()]}
        for table in world.folder.iterdir()
        if table.is_dir()
    }
    for table in world.manifest["tables"].values():
        table["files"] = [file for file in table["files"] if file["name"].endswith(".parquet")]
    world.write()
    assert adopters(Census.open(server + name)) == 8


def test_a_judgement_of_an_older_dataset_is_found(folder: Path) -> None:
    assert Census.open(folder).judgement["rules_version"] == 1
    (folder / "judgement.json").rename(folder / "verdicts" / "judgement.json")
    assert Census.open(folder).judgement["rules_version"] == 1
