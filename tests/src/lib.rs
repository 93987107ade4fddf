//! Harness of the end-to-end tests: the built binary, the repository, Python, temporary folders, and a small constructed district.
//!
//! A test fails, and never skips, when what it needs is absent.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod findings;
pub mod folders;
pub mod process;
pub mod small_district;

use std::path::{Path, PathBuf};

/// Root of the repository.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests lie in the repository").to_path_buf()
}

/// The `dayu` binary: `DAYU_BIN`, else the one built beside this test (`…/release/deps/<test>` → `…/release/dayu`).
pub fn dayu() -> PathBuf {
    if let Some(given) = std::env::var_os("DAYU_BIN") {
        return PathBuf::from(given);
    }
    let test = std::env::current_exe().expect("the path of this test");
    let built = test.parent().and_then(Path::parent).expect("a target folder").join("dayu");
    assert!(
        built.is_file(),
        "{} is missing: run `make test`, or `cargo build --release --workspace --bins`",
        built.display()
    );
    built
}

/// Python with openpyxl, python-docx, grpcio and pyarrow, as `deploy/setup.sh test` makes it.
pub fn python() -> PathBuf {
    let cache = std::env::var_os("DAYU_CACHE").map(PathBuf::from).unwrap_or_else(|| {
        let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        cache.unwrap_or_else(|| PathBuf::from(std::env::var_os("HOME").expect("HOME")).join(".cache")).join("dayu")
    });
    let python = cache.join("venv/bin/python");
    assert!(
        python.is_file(),
        "{} is missing: run `DAYU_CACHE={} deploy/setup.sh test` (or `make test`)",
        python.display(),
        cache.display()
    );
    python
}

/// A temporary folder; `TMPDIR` says where. It stays when `DAYU_TEST_KEEP` is set, so that one can look at what a test made.
pub fn temporary() -> tempfile::TempDir {
    let keep = std::env::var_os("DAYU_TEST_KEEP").is_some();
    tempfile::Builder::new().prefix("dayu-test-").disable_cleanup(keep).tempdir().expect("a temporary folder")
}
