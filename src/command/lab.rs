//! The commands that need the simulated internet.

use mxcensus_lab::load;

use super::{Ending, Error, runtime, say};
use crate::about;
use crate::cli::lab::{DemoArgs, LabArgs, SampleArgs, TruthArgs};

/// `mxcensus lab`: runs a simulated internet in the foreground.
pub(super) fn run(args: LabArgs) -> Result<Ending, Error> {
    let runtime = runtime(all_cores())?;
    let (ports, dir, parameters) = (args.ports(), args.dir.clone(), args.load.parameters());
    match args.request() {
        None => runtime.block_on(load::serve(parameters, ports, dir, &mut tell))?,
        Some(request) => runtime.block_on(mxcensus_lab::run(request, &mut tell))?,
    }
    Ok(Ending::Done)
}

/// `mxcensus demo`: the main job on a machine without the internet.
pub(super) fn demo(args: DemoArgs) -> Result<Ending, Error> {
    let agreed = runtime(all_cores())?.block_on(mxcensus_lab::demo::run(args.out, &mut tell))?;
    Ok(Ending::of(agreed, Ending::Incomplete))
}

/// `mxcensus sample`: a dataset of the load world, without a network.
pub(super) fn sample(args: SampleArgs) -> Result<Ending, Error> {
    let out = args.out.display().to_string();
    if let Some(hours) = args.hours {
        let made = load::sample_hours(args.world.parameters(), hours, &args.out, &about::tool())?;
        say(format_args!(
            "{} domains watched for {hours} hours: {} rows kept. The watch is in {out}, what must be found in {out}/truth.json.\n",
            made.domains, made.rows
        ))?;
        return Ok(Ending::Done);
    }
    let summary = load::sample(args.world.parameters(), &args.out, &about::tool())?;
    say(format_args!("{summary}\nThe dataset is in {out}, what must have come out in {out}/truth.json.\n"))?;
    Ok(Ending::Done)
}

/// `mxcensus truth`: holds a dataset of the load world against what must be in it.
pub(super) fn truth(args: &TruthArgs) -> Result<Ending, Error> {
    let compared = load::compare(&args.dataset, args.truth.as_deref())?;
    say(format_args!("{compared}\n"))?;
    Ok(Ending::of(compared.differences.is_empty(), Ending::Incomplete))
}

/// A line for a person. A closed standard output does not stop a lab.
fn tell(line: String) {
    let _ = say(format_args!("{line}\n"));
}

/// The lab is many machines.
fn all_cores() -> usize {
    std::thread::available_parallelism().map_or(2, std::num::NonZero::get)
}
