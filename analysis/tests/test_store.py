"""A dataset in an object store: a real S3 server on loopback (moto's), reached through s3fs as any other would be."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import polars as pl
import pytest
from test_report import town
from world import World

from mxcensus_analysis import Census, NotADatasetError, StoreError
from mxcensus_analysis.report.command import main

moto = pytest.importorskip("moto.server", reason="moto is not installed: no dataset is read from S3")
s3fs = pytest.importorskip("s3fs", reason="s3fs is not installed: no dataset is read from S3")

BUCKET = "census"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A server with an empty bucket; the environment names it, as an operator would."""
    server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    # Servers of one process share their buckets.
    urlopen(Request(f"http://{host}:{port}/moto-api/reset", method="POST"), timeout=120).close()
    for name, value in (
        ("AWS_ENDPOINT_URL", f"http://{host}:{port}"),
        ("AWS_ACCESS_KEY_ID", "testing"),
        ("AWS_SECRET_ACCESS_KEY", "testing"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_CONFIG_FILE", str(tmp_path / "no-config")),
        ("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no-credentials")),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("NO_PROXY", "127.0.0.1"),
    ):
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    bucket = s3fs.S3FileSystem()
    bucket.mkdir(BUCKET)
    yield bucket
    s3fs.S3FileSystem.clear_instance_cache()
    server.stop()


def upload(store: Any, world: World, name: str) -> str:
    folder = world.write()
    store.put(f"{folder}/", f"{BUCKET}/{name}/", recursive=True)
    return f"s3://{BUCKET}/{name}"


def test_answers_are_those_of_the_folder(store: Any, world: World) -> None:
    address = upload(store, town(world, broken=2), "2026-11")
    near, far = Census.open(world.folder, threads=1), Census.open(address, threads=1)
    for question in ("adoption", "fault", "senders", "roots", "posture", "tlsa_parameters"):
        assert near.ask(question).frame.equals(far.ask(question).frame), question
    # A second question of a scope of its own reads again.
    assert far.ask("adoption", without_top_operators=1).one("n", mechanism="mta-sts") == 32


def test_several_parts_and_workers(store: Any, world: World) -> None:
    """A row that two workers wrote counts once there too."""
    town(world, broken=2)
    world.write()
    world.write_part("domains", "w2-1-1.parquet", [{**world.rows["domains"][0], "worker": "w2"}])
    store.put(f"{world.folder}/", f"{BUCKET}/x/", recursive=True)
    assert Census.open(f"s3://{BUCKET}/x", threads=1).sql("SELECT count(*) AS k FROM domains")["k"][0] == 40


def test_several_crawls_stand_in_order(store: Any, tmp_path: Path) -> None:
    addresses = []
    for month, broken in (("11", 3), ("10", 1)):
        world = town(World(tmp_path / month), broken=broken)
        world.manifest["runs"][0]["start"] = f"2026-{month}-01T00:00:00Z"
        addresses.append(upload(store, world, month))
    failing = Census.open_many(addresses, threads=1).ask("fault").frame.filter(pl.col("mechanism") == "mta-sts")
    assert failing["n"].to_list() == [1, 3]


def test_the_report_reads_from_it(store: Any, world: World, tmp_path: Path) -> None:
    address = upload(store, town(world, broken=2), "2026-11")
    near, far = tmp_path / "near.html", tmp_path / "far.html"
    assert main([str(world.folder), "--out", str(near), "--threads", "1"]) == 0
    assert main([address, "--out", str(far), "--threads", "1"]) == 0
    assert far.read_text(encoding="utf-8") == near.read_text(encoding="utf-8")


def test_options_may_name_the_endpoint(store: Any, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    address = upload(store, town(world, broken=2), "2026-11")
    endpoint = os.environ["AWS_ENDPOINT_URL"]
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    census = Census.open(address, threads=1, key="testing", secret="testing", client_kwargs={"endpoint_url": endpoint})
    assert census.ask("adoption").one("count", mechanism="mta-sts") == 8


def test_what_is_not_there_is_said(store: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with pytest.raises(NotADatasetError, match=r"no manifest\.json"):
        Census.open(f"s3://{BUCKET}/nothing")
    assert main([f"s3://{BUCKET}/nothing", "--out", str(tmp_path / "x.html")]) == 1
    assert "no manifest.json" in capsys.readouterr().err


def test_a_store_that_is_not_there_is_said(
    store: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    s3fs.S3FileSystem.clear_instance_cache()
    with pytest.raises(StoreError, match=f"s3://{BUCKET}/x: .*127.0.0.1:{port}"):
        Census.open(f"s3://{BUCKET}/x")
    assert main([f"s3://{BUCKET}/x", "--out", str(tmp_path / "x.html")]) == 1
    assert "Could not connect" in capsys.readouterr().err
