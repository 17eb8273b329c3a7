//! The examples that stand below each `--help`.

pub(super) const SCAN: &str = "\
Examples:
  mxcensus scan top-1m.csv.zip --out 2026-11 --contact https://example.org/census
  mxcensus scan https://example.org/list.csv.gz --out 2026-11 --limit 10000
  mxcensus scan --out 2026-11 --resume
  mxcensus scan top-1m.csv --plan
  mxcensus scan --config census.toml      # with list, out, metrics and log in the file";
pub(super) const JUDGE: &str = "\
Examples:
  mxcensus judge 2026-11
  mxcensus judge 2026-11 --at 2027-06-01T00:00:00Z --out 2026-11-in-june
  mxcensus judge 2026-11 --distrust FINGERPRINT@2026-12-31 --out without-root
  mxcensus diff 2026-11 without-root";
pub(super) const VERIFY: &str = "\
Example:
  mxcensus verify 2026-11";
pub(super) const REDACT: &str = "\
Examples:
  mxcensus redact 2026-11 --out 2026-11-public
  mxcensus redact 2026-11 --out 2026-11-public --opt-out opt-out.txt";
pub(super) const DIFF: &str = "\
Examples:
  mxcensus diff 2026-10 2026-11
  mxcensus diff 2026-10 2026-11 --out changes";
pub(super) const CHECK: &str = "\
Examples:
  mxcensus check example.org example.net
  mxcensus check example.org --all
  mxcensus check - --json < domains.txt";
pub(super) const DOCTOR: &str = "\
Examples:
  mxcensus doctor --mail-host mx.example.org --mail-host mx.example.net
  mxcensus doctor --resolver 127.0.0.1 --out 2026-11 --domains 1000000";
pub(super) const LIST: &str = "\
Examples:
  mxcensus list tranco --out top-1m.csv.zip
  mxcensus list umbrella --date 2026-11-01 --out umbrella.csv.zip
  mxcensus list crux --date 2026-10 --out crux.csv.gz";
pub(super) const SCHEMA: &str = "\
Examples:
  mxcensus schema
  mxcensus schema 2026-11 --format json";
pub(super) const COMPLETIONS: &str = "\
Example:
  mxcensus completions bash > ~/.local/share/bash-completion/completions/mxcensus";
pub(super) const MAN: &str = "\
Example:
  mxcensus man ~/.local/share/man/man1";
pub(super) const EVAL: &str = "\
Example:
  mxcensus eval KIND < cases.jsonl        # the kinds stand above";
#[cfg(feature = "lab")]
pub(super) const LAB: &str = "\
Examples:
  mxcensus lab
  mxcensus lab --port-base 20000 --access-log
  mxcensus lab --world load --domains 100000";
#[cfg(feature = "lab")]
pub(super) const DEMO: &str = "\
Example:
  mxcensus demo && mxcensus-report demo-dataset";
#[cfg(feature = "lab")]
pub(super) const SAMPLE: &str = "\
Examples:
  mxcensus sample --domains 200000 --out sample
  mxcensus sample --month 1 --out sample-next-month";
#[cfg(feature = "lab")]
pub(super) const TRUTH: &str = "\
Example:
  mxcensus truth sample";
pub(super) const SELECT: &str = "\
Examples:
  mxcensus select 2026-11 \"dane_verdict <> 'none'\" --out dane.csv
  mxcensus select 2026-11 \"sts_mode = 'enforce' AND provider NOT IN ('google.com', 'outlook.com')\"
  mxcensus select 2026-11 \"list_contains(sts_record_defects, 'record-id-invalid') OR rank <= 1000\"";
pub(super) const SERIES: &str = "\
Example:
  mxcensus series run series.toml";
#[cfg(feature = "fleet")]
pub(super) const FLEET: &str = "\
Examples:
  mxcensus fleet local domains.csv --out census --workers 3 --operators fleet-operators.toml
  mxcensus fleet start domains.csv --broker nats://10.0.0.1 --out /shared/2026-12 --operators fleet-operators.toml
  mxcensus fleet work --broker nats://10.0.0.1";
