#![cfg(all(feature = "net", test))]
mod integration;
mod unit;
