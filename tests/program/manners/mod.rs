//! The manners of a crawl from outside: the real program, paced in milliseconds, against labs whose servers count.

mod asking;
mod opting_out;
mod pacing;
mod sampling;
mod support;
