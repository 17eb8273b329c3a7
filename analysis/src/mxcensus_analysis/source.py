"""Where a dataset lies: a local folder, an archive, a web server or an object store, through fsspec."""

from __future__ import annotations

import json
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import fsspec
import pyarrow as pa

from .errors import NotADatasetError, ParameterError, StoreError

TABLES = ("domains", "policies", "mx_hosts", "endpoints", "certificates", "verdicts", "mx_verdicts")
# Of datasets that `mxcensus judge --stores` has been at.
COMPARED: Final = "store_verdicts"
FORMAT = 1
MANIFEST: Final = "manifest.json"
ARCHIVES: Final = (".tar", ".tar.gz", ".tgz", ".tar.zst", ".zip")
# pip names them in the extras.
_EXTRAS: Final = {"s3": "s3", "s3a": "s3", "http": "http", "https": "http"}


@dataclass(frozen=True)
class Source:
    """A dataset's folder. ``address`` is a path or a URL such as ``s3://bucket/2026-11``."""

    address: str
    filesystem: Any
    root: str
    # What an archive was unpacked to; goes away with the source.
    scratch: TemporaryDirectory[str] | None = field(default=None, repr=False, compare=False)

    @classmethod
    def at(cls, address: str, **options: Any) -> Source:
        """Opens a folder, a table or a file in it, or an archive of one; a path or a URL. Options go to fsspec's file system
        (credentials, endpoint).

        Raises `NotADatasetError`, `StoreError`, and `ParameterError` where options are given for a local path, which has no use for any.
        """
        with _reaching(address):
            filesystem, root = fsspec.core.url_to_fs(address, **options)
            if "http" in _protocols(filesystem):
                filesystem = _dated(filesystem)
        local = "file" in _protocols(filesystem)
        if local and options:
            raise ParameterError(f"{', '.join(options)}: no option of Census.open for a folder on this machine")
        if local and Path(root).is_file():
            if root.endswith(ARCHIVES):
                return cls._unpacked(address, Path(root))
            root = str(_folder_of(Path(root)))
        elif local and Path(root).name in TABLES and not Path(root, MANIFEST).exists():
            root = str(Path(root).absolute().parent)
        found = cls(address, filesystem, root.removesuffix(MANIFEST).rstrip("/"))
        return found if "http" not in _protocols(filesystem) or found._gives_ranges() else found._fetched()

    def _gives_ranges(self) -> bool:
        """The web server sends parts of files, so that only the columns a question needs are fetched."""
        try:
            with _reaching(self.address):
                return bool(self.filesystem.info(f"{self.root}/{MANIFEST}").get("partial"))
        except FileNotFoundError:
            return False

    def _fetched(self) -> Source:
        """The whole dataset, fetched to this machine."""
        tables = self.json(MANIFEST).get("tables") or {}
        names = [f"{table}/{file['name']}" for table in (*TABLES, COMPARED) for file in (tables.get(table) or {}).get("files") or []]
        scratch = TemporaryDirectory(prefix="mxcensus-")
        others = [name for name in self.json(MANIFEST).get("files") or {} if name.startswith("stores/")]
        for name in (MANIFEST, "judgement.json", "verdicts/judgement.json", "trust-store.pem", *others, *names):
            content = self.bytes(name)
            into = Path(scratch.name, name).resolve()
            if content is not None and into.is_relative_to(Path(scratch.name).resolve()):
                into.parent.mkdir(parents=True, exist_ok=True)
                into.write_bytes(content)
        return Source(self.address, fsspec.filesystem("file"), scratch.name, scratch)

    @classmethod
    def _unpacked(cls, address: str, archive: Path) -> Source:
        scratch = TemporaryDirectory(prefix="mxcensus-")
        try:
            _unpack(archive, scratch.name)
        except (OSError, tarfile.TarError, zipfile.BadZipFile, pa.ArrowException) as error:
            raise NotADatasetError(f"{address} cannot be unpacked: {error}") from error
        found = sorted(Path(scratch.name).rglob(MANIFEST), key=lambda path: len(path.parts))
        if not found:
            raise NotADatasetError(f"{address}: no {MANIFEST} in this archive; it holds no mxcensus dataset")
        return cls(address, fsspec.filesystem("file"), str(found[0].parent), scratch)

    @property
    def is_local(self) -> bool:
        """DuckDB can open the files itself."""
        return "file" in _protocols(self.filesystem)

    def parts(self, table: str) -> list[str]:
        """The table's part files, in the order of their names, as DuckDB opens them."""
        names = self.found(table)
        if not names:
            raise NotADatasetError(
                f"{self.address}: no Parquet file in {table}/. Is this the folder that `mxcensus scan --out` wrote? "
                "A crawl under way has no verdicts yet: run `mxcensus judge` on it."
            )
        return names

    def found(self, table: str) -> list[str]:
        """The same, none where the dataset has no such table."""
        # A web server lists no folder: there the manifest says what is in it.
        return self._listed(table) if "http" in _protocols(self.filesystem) else self._found(table)

    def _listed(self, table: str) -> list[str]:
        files = (self.json(MANIFEST).get("tables") or {}).get(table, {}).get("files") or []
        return sorted(f"{self.root}/{table}/{file['name']}" for file in files)

    def _found(self, table: str) -> list[str]:
        try:
            with _reaching(self.address):
                found = self.filesystem.ls(f"{self.root}/{table}", detail=False)
        except (FileNotFoundError, NotADirectoryError):
            found = []
        names = sorted(str(name) for name in found if str(name).endswith(".parquet"))
        return names if self.is_local else [f"{_protocols(self.filesystem)[0]}://{name}" for name in names]

    def judgement(self) -> dict[str, Any]:
        """How the verdicts came about. Older datasets keep it among the verdicts."""
        return self.json("judgement.json" if self.bytes("judgement.json") is not None else "verdicts/judgement.json")

    def stores(self) -> list[str]:
        """The trust stores that were compared, by name."""
        return [str(store["name"]) for store in self.judgement().get("stores") or []]

    def json(self, name: str) -> dict[str, Any]:
        """A JSON document of the dataset."""
        written = self.bytes(name)
        if written is None:
            raise NotADatasetError(f"{self.address}: no {name}; this is no mxcensus dataset")
        try:
            value = json.loads(written)
        except ValueError as error:
            raise NotADatasetError(f"{self.address}: {name} is not JSON: {error}") from None
        if not isinstance(value, dict):
            raise NotADatasetError(f"{self.address}: {name} is not an object")
        return value

    def bytes(self, name: str) -> bytes | None:
        """A file of the dataset, null where it is not there."""
        try:
            with _reaching(self.address):
                return bytes(self.filesystem.cat_file(f"{self.root}/{name}"))
        except (FileNotFoundError, NotADirectoryError):
            return None


def _dated(filesystem: Any) -> Any:
    """The same web server for DuckDB, which asks when a file changed; servers need not say, and a dataset's files never change."""
    from fsspec.implementations.http import HTTPFileSystem

    class Dated(HTTPFileSystem):  # type: ignore[misc]
        def modified(self, path: str) -> datetime:
            return datetime(1970, 1, 1, tzinfo=UTC)

    return Dated(**filesystem.storage_options)


def _folder_of(file: Path) -> Path:
    """The dataset that a file is in: the nearest folder above that has a manifest."""
    for folder in file.absolute().parents:
        if (folder / MANIFEST).is_file():
            return folder
    raise NotADatasetError(
        f"{file} is a file, and no folder above it has a {MANIFEST}: name a dataset's folder, or an archive ({', '.join(ARCHIVES)})"
    )


def _unpack(archive: Path, into: str) -> None:
    """Nothing is written outside ``into``, whatever names the archive holds."""
    if archive.name.endswith(".zip"):
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(into)
        return
    compression = {".gz": "gzip", ".tgz": "gzip", ".zst": "zstd"}.get(archive.suffix)
    with pa.input_stream(str(archive), compression=compression) as stream, tarfile.open(fileobj=stream, mode="r|") as tar:
        tar.extractall(into, filter="data")


@contextmanager
def _reaching(address: str) -> Iterator[None]:
    """Gives every error of a store a name and the address; what the system says of a file goes through as it is."""
    try:
        yield
    except ImportError as error:
        extra = _EXTRAS.get(address.split("://", 1)[0])
        remedy = f"; pip install 'mxcensus[{extra}]'" if extra else ""
        raise StoreError(f"{address}: {error}{remedy}") from error
    except OSError as error:
        if isinstance(error, FileNotFoundError | NotADirectoryError) or "://" not in address:
            raise
        raise StoreError(f"{address}: {error}") from error
    except Exception as error:  # Each store's client has errors of its own.
        raise StoreError(f"{address}: {error}") from error


def _protocols(filesystem: Any) -> tuple[str, ...]:
    protocol = filesystem.protocol
    return (protocol,) if isinstance(protocol, str) else tuple(protocol)
