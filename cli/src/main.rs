//! `dayu`: one binary for the whole line. Results for machines go to standard output (`--json`), progress to standard error.
//! Exit codes: 0 done · 1 failed or input refused · 2 wrong use · 3 done, but with findings of severity error.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod arguments;
mod commands;
mod data;
mod show;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(tracing::Level::WARN)
        .with_target(false)
        .init();
    let arguments = match arguments::Arguments::try_parse() {
        Ok(a) => a,
        Err(e) => {
            let _ = e.print();
            return ExitCode::from(u8::from(e.use_stderr()) * 2);
        }
    };
    commands::execute(arguments)
}
