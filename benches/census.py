"""What a whole census costs, for the scanner's process alone: make bench.

Starts the load world and, for trust-ad, a validating Unbound, each a process of its own; scans the world with the release
build; compares row counts and the words of every verdict column with what the world says they must be, and fails where
they differ; prints CPU, memory, DNS queries, packets and, where perf is there, the share of each stage.

    benches/census.py [--domains 10000] [--seed 1] [--mode trust-ad|validate] [--config FILE] [--no-profile] [--keep DIR]
                      [--binary FILE]

Packets are those of the whole network namespace, so they are shown only where it is one of its own:

    unshare --net sh -c 'ip link set lo up; exec python3 benches/census.py --no-profile'
"""

import argparse
import collections
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARY = ROOT / "target/release/mxcensus"
# A class of work, and what in a stack shows it, innermost frame first. The first line that fits decides.
STAGES = [
    ("validation", r"mxcensus::scan::dns::validate|domain::dnssec|domain::rdata::dnssec"),
    ("dns", r"mxcensus::scan::dns"),
    ("policy", r"mxcensus::scan::policy|mxcensus::scan::stage::policy"),
    ("smtp and tls", r"mxcensus::scan::(probe|tls|second_look|net)|mxcensus::smtp|mxcensus::scan::stage::endpoint"),
    ("parquet", r"mxcensus::dataset|mxcensus::scan::keep|mxcensus::rejudge::order|serde_arrow|parquet::|arrow"),
    ("judge", r"mxcensus::judge|mxcensus::rejudge|mxcensus::pkix|mxcensus::dane|mxcensus::summary"),
    ("frontier, tasks", r"mxcensus::scan"),
    ("input", r"mxcensus::input"),
    ("runtime", r"tokio|core::|std::|alloc::"),
]


def main() -> int:
    options = read_options()
    binary = options.binary
    if not binary.exists():
        print(f"{binary} is missing: cargo build --release", file=sys.stderr)
        return 1
    folder = pathlib.Path(options.keep or tempfile.mkdtemp(prefix="mxcensus-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    peers = []
    try:
        world = folder / "world"
        peers.append(start_world(world, options))
        flags = (world / "flags.txt").read_text().split("\n")[:-1]
        if options.mode == "trust-ad":
            peers.append(start_unbound(world))
            flags[flags.index("--resolver") + 1] = resolver_of(world)
        command = [str(binary), "scan", str(world / "domains.csv"), *flags, "--dnssec", options.mode, "--seed", "1"]
        if options.config:
            command += ["--config", options.config]
        print(f"{options.domains} domains, {options.mode}; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
        before = packets()
        cost = measured([*command, "--out", str(folder / "dataset")], folder / "scan.log")
        cost["packets"] = {kind: count - before[kind] for kind, count in packets().items()}
        stop(peers[1:])
        report(cost, options, folder, queries(world))
        wrong = subprocess.run([str(binary), "truth", str(folder / "dataset"), str(world / "truth.json")]).returncode
        if options.profile and shutil.which("perf") and not wrong:
            if options.mode == "trust-ad":
                peers.append(start_unbound(world))
            profile([*command, "--out", str(folder / "profiled")], folder, cost, options.domains)
        return 1 if wrong else 0
    finally:
        stop(peers)
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--domains", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mode", choices=["trust-ad", "validate"], default="trust-ad")
    parser.add_argument("--config", metavar="FILE", help="limits of the scan, for example other threads")
    parser.add_argument("--no-profile", dest="profile", action="store_false")
    parser.add_argument("--binary", type=pathlib.Path, default=BINARY, metavar="FILE", help="another build of mxcensus")
    parser.add_argument("--keep", metavar="DIR", help="leave the world and the dataset there")
    return parser.parse_args()


def start_world(world: pathlib.Path, options: argparse.Namespace) -> subprocess.Popen:
    command = [str(options.binary), "lab", "--world", "load", "--domains", str(options.domains)]
    command += ["--seed", str(options.seed), "--dir", str(world)]
    peer = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    wait_for(lambda: (world / "flags.txt").exists(), peer, 300)
    return peer


def start_unbound(world: pathlib.Path) -> subprocess.Popen:
    with open(world / "unbound.log", "ab") as log:
        peer = subprocess.Popen(["unbound", "-d", "-c", str(world / "unbound.conf")], stderr=log)
    wait_for(lambda: "start of service" in (world / "unbound.log").read_text(errors="replace"), peer, 30)
    return peer


def resolver_of(world: pathlib.Path) -> str:
    address, port = re.search(r"interface: (\S+)@(\d+)", (world / "unbound.conf").read_text()).groups()
    return f"{address}:{port}"


def wait_for(ready, peer: subprocess.Popen, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not ready():
        if peer.poll() is not None or time.monotonic() > end:
            raise SystemExit(f"{peer.args[0]} did not come up")
        time.sleep(0.05)


def stop(peers: list[subprocess.Popen]) -> None:
    for peer in peers:
        if peer.poll() is None:
            peer.terminate()
            peer.wait(20)


def measured(command: list[str], log: pathlib.Path) -> dict:
    """Runs the scanner; its own CPU seconds, wall seconds and peak resident bytes."""
    began = time.monotonic()
    with open(log, "wb") as out:
        child = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise SystemExit(f"the scan ended with {child.returncode}:\n{log.read_text(errors='replace')[-2000:]}")
    return {
        "user": usage.ru_utime,
        "system": usage.ru_stime,
        "cpu": usage.ru_utime + usage.ru_stime,
        "wall": time.monotonic() - began,
        "peak": usage.ru_maxrss * 1024,
        "switches": usage.ru_nvcsw,
    }


def queries(world: pathlib.Path) -> int | None:
    """The questions that Unbound says it was asked, of its last run."""
    log = world / "unbound.log"
    if not log.exists():
        return None
    counts = re.findall(r"server stats for thread \d+: (\d+) queries", log.read_text(errors="replace"))
    return sum(map(int, counts)) or None


def packets() -> dict[str, int]:
    """Packets sent so far in this network namespace, to itself: each is one that somebody received."""
    lines = [line.split() for line in pathlib.Path("/proc/net/snmp").read_text().splitlines()]
    found = {}
    for names, values in zip(lines[::2], lines[1::2]):
        found |= {f"{names[0][:-1]} {name}": int(value) for name, value in zip(names[1:], values[1:])}
    return {kind: found[kind] for kind in ("Udp OutDatagrams", "Tcp OutSegs")}


def is_alone() -> bool:
    """Whether this network namespace has nothing but the loopback interface: then whatever it carries is the bench's."""
    interfaces = pathlib.Path("/proc/net/dev").read_text().splitlines()[2:]
    return [line.split(":")[0].strip() for line in interfaces] == ["lo"]


def report(cost: dict, options: argparse.Namespace, folder: pathlib.Path, asked: int | None) -> None:
    domains = options.domains
    print(f"  CPU          {cost['cpu'] / domains * 1e3:8.3f} ms a domain = s per 1,000"
          f" (user {cost['user'] / domains * 1e3:.3f}, system {cost['system'] / domains * 1e3:.3f})")
    print(f"  speed        {domains / cost['wall']:8.0f} domains/s, the world and the resolver on the same cores")
    print(f"  memory       {cost['peak'] / 2**20:8.0f} MiB at the peak")
    if asked:
        print(f"  DNS          {asked / domains:8.2f} queries a domain")
    if asked and is_alone():
        # What Unbound asks the world is none of ours.
        ours, segments = 2 * asked, cost["packets"]["Tcp OutSegs"]
        print(f"  packets      {(ours + segments) / domains:8.1f} a domain, both ways: {ours / domains:.1f} UDP"
              f" for DNS, {segments / domains:.1f} TCP; {cost['packets']['Udp OutDatagrams'] / domains:.1f} UDP with"
              " those of Unbound")
    for table in sorted((folder / "dataset").glob("*/")):
        size = sum(part.stat().st_size for part in table.glob("*.parquet"))
        if size:
            print(f"  {table.name:<12} {size / domains:8.1f} bytes a domain on disk")


def profile(command: list[str], folder: pathlib.Path, cost: dict, domains: int) -> None:
    """Where the time goes, by sampling a second run."""
    data = folder / "perf.data"
    record = ["perf", "record", "-q", "-F", "499", "-e", "cpu-clock", "--call-graph", "dwarf,32768", "-o", str(data), "--"]
    subprocess.run([*record, *command], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    script = ["perf", "script", "-i", str(data), "--no-inline", "-F", "comm,ip,sym"]
    text = subprocess.run(script, check=True, capture_output=True, text=True, errors="replace").stdout
    samples = [sample for sample in text.split("\n\n") if sample.strip()]
    if not samples:
        raise SystemExit("perf took no samples")
    for title, kind in [("of which, by samples", stage_of), ("the innermost functions", innermost)]:
        print(f"  {title} ({len(samples)}):")
        for name, count in collections.Counter(map(kind, samples)).most_common(15):
            share = count / len(samples)
            print(f"    {share:6.1%}  {share * cost['cpu'] / domains * 1e6:8.1f} us a domain  {name}")


def innermost(sample: str) -> str:
    """The function that ran, without its address and hash."""
    frames = sample.strip().split("\n")[1:]
    return re.sub(r"::h[0-9a-f]{16}$", "", frames[0].split(None, 1)[-1])[:80] if frames else "unknown"


def stage_of(sample: str) -> str:
    frames = sample.split("\n")[1:]
    for frame in frames:
        for stage, pattern in STAGES[:-1]:
            if re.search(pattern, frame):
                return stage
    return "runtime" if any(re.search(STAGES[-1][1], frame) for frame in frames) else "other"


if __name__ == "__main__":
    sys.exit(main())
