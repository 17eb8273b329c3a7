//! Domains of a dataset for which an SQL condition over `verdicts` holds: a list for another crawl.
//!
//! [`Condition::parse`] reads the condition and holds it against the columns, so that a mistake shows before a row is read;
//! `eval` works it out with Arrow's kernels, a batch at a time (docs/decisions/0013-select.md).

mod eval;

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::Int64Type;
use sqlparser::ast::Expr;
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::Token;

use self::eval::{Type, evaluate, type_of};
use crate::columns::VERDICTS;
use crate::{DatasetError, TableReader};

/// Why nothing could be selected.
#[derive(Debug, thiserror::Error)]
pub enum SelectError {
    /// The condition is no SQL, or none that can be worked out here.
    #[error("{0}")]
    Condition(String),
    /// The verdicts cannot be read.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// The list cannot be written.
    #[error("the list cannot be written: {0}")]
    Write(#[from] std::io::Error),
}

impl SelectError {
    /// Whether the condition is at fault.
    pub fn is_usage(&self) -> bool {
        matches!(self, SelectError::Condition(_))
    }
}

/// How many there are, and how many were selected.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Selected {
    /// Domains for which the condition holds.
    pub domains: u64,
    /// Domains of the dataset.
    pub of: u64,
}

/// A condition over the columns of `verdicts`.
#[derive(Clone, Debug)]
pub struct Condition {
    expression: Expr,
    columns: Vec<&'static str>,
}

impl Condition {
    /// Reads a condition as it stands behind `WHERE`: `dane_verdict <> 'none' AND rank <= 1000`.
    ///
    /// # Errors
    /// It is no SQL expression, names a column that does not exist (the nearest one is named), compares what cannot be compared, or uses what is
    /// not offered.
    pub fn parse(text: &str) -> Result<Condition, SelectError> {
        let wrong = |error: sqlparser::parser::ParserError| {
            SelectError::Condition(format!("{text:?} is no SQL condition: {error}"))
        };
        let mut parser = Parser::new(&GenericDialect {}).try_with_sql(text).map_err(wrong)?;
        let expression = parser.parse_expr().map_err(wrong)?;
        let rest = parser.peek_token();
        if rest.token != Token::EOF {
            return Err(SelectError::Condition(format!(
                "{text:?} is no SQL condition: it ends before {:?}",
                rest.token.to_string()
            )));
        }
        let mut columns = BTreeSet::from(["domain", "rank"]);
        match type_of(&expression, &mut columns).map_err(SelectError::Condition)? {
            Type::Bool | Type::Null => {}
            other => {
                return Err(SelectError::Condition(format!(
                    "{text:?} is {other}, not a condition: compare it with something"
                )));
            }
        }
        Ok(Condition { expression, columns: columns.into_iter().collect() })
    }

    /// Writes the domains for which the condition holds as a list, in the order of the dataset: `rank,domain` where it has ranks.
    ///
    /// # Errors
    /// The verdicts cannot be read, or the list not be written.
    pub fn write_list(&self, dataset: &Path, out: &mut impl Write) -> Result<Selected, SelectError> {
        let mut selected = Selected::default();
        for batch in TableReader::open(dataset, &VERDICTS)?.batches(&self.columns) {
            let batch = batch?;
            selected.of += batch.num_rows() as u64;
            selected.domains += self.write_batch(&batch, out)?;
        }
        Ok(selected)
    }

    fn write_batch(&self, batch: &RecordBatch, out: &mut impl Write) -> Result<u64, SelectError> {
        let holds = evaluate(&self.expression, batch).map_err(SelectError::Condition)?;
        let column =
            |name: &str| batch.column_by_name(name).ok_or_else(|| SelectError::Condition(format!("no column {name}")));
        let (domains, ranks) = (column("domain")?.as_string::<i32>(), column("rank")?.as_primitive::<Int64Type>());
        let mut written = 0;
        for row in (0..batch.num_rows()).filter(|&row| holds.is_valid(row) && holds.value(row)) {
            match ranks.is_valid(row) {
                true => writeln!(out, "{},{}", ranks.value(row), domains.value(row))?,
                false => writeln!(out, "{}", domains.value(row))?,
            }
            written += 1;
        }
        Ok(written)
    }
}

#[cfg(test)]
mod tests;
