//! The rules as a tool.
