//! `mxcensus select`: a list of the domains for which a condition holds.

use std::io::{BufWriter, Write};

use mxcensus_dataset::Dataset;
use mxcensus_dataset::files::Staged;
use mxcensus_dataset::select::Condition;

use super::{Ending, Error};
use crate::cli::SelectArgs;
use crate::logging;

/// Writes the list; the file has its name when it is whole.
pub(super) fn run(args: &SelectArgs) -> Result<Ending, Error> {
    let condition = Condition::parse(&args.condition)?;
    Dataset::open(&args.dataset)?;
    let selected = match &args.out {
        Some(path) => {
            let mut out = Staged::create(path)?;
            let selected = condition.write_list(&args.dataset, &mut out)?;
            out.publish()?;
            selected
        }
        None => {
            let mut out = BufWriter::new(std::io::stdout().lock());
            let selected = condition.write_list(&args.dataset, &mut out)?;
            out.flush()?;
            selected
        }
    };
    logging::say(format_args!("{} of {} domains.", selected.domains, selected.of));
    Ok(Ending::Done)
}
