#!/usr/bin/env python3
"""Puts the suites of others to the program, prints what differs, and writes the table of docs/testing.md; exit 1 if any of it is
ours to mend."""

import argparse
import json
import pathlib
import subprocess
import sys

import bettertls
import idna_test
import limbo
import pkits
import psl
import wycheproof
from asking import Program

HERE = pathlib.Path(__file__).parent
BEGIN, END = "<!-- make conformance: begin -->", "<!-- make conformance: end -->"
HEAD = [
    "| suite | from | cases | agree | ours wrong | justified |",
    "| --- | --- | --- | --- | --- | --- |",
]


def crates():
    """Where the sources of the crates in `suites` are, by name."""
    command = [
        "cargo",
        "metadata",
        "--locked",
        "--format-version",
        "1",
        "--manifest-path",
        str(HERE / "suites/Cargo.toml"),
    ]
    packages = json.loads(
        subprocess.run(command, capture_output=True, check=True).stdout
    )["packages"]
    return {
        package["name"]: pathlib.Path(package["manifest_path"]).parent
        for package in packages
    }


def suites(arguments):
    program = Program(arguments.binary, arguments.example)
    sources = crates()
    wheel = {
        name: next(arguments.wheels.glob(f"{name}-*.whl"))
        for name in ("cryptography_vectors", "publicsuffixlist")
    }
    yield pkits.suite(program, wheel["cryptography_vectors"])
    yield wycheproof.suite(program, sources["wycheproof"] / "src/data")
    yield idna_test.suite(program, sources["idna"] / "tests/IdnaTestV2.txt")
    yield psl.suite(program, wheel["publicsuffixlist"])
    if arguments.limbo:
        yield limbo.suite(program, arguments.limbo)
    if arguments.bettertls:
        yield bettertls.suite(program, arguments.bettertls)


def report(suite):
    """The row of a suite and its justified cases, as lines of Markdown; and whether any case is ours to mend."""
    agree, wrong, justified = suite.sorted()
    for outcome in wrong:
        print(
            f"ours wrong: {suite.name}: {outcome.case}: {outcome.expected}, ours: {outcome.ours}"
        )
    number = sum(map(len, justified.values()))
    row = f"| {suite.name} | {suite.source} | {len(suite.outcomes):,} | {agree:,} | {len(wrong):,} | {number:,} |"
    return (
        row,
        [f"- {suite.name}, {len(cases)}: {why}." for why, cases in justified.items()],
        bool(wrong),
    )


def write(page, rows, reasons):
    """Puts the table between the marks; what stands there of a suite that did not run stays."""
    text = page.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    old, after = rest.split(END)
    old_rows = [
        line for line in old.splitlines() if line.startswith("| ") and line not in HEAD
    ]
    ran = {row.split(" | ")[0].removeprefix("| ") for row in rows}
    old_reasons = [line for line in old.splitlines() if line.startswith("- ")]
    rows = rows + [
        row for row in old_rows if row.split(" | ")[0].removeprefix("| ") not in ran
    ]
    reasons = reasons + [
        line
        for line in old_reasons
        if not any(line.startswith(f"- {name}, ") for name in ran)
    ]
    block = "\n".join([*HEAD, *rows, "", "Justified:", "", *reasons])
    page.write_text(f"{before}{BEGIN}\n\n{block}\n\n{END}{after}", encoding="utf-8")
    print(block)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary", help="mxcensus")
    parser.add_argument("example", help="the example `conformance` of mxcensus-rules")
    parser.add_argument(
        "wheels", type=pathlib.Path, help="where pip put what requirements.txt names"
    )
    parser.add_argument("--limbo", help="limbo.json of x509-limbo")
    parser.add_argument("--bettertls", help="what `bettertls export-tests` wrote")
    parser.add_argument(
        "--page", type=pathlib.Path, required=True, help="the page with the table"
    )
    arguments = parser.parse_args()
    reports = [report(suite) for suite in suites(arguments)]
    write(
        arguments.page,
        [row for row, _, _ in reports],
        [line for _, lines, _ in reports for line in lines],
    )
    sys.exit(any(wrong for _, _, wrong in reports))


if __name__ == "__main__":
    main()
