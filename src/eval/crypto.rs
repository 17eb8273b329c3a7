//! The kinds `dane` and `pkix` of [`super`].

use serde_json::Value;

/// Answers a line of kind `dane`.
pub(super) fn dane(_input: &Value) -> Result<Value, String> {
    Err("not built in".into())
}

/// Answers a line of kind `pkix`.
pub(super) fn pkix(_input: &Value) -> Result<Value, String> {
    Err("not built in".into())
}
