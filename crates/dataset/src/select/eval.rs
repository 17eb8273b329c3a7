//! An SQL expression over a batch of `verdicts`: first its type, then its value. Null is SQL's, neither true nor false.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Datum, Int64Array, RecordBatch, Scalar, StringArray, new_null_array,
};
use arrow::compute::kernels::{boolean, cmp};
use arrow::compute::{cast, ilike, like, nilike, nlike};
use arrow::datatypes::DataType;
use arrow::error::ArrowError;
use sqlparser::ast::{
    BinaryOperator, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, UnaryOperator, Value,
};

use crate::columns::{Column, ColumnType, VERDICTS};

/// What an expression gives.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Type {
    Text,
    Number,
    Bool,
    List,
    Null,
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Type::Text => "text",
            Type::Number => "a number",
            Type::Bool => "true or false",
            Type::List => "a list",
            Type::Null => "null",
        })
    }
}

const OFFERED: &str = "= <> < <= > >=, AND, OR, NOT, IS [NOT] NULL, IS [NOT] TRUE or FALSE, [NOT] IN (…), [NOT] BETWEEN … AND …, \
                       [NOT] LIKE, [NOT] ILIKE, list_contains(column, 'x'), len(column)";

/// The type of an expression; its columns are added to those that are to be read.
pub(super) fn type_of(expression: &Expr, columns: &mut BTreeSet<&'static str>) -> Result<Type, String> {
    match expression {
        Expr::Nested(inner) => type_of(inner, columns),
        Expr::Identifier(name) => {
            let column = column(&name.value)?;
            columns.insert(column.name);
            type_of_column(column)
        }
        Expr::Value(value) => match &value.value {
            Value::Number(text, _) => {
                text.parse::<i64>().map(|_| Type::Number).map_err(|_| format!("{text} is no whole number"))
            }
            Value::SingleQuotedString(_) => Ok(Type::Text),
            Value::Boolean(_) => Ok(Type::Bool),
            Value::Null => Ok(Type::Null),
            other => Err(format!("{other} is not offered: text stands in single quotes")),
        },
        Expr::UnaryOp { op: UnaryOperator::Not, expr } => same(&[expr], Type::Bool, "NOT", columns),
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } if matches!(&**expr, Expr::Value(_)) => {
            same(&[expr], Type::Number, "-", columns).map(|_| Type::Number)
        }
        Expr::BinaryOp { left, op: BinaryOperator::And | BinaryOperator::Or, right } => {
            same(&[left, right], Type::Bool, "AND and OR", columns)
        }
        Expr::BinaryOp { left, op, right } if is_comparison(op) => alike(&[left, right], columns),
        Expr::IsNull(inner) | Expr::IsNotNull(inner) => type_of(inner, columns).map(|_| Type::Bool),
        Expr::IsTrue(inner) | Expr::IsFalse(inner) | Expr::IsNotTrue(inner) | Expr::IsNotFalse(inner) => {
            same(&[inner], Type::Bool, "IS TRUE", columns)
        }
        Expr::InList { expr, list, .. } => alike(&std::iter::once(&**expr).chain(list).collect::<Vec<_>>(), columns),
        Expr::Between { expr, low, high, .. } => alike(&[expr, low, high], columns),
        Expr::Like { expr, pattern, any: false, escape_char: None, .. }
        | Expr::ILike { expr, pattern, any: false, escape_char: None, .. } => {
            same(&[expr, pattern], Type::Text, "LIKE", columns)
        }
        Expr::Function(function) => type_of_function(function, columns),
        other => Err(format!("{other} is not offered here; these are: {OFFERED}")),
    }
}

fn type_of_function(function: &Function, columns: &mut BTreeSet<&'static str>) -> Result<Type, String> {
    let (name, arguments) = call(function)?;
    let types: Vec<Type> = arguments.iter().map(|argument| type_of(argument, columns)).collect::<Result<_, _>>()?;
    match (name.as_str(), types.as_slice()) {
        ("list_contains", [Type::List, Type::Text]) => Ok(Type::Bool),
        ("len", [Type::List]) => Ok(Type::Number),
        _ => Err(format!("{function} is not offered here; these are: {OFFERED}")),
    }
}

fn call(function: &Function) -> Result<(String, Vec<&Expr>), String> {
    let refused = || format!("{function} is not offered here; these are: {OFFERED}");
    let FunctionArguments::List(list) = &function.args else { return Err(refused()) };
    let arguments = list.args.iter().map(|argument| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expression)) => Ok(expression),
        _ => Err(refused()),
    });
    Ok((function.name.to_string().to_lowercase(), arguments.collect::<Result<_, _>>()?))
}

fn same(of: &[&Expr], wanted: Type, what: &str, columns: &mut BTreeSet<&'static str>) -> Result<Type, String> {
    for expression in of {
        let found = type_of(expression, columns)?;
        if found != wanted && found != Type::Null {
            return Err(format!("{expression} is {found}, and {what} takes what is {wanted}"));
        }
    }
    Ok(Type::Bool)
}

/// Whether all can be compared: a comparison is true or false.
fn alike(of: &[&Expr], columns: &mut BTreeSet<&'static str>) -> Result<Type, String> {
    let mut first: Option<(&Expr, Type)> = None;
    for expression in of {
        let found = type_of(expression, columns)?;
        match first {
            _ if found == Type::List => {
                return Err(format!("{expression} is a list: ask list_contains({expression}, 'x')"));
            }
            _ if found == Type::Null => {}
            None => first = Some((expression, found)),
            Some((other, wanted)) if wanted != found => {
                return Err(format!("{other} is {wanted} and {expression} is {found}: they cannot be compared"));
            }
            Some(_) => {}
        }
    }
    Ok(Type::Bool)
}

fn is_comparison(op: &BinaryOperator) -> bool {
    use BinaryOperator::{Eq, Gt, GtEq, Lt, LtEq, NotEq};
    matches!(op, Eq | NotEq | Lt | LtEq | Gt | GtEq)
}

fn column(name: &str) -> Result<&'static Column, String> {
    VERDICTS.column(&name.to_lowercase()).ok_or_else(|| {
        let distance = |column: &&Column| strsim::damerau_levenshtein(column.name, &name.to_lowercase());
        let nearest = VERDICTS.columns.iter().min_by_key(distance).filter(|column| distance(column) <= 4);
        let meant = nearest.map_or_else(String::new, |column| format!(" Did you mean {}?", column.name));
        format!("`verdicts` has no column {name}.{meant} `mxcensus schema` lists them; text stands in single quotes")
    })
}

fn type_of_column(column: &Column) -> Result<Type, String> {
    match column.kind {
        ColumnType::Text | ColumnType::Word(_) => Ok(Type::Text),
        ColumnType::Int32 | ColumnType::Int64 => Ok(Type::Number),
        ColumnType::Bool => Ok(Type::Bool),
        ColumnType::List(ColumnType::Text | ColumnType::Word(_)) => Ok(Type::List),
        _ => Err(format!("{} cannot be used in a condition", column.name)),
    }
}

/// One value for each row, or one for all of them.
enum Values {
    Column(ArrayRef),
    Constant(Scalar<ArrayRef>),
}

impl Values {
    fn datum(&self) -> &dyn Datum {
        match self {
            Values::Column(array) => array,
            Values::Constant(scalar) => scalar,
        }
    }

    /// As a column of truth values.
    fn truth(self, rows: usize) -> BooleanArray {
        match self {
            Values::Column(array) if array.data_type() == &DataType::Boolean => array.as_boolean().clone(),
            Values::Constant(scalar) if scalar.get().0.data_type() == &DataType::Boolean => {
                let constant = scalar.into_inner();
                let value = constant.is_valid(0).then(|| constant.as_boolean().value(0));
                std::iter::repeat_n(value, rows).collect()
            }
            _ => BooleanArray::new_null(rows),
        }
    }
}

/// For which rows the condition, whose type [`type_of`] found to be a truth value, holds.
pub(super) fn evaluate(condition: &Expr, batch: &RecordBatch) -> Result<BooleanArray, String> {
    values(condition, batch).map(|values| values.truth(batch.num_rows()))
}

fn values(expression: &Expr, batch: &RecordBatch) -> Result<Values, String> {
    let truth = |of: &Expr| evaluate(of, batch);
    let told = |result: Result<BooleanArray, ArrowError>| {
        result.map(|array| Values::Column(Arc::new(array))).map_err(|error| error.to_string())
    };
    match expression {
        Expr::Nested(inner) => values(inner, batch),
        Expr::Identifier(name) => read(&name.value, batch),
        Expr::Value(value) => Ok(Values::Constant(Scalar::new(constant(&value.value)))),
        Expr::UnaryOp { op: UnaryOperator::Not, expr } => told(boolean::not(&truth(expr)?)),
        Expr::UnaryOp { expr, .. } => negated(expr),
        Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
            told(boolean::and_kleene(&truth(left)?, &truth(right)?))
        }
        Expr::BinaryOp { left, op: BinaryOperator::Or, right } => {
            told(boolean::or_kleene(&truth(left)?, &truth(right)?))
        }
        Expr::BinaryOp { left, op, right } => {
            compare(left, op, right, batch).map(|array| Values::Column(Arc::new(array)))
        }
        Expr::IsNull(inner) => told(boolean::is_null(&whole(inner, batch)?)),
        Expr::IsNotNull(inner) => told(boolean::is_not_null(&whole(inner, batch)?)),
        Expr::IsTrue(inner) => Ok(holds(&truth(inner)?, true, true)),
        Expr::IsFalse(inner) => Ok(holds(&truth(inner)?, false, true)),
        Expr::IsNotTrue(inner) => Ok(holds(&truth(inner)?, true, false)),
        Expr::IsNotFalse(inner) => Ok(holds(&truth(inner)?, false, false)),
        Expr::InList { expr, list, negated } => {
            let mut any = BooleanArray::from(vec![false; batch.num_rows()]);
            for item in list {
                let equal = compare(expr, &BinaryOperator::Eq, item, batch)?;
                any = boolean::or_kleene(&any, &equal).map_err(|error| error.to_string())?;
            }
            told(if *negated { boolean::not(&any) } else { Ok(any) })
        }
        Expr::Between { expr, negated, low, high } => {
            let above = compare(expr, &BinaryOperator::GtEq, low, batch)?;
            let below = compare(expr, &BinaryOperator::LtEq, high, batch)?;
            let within = boolean::and_kleene(&above, &below).map_err(|error| error.to_string())?;
            told(if *negated { boolean::not(&within) } else { Ok(within) })
        }
        Expr::Like { negated, expr, pattern, .. } => {
            let (text, pattern) = (values(expr, batch)?, values(pattern, batch)?);
            matched(&text, &pattern, if *negated { nlike } else { like }, batch.num_rows())
        }
        Expr::ILike { negated, expr, pattern, .. } => {
            let (text, pattern) = (values(expr, batch)?, values(pattern, batch)?);
            matched(&text, &pattern, if *negated { nilike } else { ilike }, batch.num_rows())
        }
        Expr::Function(function) => called(function, batch),
        other => Err(format!("{other} is not offered here")),
    }
}

type Kernel = fn(&dyn Datum, &dyn Datum) -> Result<BooleanArray, ArrowError>;

fn matched(text: &Values, pattern: &Values, kernel: Kernel, rows: usize) -> Result<Values, String> {
    if is_null(text) || is_null(pattern) {
        return Ok(Values::Column(Arc::new(BooleanArray::new_null(rows))));
    }
    kernel(text.datum(), pattern.datum())
        .map(|array| Values::Column(Arc::new(spread(array, rows))))
        .map_err(|e| e.to_string())
}

fn compare(left: &Expr, op: &BinaryOperator, right: &Expr, batch: &RecordBatch) -> Result<BooleanArray, String> {
    let (left, right) = (values(left, batch)?, values(right, batch)?);
    if is_null(&left) || is_null(&right) {
        return Ok(BooleanArray::new_null(batch.num_rows()));
    }
    let kernel: Kernel = match op {
        BinaryOperator::Eq => cmp::eq,
        BinaryOperator::NotEq => cmp::neq,
        BinaryOperator::Lt => cmp::lt,
        BinaryOperator::LtEq => cmp::lt_eq,
        BinaryOperator::Gt => cmp::gt,
        _ => cmp::gt_eq,
    };
    kernel(left.datum(), right.datum()).map(|array| spread(array, batch.num_rows())).map_err(|error| error.to_string())
}

/// Two constants give one value: it is that of every row.
fn spread(array: BooleanArray, rows: usize) -> BooleanArray {
    match array.len() == rows {
        true => array,
        false => Values::Constant(Scalar::new(Arc::new(array))).truth(rows),
    }
}

fn is_null(values: &Values) -> bool {
    matches!(values, Values::Constant(scalar) if scalar.get().0.data_type() == &DataType::Null)
}

fn read(name: &str, batch: &RecordBatch) -> Result<Values, String> {
    let array = batch.column_by_name(&name.to_lowercase()).ok_or_else(|| format!("no column {name}"))?;
    let plain = match array.data_type() {
        DataType::Dictionary(_, _) => cast(array, &DataType::Utf8),
        DataType::Int32 => cast(array, &DataType::Int64),
        _ => Ok(array.clone()),
    };
    plain.map(Values::Column).map_err(|error| error.to_string())
}

fn constant(value: &Value) -> ArrayRef {
    match value {
        Value::Number(text, _) => Arc::new(Int64Array::from(vec![text.parse::<i64>().ok()])),
        Value::SingleQuotedString(text) => Arc::new(StringArray::from(vec![text.as_str()])),
        Value::Boolean(value) => Arc::new(BooleanArray::from(vec![*value])),
        _ => new_null_array(&DataType::Null, 1),
    }
}

fn negated(expression: &Expr) -> Result<Values, String> {
    let Expr::Value(value) = expression else { return Err(format!("-{expression} is not offered here")) };
    let Value::Number(text, _) = &value.value else { return Err(format!("-{expression} is no number")) };
    Ok(Values::Constant(Scalar::new(Arc::new(Int64Array::from(vec![text.parse::<i64>().ok().map(|number| -number)])))))
}

/// The values as one for each row.
fn whole(expression: &Expr, batch: &RecordBatch) -> Result<ArrayRef, String> {
    Ok(match values(expression, batch)? {
        Values::Column(array) => array,
        Values::Constant(scalar) => {
            let is_null = scalar.into_inner().logical_null_count() > 0;
            Arc::new(BooleanArray::from(vec![(!is_null).then_some(true); batch.num_rows()]))
        }
    })
}

/// Whether each is the value wanted; null is not.
fn holds(truth: &BooleanArray, wanted: bool, positive: bool) -> Values {
    let is = truth.iter().map(|value| Some((value == Some(wanted)) == positive));
    Values::Column(Arc::new(is.collect::<BooleanArray>()))
}

fn called(function: &Function, batch: &RecordBatch) -> Result<Values, String> {
    let (name, arguments) = call(function)?;
    let Some(Values::Column(list)) = arguments.first().map(|first| values(first, batch)).transpose()? else {
        return Err(format!("{function}: its first argument is a column"));
    };
    let list = list.as_list::<i32>();
    if name == "len" {
        let lengths = (0..list.len()).map(|row| list.is_valid(row).then(|| i64::from(list.value_length(row))));
        return Ok(Values::Column(Arc::new(lengths.collect::<Int64Array>())));
    }
    let Some(Expr::Value(wanted)) = arguments.get(1).copied() else {
        return Err(format!("{function}: its second argument is text in single quotes"));
    };
    let Value::SingleQuotedString(wanted) = &wanted.value else {
        return Err(format!("{function}: its second argument is text in single quotes"));
    };
    let has = |row: usize| {
        let items = list.value(row);
        items.as_string::<i32>().iter().flatten().any(|item| item == wanted)
    };
    let found = (0..list.len()).map(|row| list.is_valid(row).then(|| has(row)));
    Ok(Values::Column(Arc::new(found.collect::<BooleanArray>())))
}
