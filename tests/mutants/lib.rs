//! The rules alone: see `Cargo.toml` beside this file. That they compile without the rest is itself a test of their purity.
#![forbid(unsafe_code)]

pub mod dane;
pub mod eval;
pub mod failure;
pub mod judge;
pub mod mta_sts;
pub mod name;
mod nist_p521;
pub mod observation;
pub mod pkix;
pub mod smtp;
pub mod special_address;
pub mod text;
pub mod tlsrpt;

/// The cases of `tests/eval_cases`, put to the rules in this process.
#[cfg(test)]
mod eval_cases;

#[cfg(test)]
mod cases {
    use clap::ValueEnum as _;

    use crate::{eval, eval_cases};

    #[test]
    fn every_case_is_answered_as_the_rfcs_have_it() {
        let wrong = eval_cases::answered_wrongly(|kind, input| {
            let kind = eval::Kind::from_str(kind, false).expect("a kind");
            let mut output = Vec::new();
            eval::run(kind, input.as_slice(), &mut output).expect("memory takes it all");
            String::from_utf8(output).expect("UTF-8").lines().map(str::to_owned).collect()
        });
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
