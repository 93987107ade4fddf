//! Programs run with a time limit.

use crate::dayu;
use serde_json::Value;
use std::fs::File;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// What a program left behind.
#[derive(Debug)]
pub struct Ended {
    /// exit status; −1 when a signal ended it
    pub code: i32,
    /// standard output
    pub stdout: String,
    /// standard error
    pub stderr: String,
}

impl Ended {
    /// Standard output as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("no JSON on standard output ({e}): {self:?}"))
    }
    /// Ends the test unless the program ended with this code.
    pub fn expect_code(self, code: i32) -> Self {
        assert_eq!(self.code, code, "\n--- stdout\n{}\n--- stderr\n{}", self.stdout, self.stderr);
        self
    }
}

/// Runs a program; ends the test when it takes longer than `limit_s`.
pub fn run(command: &mut Command, limit_s: u64) -> Ended {
    // Files, not pipes: a program that prints much must not wait for its reader.
    let folder = crate::temporary();
    let (out, err) = (folder.path().join("out"), folder.path().join("err"));
    command.stdin(Stdio::null()).stdout(File::create(&out).unwrap()).stderr(File::create(&err).unwrap());
    let mut child = command.spawn().unwrap_or_else(|e| panic!("{command:?} cannot be started: {e}"));
    let status = wait(&mut child, limit_s).unwrap_or_else(|| {
        let _ = child.kill();
        let _ = child.wait();
        panic!("{command:?} took longer than {limit_s} s\n{}", text(&err));
    });
    Ended { code: status.code().unwrap_or(-1), stdout: text(&out), stderr: text(&err) }
}

/// Waits for a child; `None` when it still runs after `limit_s`.
pub fn wait(child: &mut std::process::Child, limit_s: u64) -> Option<ExitStatus> {
    let end = Instant::now() + Duration::from_secs(limit_s);
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        if Instant::now() > end {
            return None;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn text(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned()
}

/// Runs `dayu` with these arguments.
pub fn run_dayu(arguments: &[&str], limit_s: u64) -> Ended {
    run(Command::new(dayu()).args(arguments), limit_s)
}

/// Runs a program that must be there and end with 0; gives its standard output.
pub fn output_of(program: &str, arguments: &[&str]) -> String {
    run(Command::new(program).args(arguments), 120).expect_code(0).stdout
}
