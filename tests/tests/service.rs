//! The real server on a loopback port, driven by the shipped Python example and by a client of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use dayu_tests::folders::assert_same_files;
use dayu_tests::process::{output_of, run, run_dayu, wait};
use dayu_tests::small_district::SmallDistrict;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// `dayu serve`, ended when dropped.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(district: &SmallDistrict) -> Self {
        let mut child = Command::new(dayu_tests::dayu())
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(["--dataset", &district.argument("data"), "--scenarios", &district.argument("scenarios")])
            .args(["--store", &district.argument("store"), "--threads", "2"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::from(std::fs::File::create(district.at("serve.log")).unwrap()))
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line
            .trim()
            .split("http://")
            .nth(1)
            .unwrap_or_else(|| panic!("no address: '{line}' {}", district.text("serve.log")));
        Self { address: address.to_string(), child }
    }
    /// Asks it to end as a supervisor does; gives the exit code.
    fn terminate(mut self) -> i32 {
        output_of("sh", &["-c", &format!("kill -TERM {}", self.child.id())]);
        let status = wait(&mut self.child, 30).expect("the server did not end within 30 s of SIGTERM");
        status.code().unwrap_or(-1)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_example_gets_the_package_that_the_command_line_writes() {
    let district = SmallDistrict::new();
    let server = Server::start(&district);
    let example = dayu_tests::repository().join("examples/run_scenario.py");
    let saved = district.at("saved");
    let ended = run(
        Command::new(dayu_tests::python())
            .arg(example)
            .args(["--address", &server.address, "--district", "small", "--scenario", "small-storm", "--level", "II"])
            .arg("--out")
            .arg(&saved),
        300,
    )
    .expect_code(0);
    for told in ["operations/", "simulate", "compose", "100%", "flood: proposed level", "run_id", "package "] {
        assert!(ended.stdout.contains(told), "'{told}' was not told: {}", ended.stdout);
    }
    run_dayu(
        &["run", &district.scenario(), "--out", &district.argument("out"), "--levels", "II", "--threads", "1"],
        300,
    )
    .expect_code(0);
    assert_same_files(&district.at("out/package/II"), &saved);
    run_dayu(&["check", saved.to_str().unwrap()], 30).expect_code(0);
    assert_eq!(server.terminate(), 0);
}

#[test]
fn the_service_answers_as_its_contract_says() {
    let district = SmallDistrict::new();
    let server = Server::start(&district);
    let client = dayu_tests::repository().join("tests/service_client.py");
    let ended = run(Command::new(dayu_tests::python()).arg(client).arg(&server.address), 300);
    assert_eq!(ended.code, 0, "{}\n{}\n{}", ended.stdout, ended.stderr, district.text("serve.log"));
    assert_eq!(server.terminate(), 0);
    // What was printed while serving holds nothing of the protected register.
    let log = district.text("serve.log");
    assert!(
        dayu_tests::small_district::PERSONS.iter().all(|(_, name, phone)| !log.contains(name) && !log.contains(phone)),
        "{log}"
    );
}

#[test]
fn a_running_run_is_stopped_and_leaves_nothing_half_written() {
    let district = SmallDistrict::new();
    // Long enough that it is still running when the server is told to end.
    district.replace("scenarios/storm/scenario.toml", "duration_s = 7200", "duration_s = 2000000");
    district.replace("scenarios/storm/scenario.toml", "interval_s = 600", "interval_s = 100000");
    let server = Server::start(&district);
    let client = dayu_tests::repository().join("tests/service_client.py");
    run(Command::new(dayu_tests::python()).arg(client).args([&server.address, "--start-only"]), 120).expect_code(0);
    assert_eq!(server.terminate(), 0);
    let left: Vec<_> =
        std::fs::read_dir(district.at("store")).map(|d| d.flatten().map(|e| e.path()).collect()).unwrap_or_default();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_server_that_cannot_start_says_why() {
    let district = SmallDistrict::new();
    let serve = |more: &[&str]| {
        let data = district.argument("data");
        let scenarios = district.argument("scenarios");
        let mut arguments = vec!["serve", "--dataset", &data, "--scenarios", &scenarios];
        arguments.extend(more);
        run_dayu(&arguments, 30)
    };
    let first = Server::start(&district);
    let taken = serve(&["--listen", &first.address]).expect_code(1);
    assert!(taken.stderr.contains("--listen") && taken.stderr.contains(&first.address), "{}", taken.stderr);
    serve(&["--listen", "nonsense"]).expect_code(2);
    let missing = run_dayu(&["serve", "--listen", "127.0.0.1:0", "--dataset", "/nonexistent"], 30).expect_code(1);
    assert!(missing.stderr.contains("RUN-010"), "{}", missing.stderr);
}

#[test]
fn a_second_server_on_the_same_port_says_what_to_do() {
    let district = SmallDistrict::new();
    let server = Server::start(&district);
    let second = run_dayu(
        &[
            "serve",
            "--listen",
            &server.address,
            "--dataset",
            &district.argument("data"),
            "--scenarios",
            &district.argument("scenarios"),
            "--store",
            &district.argument("store-2"),
        ],
        60,
    )
    .expect_code(1);
    for told in ["RUN-094", "无法监听", "cannot listen on", server.address.as_str(), "--listen"] {
        assert!(second.stderr.contains(told), "'{told}' was not told: {}", second.stderr);
    }
    assert_eq!(
        second.stderr.matches("无法监听").count(),
        1,
        "said once, in each language its own half: {}",
        second.stderr
    );
    assert_eq!(server.terminate(), 0);
}
