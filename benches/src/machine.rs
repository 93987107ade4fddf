use std::fs::read_to_string;
use std::process::Command;

/// Ticks a second of the times in `/proc`: fixed by the interface of Linux (USER_HZ), whatever the kernel counts in.
const TICKS_A_SECOND: f64 = 100.0;

/// Processor time of this process so far, all threads, s. `None` where there is no `/proc`.
pub fn cpu_s() -> Option<f64> {
    times("/proc/self/stat").map(|(own, _)| own)
}

/// Processor time of ended children that were waited for, s.
pub fn cpu_s_of_children() -> Option<f64> {
    times("/proc/self/stat").map(|(_, children)| children)
}

/// User and system time of a process, and of its ended children, s.
fn times(path: &str) -> Option<(f64, f64)> {
    // The name in brackets may hold spaces: count from the last bracket, after which field 3 comes first.
    let text = read_to_string(path).ok()?;
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |k: usize| fields.get(k - 3)?.parse::<f64>().ok();
    Some(((ticks(14)? + ticks(15)?) / TICKS_A_SECOND, (ticks(16)? + ticks(17)?) / TICKS_A_SECOND))
}

/// Processor, cores, memory, compiler and load of the machine, in one line; what cannot be read is left out. A load well above 0
/// says that other work was going on and that the figures below it are too slow.
pub fn machine_line() -> String {
    let field = |path: &str, key: &str| {
        let text = read_to_string(path).ok()?;
        let line = text.lines().find(|line| line.starts_with(key))?;
        Some(line.split_once(':')?.1.trim().to_string())
    };
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let memory = field("/proc/meminfo", "MemTotal")
        .and_then(|text| text.split_whitespace().next()?.parse::<f64>().ok())
        .map(|kib| format!("{:.1} GiB", kib / 1024.0 / 1024.0));
    let load = read_to_string("/proc/loadavg").ok();
    let load = load.and_then(|text| text.split(' ').next().map(|minute| format!("load {minute} before the run")));
    let parts = [
        field("/proc/cpuinfo", "model name"),
        Some(format!("{cores} cores")),
        memory,
        first_line("rustc", &["--version"]),
        first_line("gdal-config", &["--version"]).map(|version| format!("GDAL {version}")),
        load,
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn first_line(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).output().ok().filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok()?.lines().next().map(str::to_string)
}
