//! The command line of `list`.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use mxcensus_lists::publisher::Publisher;

/// Arguments of `list`.
#[derive(Args, Clone, Debug)]
pub(crate) struct ListArgs {
    /// Whose list
    #[arg(value_parser = publishers(), value_name = "NAME")]
    pub publisher: Publisher,
    /// The list of this day, as 2026-11-30; of crux that of a month, as 2026-11 [default: the present one]
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub date: Option<mxcensus_lists::Date>,
    /// File to write, as it comes from the publisher; FILE.source.json beside it says where it comes from
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// A mirror, in place of what the publisher's address begins with
    #[arg(long, value_name = "URL")]
    pub base: Option<String>,
}

fn publishers() -> impl TypedValueParser<Value = Publisher> {
    let words = Publisher::ALL.map(|publisher| PossibleValue::new(publisher.word()).help(publisher.meaning()));
    PossibleValuesParser::new(words)
        .try_map(|word| Publisher::ALL.into_iter().find(|publisher| publisher.word() == word).ok_or("it is no list"))
}

fn day(text: &str) -> Result<mxcensus_lists::Date, String> {
    mxcensus_lists::day(text).ok_or_else(|| "write it as 2026-11-30, or 2026-11".to_owned())
}
