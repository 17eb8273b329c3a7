//! The columns of `changes`: what `mxcensus diff` writes.

use super::vocabulary::{CHANGE_KIND, CHANGE_SUBJECT};
use super::{Column, Table, int64, text, word};

/// What changed between two crawls.
pub static CHANGES: Table = Table {
    name: "changes",
    judged: true,
    doc: "Compared: one row per change between two crawls, OLD and NEW, as `mxcensus diff` finds it; domains by name, then hosts by name. Not \
          part of a dataset: it stands in a directory of its own, beside `summary.json`.",
    key: &["subject", "name", "kind", "aspect"],
    observed_at: None,
    columns: COLUMNS,
};

static COLUMNS: &[Column] = &[
    word("subject", &CHANGE_SUBJECT, "What the change is about."),
    text("name", "The domain or the MX host."),
    word("kind", &CHANGE_KIND, "What changed, or did not."),
    text(
        "aspect",
        "The column that changed, where the kind leaves that open; of policies the parts: `mode`, `max_age`, `mx`; of rollovers \
         `same-key` or `new-key` and `same-tlsa` or `new-tlsa`.",
    )
    .or_null(),
    text("old", "As it was in OLD; several names are separated by spaces.").or_null(),
    text("new", "As it is in NEW.").or_null(),
    int64("rank", "Rank of the domain in NEW's list, else in OLD's.").or_null(),
    text("provider", "Registrable domain of the most preferred MX host, or of the host; of NEW, else of OLD.").or_null(),
    text("provider_before", "The same of OLD, where it was another one.").or_null(),
    text("policy_operator", "Registrable domain of where the aliases of the policy host end; of NEW, else of OLD.")
        .or_null(),
    int64("domains", "How many domains the row is about: 1; of a host those that name it as MX in NEW, or in OLD where NEW has none."),
];
