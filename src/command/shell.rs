//! What a package of the program brings for the shell and for `man`.

use std::path::Path;

use clap::CommandFactory;

use super::{Ending, Error};
use crate::cli::Cli;

/// Prints the completions of a shell.
pub(super) fn completions(shell: clap_complete::Shell) -> Result<Ending, Error> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "mxcensus", &mut text);
    super::say(String::from_utf8_lossy(&text))?;
    Ok(Ending::Done)
}

/// Writes `mxcensus.1`, and `mxcensus-COMMAND.1` for each command.
pub(super) fn man(dir: &Path) -> Result<Ending, Error> {
    std::fs::create_dir_all(dir)?;
    clap_mangen::generate_to(Cli::command(), dir)?;
    Ok(Ending::Done)
}
