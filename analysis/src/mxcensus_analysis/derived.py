"""Tables that SQL cannot make: names of roots, registrable domains. Made when a question first wants them."""

from __future__ import annotations

import base64
import hashlib
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from importlib.resources import files
from typing import Final

import duckdb
import pyarrow as pa
from cryptography import x509
from cryptography.x509.oid import NameOID
from publicsuffixlist import PublicSuffixList

from . import software
from .source import MANIFEST, Source

_CERTIFICATE: Final = re.compile(rb"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)
_NAMES_WANTED: Final = """
    SELECT DISTINCT policy_cnames[-1].target AS name FROM raw_policies WHERE len(policy_cnames) > 0
    UNION
    SELECT DISTINCT sts_txt_cnames[-1].target FROM raw_domains WHERE len(sts_txt_cnames) > 0
    UNION
    SELECT DISTINCT ltrim(unnest(sts_mx_patterns), '*.') FROM raw_verdicts WHERE len(sts_mx_patterns) > 0
    UNION
    SELECT DISTINCT ltrim(lower(c.common_name), '*.')
    FROM raw_policies p JOIN raw_certificates c ON c.sha256 = p.policy_chain[1]
    WHERE coalesce(len(p.policy_cnames), 0) = 0
"""


def _make_registrable(con: duckdb.DuckDBPyConnection, source: Source) -> None:
    """``registrable(name, registrable)``: of the targets of policy hosts' and records' aliases, of the common names of leaves of those
    without an alias, and of the policies' mx patterns (without ``*.``).

    Only as many names as there are policies, so this is small. The Public Suffix List is the installed package's.
    """
    suffixes = PublicSuffixList()
    names = [name for (name,) in con.execute(_NAMES_WANTED).fetchall() if name]
    made = pa.table(
        {
            "name": pa.array(names, pa.string()),
            "registrable": pa.array([suffixes.privatesuffix(name) or name for name in names], pa.string()),
        }
    )
    con.from_arrow(made).create("registrable")


def _make_policy_operators(con: duckdb.DuckDBPyConnection, source: Source) -> None:
    """``policy_operators(domain, address, alias, operator, named_by)``: a view, so that it follows the scope."""
    con.execute((files(__package__) / "views" / "policy_operators.sql").read_text(encoding="utf-8"))


def _make_policy_grounds(con: duckdb.DuckDBPyConnection, source: Source) -> None:
    """``policy_grounds(domain, …)``: a view of where the DNS is signed that a valid policy hangs on."""
    con.execute((files(__package__) / "views" / "policy_grounds.sql").read_text(encoding="utf-8"))


def _make_workers(con: duckdb.DuckDBPyConnection, source: Source) -> None:
    """``workers(worker, vantage)``: from where each worker of the crawl looked (manifest)."""
    workers = source.json(MANIFEST).get("workers") or []
    made = pa.table(
        {name: pa.array([row.get(key) for row in workers], pa.string()) for name, key in (("worker", "name"), ("vantage", "vantage"))}
    )
    con.from_arrow(made).create("workers")


def _make_roots(con: duckdb.DuckDBPyConnection, source: Source) -> None:
    """``roots(sha256, root, organisation)`` from ``trust-store.pem``: every root that the verdicts were judged against."""
    rows = [_root(der) for der in _blocks(source.bytes("trust-store.pem") or b"")]
    made = pa.table(
        {name: pa.array([row[index] for row in rows], pa.string()) for index, name in enumerate(("sha256", "root", "organisation"))}
    )
    con.from_arrow(made).create("roots")


def _make_store_roots(con: duckdb.DuckDBPyConnection, source: Source) -> None:
    """``store_roots(store, sha256, root, organisation, refused_after)``: which root is in which of the compared stores.

    A root that a store refuses altogether is not in it; ``refused_after`` says from when on a store refuses what it issues.
    """
    rows = [row for name in source.stores() for row in _store(source, name)]
    names = ("store", "sha256", "root", "organisation", "refused_after")
    con.from_arrow(pa.table({name: pa.array([row[at] for row in rows], pa.string()) for at, name in enumerate(names)})).create(
        "store_roots"
    )


def _store(source: Source, name: str) -> list[tuple[str, str, str, str, str | None]]:
    refused = dict(_refused(source.bytes(f"stores/{name}.distrust") or b""))
    roots = [_root(der) for der in _blocks(source.bytes(f"stores/{name}.pem") or b"")]
    return [(name, *root, refused.get(root[0])) for root in roots if refused.get(root[0], "") is not None]


def _refused(lines: bytes) -> Iterator[tuple[str, str | None]]:
    """The fingerprint of each root and the day after which it is refused, null where it is altogether."""
    for line in lines.decode().split():
        fingerprint, _, day = line.rpartition(":")[2].partition("@")
        yield fingerprint, day or None


def _blocks(pem: bytes) -> list[bytes]:
    """The DER of every certificate in a PEM file (RFC 7468 5)."""
    return [base64.b64decode(block) for block in _CERTIFICATE.findall(pem)]


def _root(der: bytes) -> tuple[str, str, str]:
    """Fingerprint, name and organisation. A root that the library cannot read goes by its fingerprint."""
    sha256 = hashlib.sha256(der).hexdigest()
    try:
        # Some old roots have serials that the library warns about; they are roots all the same.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            subject = x509.load_der_x509_certificate(der).subject
    except ValueError:
        return sha256, sha256[:16], ""

    def attribute(oid: x509.ObjectIdentifier) -> str:
        found = subject.get_attributes_for_oid(oid)
        return str(found[0].value) if found else ""

    organisation = attribute(NameOID.ORGANIZATION_NAME)
    name = attribute(NameOID.COMMON_NAME) or attribute(NameOID.ORGANIZATIONAL_UNIT_NAME) or organisation
    return sha256, name or sha256[:16], organisation


# What a table is made of: to be made before it.
NEEDS: Final[Mapping[str, tuple[str, ...]]] = {"policy_operators": ("registrable",)}
TABLES: Final[Mapping[str, Callable[[duckdb.DuckDBPyConnection, Source], None]]] = {
    "registrable": _make_registrable,
    "policy_operators": _make_policy_operators,
    "policy_grounds": _make_policy_grounds,
    "roots": _make_roots,
    "workers": _make_workers,
    "mx_software": software.make,
    "store_roots": _make_store_roots,
}
