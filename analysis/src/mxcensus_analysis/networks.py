"""Whose network an address is in, and in which country: the table ``networks``, from a file that the user brings.

Either a database in MaxMind's format (``.mmdb``: MaxMind's, IPinfo's, DB-IP's; needs the extra ``networks``), or a table with the columns
``prefix``, ``asn`` and ``country`` as Parquet or CSV (``.parquet``, ``.csv``, ``.csv.gz``), of which the longest prefix counts. Of several
files the first that knows an address's number decides on it, and so for its country: MaxMind has the two in different files.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import duckdb
import polars as pl
import pyarrow as pa

from .errors import NetworksError

# Number and country code of one address; null where the file does not say.
Place = tuple[int | None, str | None]
_MISSING: Final = (
    "this question needs to know in whose network an address is, and the dataset does not: open it with "
    "Census.open(PATH, networks=FILE), a file in MaxMind's format or a table of prefix, asn, country (mxcensus-report: --networks FILE)"
)
_ADDRESSES: Final = """
    SELECT DISTINCT ip FROM raw_endpoints WHERE ip IS NOT NULL
    UNION
    SELECT DISTINCT policy_ip FROM raw_policies WHERE policy_ip IS NOT NULL
    UNION
    SELECT DISTINCT unnest(policy_addresses) FROM raw_policies
"""


def make(con: duckdb.DuckDBPyConnection, paths: Iterable[str | Path]) -> None:
    """``networks(ip, asn, country)``: of every address of the dataset that a file knows. Raises `NetworksError`."""
    lookups = [reader(Path(path)) for path in paths]
    if not lookups:
        raise NetworksError(_MISSING)
    asns: list[int | None] = []
    countries: list[str | None] = []
    ips = [ip for (ip,) in con.execute(_ADDRESSES).fetchall()]
    for ip in ips:
        found = [lookup(ip) for lookup in lookups]
        asns.append(next((asn for asn, _ in found if asn is not None), None))
        countries.append(next((country for _, country in found if country is not None), None))
    made = pa.table({"ip": pa.array(ips, pa.string()), "asn": pa.array(asns, pa.int64()), "country": pa.array(countries, pa.string())})
    con.from_arrow(made).create("networks")


def reader(path: Path) -> Callable[[str], Place]:
    """What a file says of an address. Raises `NetworksError` where it cannot be read.

    >>> import tempfile
    >>> from pathlib import Path
    >>> table = Path(tempfile.mkdtemp()) / "networks.csv"
    >>> _ = table.write_text("prefix,asn,country\\n192.0.2.0/24,64500,NL\\n192.0.2.128/25,64501,DE\\n")
    >>> reader(table)("192.0.2.200")
    (64501, 'DE')
    """
    if not path.is_file():
        raise NetworksError(f"{path}: there is no such file")
    return _mmdb(path) if path.suffix == ".mmdb" else _prefixes(path)


def _mmdb(path: Path) -> Callable[[str], Place]:
    try:
        import maxminddb
    except ImportError:
        raise NetworksError(f"{path} is in MaxMind's format: install mxcensus-analysis[networks]") from None
    try:
        database = maxminddb.open_database(path)
    except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
        raise NetworksError(f"{path}: {error}") from None
    four_only = database.metadata().ip_version == 4

    def lookup(ip: str) -> Place:
        if four_only and ":" in ip:
            return None, None
        try:
            record = database.get(ip)
        except (ValueError, maxminddb.InvalidDatabaseError):
            return None, None
        return _place(record) if isinstance(record, Mapping) else (None, None)

    return lookup


def _place(record: Mapping[str, Any]) -> Place:
    """MaxMind and DB-IP have ``autonomous_system_number`` and ``country.iso_code``; IPinfo ``asn`` and ``country``."""
    country = record.get("country_code", record.get("country"))
    if isinstance(country, Mapping):
        country = country.get("iso_code")
    return _number(record.get("autonomous_system_number", record.get("asn"))), _code(country)


def _number(value: object) -> int | None:
    found = re.fullmatch(r"(?:AS)?(\d{1,10})", str(value).strip(), re.IGNORECASE)
    return int(found[1]) or None if found else None


def _code(value: object) -> str | None:
    text = str(value).strip().upper()
    return text if re.fullmatch("[A-Z]{2}", text) else None


def _prefixes(path: Path) -> Callable[[str], Place]:
    try:
        frame = pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path, infer_schema=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise NetworksError(f"{path} cannot be read: {error}") from None
    if missing := [name for name in ("prefix", "asn", "country") if name not in frame.columns]:
        raise NetworksError(f"{path} has no column {', '.join(missing)}; there are: {', '.join(frame.columns)}")
    # By family and length, the network's bits: a look-up tries each length that there is, the longest first.
    known: dict[tuple[int, int], dict[int, Place]] = {}
    for prefix, asn, country in frame.select("prefix", "asn", "country").iter_rows():
        try:
            network = ipaddress.ip_network(str(prefix).strip())
        except ValueError as error:
            raise NetworksError(f"{path}: {error}") from None
        shift = network.max_prefixlen - network.prefixlen
        of_length = known.setdefault((network.version, network.prefixlen), {})
        of_length[int(network.network_address) >> shift] = _number(asn), _code(country)
    lengths = {version: sorted((length for family, length in known if family == version), reverse=True) for version in (4, 6)}

    def lookup(ip: str) -> Place:
        try:
            address = ipaddress.ip_address(ip)
        except ValueError:
            return None, None
        for length in lengths[address.version]:
            if place := known[address.version, length].get(int(address) >> (address.max_prefixlen - length)):
                return place
        return None, None

    return lookup
