#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mxcensus_fuzz::run("http", data));
