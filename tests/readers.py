#!/usr/bin/env python3
"""readers.py DIR: can pyarrow, DuckDB and polars read every table of the dataset in DIR?

Needs pyarrow, duckdb and polars (and pytz, for DuckDB's instants). Reads every value of every table with each of them and compares
the row counts with manifest.json and the column names with each other. Prints one line per table; exit 0 when all agree.
"""
import json
import pathlib
import sys

import duckdb
import polars
import pyarrow.parquet


def with_pyarrow(files):
    """Whole files at once: the way that a dictionary inside a struct would break."""
    tables = [pyarrow.parquet.read_table(file) for file in files]
    for table in tables:
        table.validate(full=True)
        table.to_pylist()
    if len({str(table.schema) for table in tables}) > 1:
        raise ValueError("the files of the table differ in their schema")
    return sum(table.num_rows for table in tables), tables[0].column_names


def with_duckdb(files):
    relation = duckdb.from_parquet([str(file) for file in files])
    return len(relation.fetchall()), relation.columns


def with_polars(files):
    frame = polars.read_parquet(files)
    frame.rows()
    return frame.height, frame.columns


READERS = {"pyarrow": with_pyarrow, "duckdb": with_duckdb, "polars": with_polars}


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    directory = pathlib.Path(sys.argv[1])
    manifest = json.loads((directory / "manifest.json").read_text())
    if not manifest["tables"]:
        print("the manifest lists no table")
        return 1
    failures = 0
    for name, listed in manifest["tables"].items():
        files = sorted((directory / name).glob("*.parquet"))
        problems = []
        if [file.name for file in files] != [part["name"] for part in listed["files"]]:
            problems.append("its files are not those of the manifest")
        columns = {}
        for reader, read in READERS.items() if files else ():
            try:
                rows, columns[reader] = read(files)
                if rows != listed["rows"]:
                    problems.append(f"{reader} reads {rows} rows")
            except Exception as error:  # whatever a reader raises is a finding
                problems.append(f"{reader} fails: {type(error).__name__}: {error}")
        if not files:
            problems.append("it has no file")
        if len({tuple(names) for names in columns.values()}) > 1:
            problems.append("the readers see different columns")
        print(f"{name}: {listed['rows']} rows, {len(files)} files: {'; '.join(problems) or 'ok'}")
        failures += bool(problems)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
