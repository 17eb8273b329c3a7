#!/usr/bin/env python3
"""readers.py DIR: can pandas, pyarrow, DuckDB and polars read every table of the dataset in DIR?

Needs pandas, pyarrow, duckdb and polars (and pytz, for DuckDB's instants). Reads every value of every table with each of them, file by
file and the folder at once as each offers it, and compares the row counts with manifest.json and the column names with each other.
A table's folder must hold Parquet files and nothing else. Prints one line per table; exit 0 when all agree.
"""
import json
import pathlib
import sys

import duckdb
import pandas
import polars
import pyarrow.dataset
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


def folder_with_pandas(folder):
    frame = pandas.read_parquet(folder)
    return len(frame), list(frame.columns)


def folder_with_pyarrow(folder):
    table = pyarrow.parquet.read_table(folder)
    if pyarrow.dataset.dataset(folder).count_rows() != table.num_rows:
        raise ValueError("as a dataset it has another number of rows")
    return table.num_rows, table.column_names


def folder_with_polars(folder):
    frame = polars.read_parquet(folder)
    return frame.height, frame.columns


def folder_with_duckdb(folder):
    relation = duckdb.sql(f"FROM read_parquet('{folder}/*')")
    return len(relation.fetchall()), relation.columns


FOLDERS = {
    "pandas (folder)": folder_with_pandas,
    "pyarrow (folder)": folder_with_pyarrow,
    "duckdb (folder)": folder_with_duckdb,
    "polars (folder)": folder_with_polars,
}

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
        strangers = [file.name for file in (directory / name).iterdir() if file.suffix != ".parquet"]
        if strangers:
            problems.append(f"its folder holds {', '.join(strangers)} too")
        columns = {}
        ways = {**{reader: (read, files) for reader, read in READERS.items()}, **{reader: (read, str(directory / name)) for reader, read in FOLDERS.items()}}
        for reader, (read, what) in ways.items() if files else ():
            try:
                rows, columns[reader] = read(what)
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
