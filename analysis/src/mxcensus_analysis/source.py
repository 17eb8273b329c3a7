"""Where a dataset lies: a local folder or an object store, through fsspec."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import fsspec

from .errors import NotADatasetError, StoreError

TABLES = ("domains", "policies", "mx_hosts", "endpoints", "certificates", "verdicts", "mx_verdicts")
FORMAT = 1


@dataclass(frozen=True)
class Source:
    """A dataset's folder. ``address`` is a path or a URL such as ``s3://bucket/2026-11``."""

    address: str
    filesystem: Any
    root: str

    @classmethod
    def at(cls, address: str, **options: Any) -> Source:
        """Opens the address. Options go to fsspec's file system (credentials, endpoint). Raises `StoreError`."""
        with _reaching(address):
            filesystem, root = fsspec.core.url_to_fs(address, **options)
        return cls(address, filesystem, root.rstrip("/"))

    @property
    def is_local(self) -> bool:
        """DuckDB can open the files itself."""
        return "file" in _protocols(self.filesystem)

    def parts(self, table: str) -> list[str]:
        """The table's part files, in the order of their names, as DuckDB opens them."""
        try:
            with _reaching(self.address):
                found = self.filesystem.ls(f"{self.root}/{table}", detail=False)
        except (FileNotFoundError, NotADirectoryError):
            found = []
        names = sorted(str(name) for name in found if str(name).endswith(".parquet"))
        if not names:
            raise NotADatasetError(
                f"{self.address}: no Parquet file in {table}/. Is this the folder that `mxcensus scan --out` wrote? "
                "A crawl under way has no verdicts yet: run `mxcensus judge` on it."
            )
        return names if self.is_local else [f"{_protocols(self.filesystem)[0]}://{name}" for name in names]

    def json(self, name: str) -> dict[str, Any]:
        """A JSON document of the dataset."""
        try:
            with _reaching(self.address):
                written = self.filesystem.cat_file(f"{self.root}/{name}")
            value = json.loads(written)
        except FileNotFoundError:
            raise NotADatasetError(f"{self.address}: no {name}; this is no mxcensus dataset") from None
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
        except FileNotFoundError:
            return None


@contextmanager
def _reaching(address: str) -> Iterator[None]:
    """Gives every error of a store a name and the address; what the system says of a file goes through as it is."""
    try:
        yield
    except ImportError as error:
        raise StoreError(f"{address}: {error}; for S3: pip install 'mxcensus-analysis[s3]'") from error
    except OSError:
        raise
    except Exception as error:  # Each store's client has errors of its own.
        raise StoreError(f"{address}: {error}") from error


def _protocols(filesystem: Any) -> tuple[str, ...]:
    protocol = filesystem.protocol
    return (protocol,) if isinstance(protocol, str) else tuple(protocol)
