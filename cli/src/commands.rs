//! What each command does with the pipeline.

use crate::arguments::{
    Arguments, Assess, Check, Command, Evacuate, Export, ExportTo, Package, Run, Serve, Simulate, Verify,
};
use crate::show::{self, ProgressLine};
use dayu_base::{Finding, ResponseLevel, Severity, Text};
use dayu_pipeline::{
    EarlierRun, EvacuateOptions, ExportModel, Failure, RunOptions, RunSummary, SimulateOptions, VerifyOptions,
};
use std::path::PathBuf;
use std::process::ExitCode;

/// Runs the command and gives the exit code of contract §4.
pub fn execute(arguments: Arguments) -> ExitCode {
    let json = arguments.json;
    let done = match arguments.command {
        Command::Run(a) => run(&a, json),
        Command::Simulate(a) => simulate(&a, json),
        Command::Evacuate(a) => evacuate(&a, json),
        Command::Assess(a) => assess(&a, json),
        Command::Package(a) => package(&a, json),
        Command::Check(a) => check(&a, json),
        Command::Verify(a) => verify(&a, json),
        Command::Export(a) => export(&a, json),
        Command::Data(a) => crate::data::data(&a, json),
        Command::Serve(a) => serve(&a),
    };
    done.unwrap_or_else(|failure| show::failure(&failure, json))
}

/// Progress on standard error while `work` runs.
fn with_progress<T>(work: impl FnOnce(dayu_pipeline::Progress<'_>) -> Result<T, Failure>) -> Result<T, Failure> {
    let line = ProgressLine::new();
    let result = work(&|stage, fraction| line.tell(stage, fraction));
    line.end();
    result
}

fn level(id: &str) -> Result<ResponseLevel, Failure> {
    ResponseLevel::from_id(id).ok_or_else(|| {
        Failure::Usage(
            Finding::error(
                "RUN-092",
                Text::new(format!("没有级别“{id}”"), format!("no level '{id}'")),
                Text::new("应为 attention | IV | III | II | I", "use attention | IV | III | II | I"),
            )
            .field("--level"),
        )
    })
}

fn print_json(value: &impl serde::Serialize) {
    println!("{}", serde_json::to_string_pretty(value).unwrap_or_default());
}

fn run(a: &Run, json: bool) -> Result<ExitCode, Failure> {
    let levels = a.levels.iter().map(|id| level(id)).collect::<Result<Vec<_>, _>>()?;
    let options = RunOptions {
        levels,
        threads: a.threads.threads.map(usize::from),
        overwrite: a.output.overwrite,
        deadline_s: a.deadline.seconds,
        from: a.from.clone().map(|run| EarlierRun { run, moved: a.moved.clone() }),
    };
    let report = with_progress(|p| dayu_pipeline::run(&a.scenario, &a.output.out, &options, p))?;
    show::findings(&report.summary.findings);
    if json {
        print_json(&report.summary);
    } else {
        println!();
        for line in &report.headlines {
            println!("{}", line.zh);
        }
        println!(
            "用时 {:.1} s（推演 {:.1} s，图单表 {:.1} s）",
            report.summary.wall_s.total, report.summary.wall_s.simulate, report.summary.wall_s.compose
        );
        println!("成果 products: {}", a.output.out.join("package").display());
        for l in &report.summary.levels {
            println!("  {:<10} 图 map.png map.pdf map.html · 单 list.pdf list.docx · 表 table.xlsx", l.level.id());
        }
    }
    Ok(show::done(&report.summary.findings))
}

fn simulate(a: &Simulate, json: bool) -> Result<ExitCode, Failure> {
    let options = SimulateOptions {
        threads: a.threads.threads.map(usize::from),
        overwrite: a.output.overwrite,
        deadline_s: a.deadline.seconds,
    };
    let report = with_progress(|p| dayu_pipeline::simulate_scenario(&a.scenario, &a.output.out, &options, p))?;
    show::findings(&report.findings);
    if json {
        print_json(&report.summary);
    } else {
        println!("{}", a.output.out.display());
    }
    Ok(show::done(&report.findings))
}

fn evacuate(a: &Evacuate, json: bool) -> Result<ExitCode, Failure> {
    if let Some(answer) = &a.verify {
        let found = dayu_pipeline::verify_evacuation(answer, a.problem.as_deref(), a.from.as_deref())?;
        if json {
            print_json(&found);
        } else if found["kind"] == "road" {
            println!(
                "核验通过：按时到达 {} 人，未落实 {} 人；到达时刻之和 {} 步·人，下界 {}，相差 {}",
                found["placed"], found["unplaced"], found["sum_arrival_steps"], found["lower_bound"], found["gap"]
            );
        } else {
            println!(
                "核验通过：已执行 {} 人，已落实 {} 人，未落实 {} 人，共 {} 人；总路程 {} 人·米，下界 {}，相差 {}",
                found["already_moved"],
                found["placed"],
                found["unplaced"],
                found["people_with_those_moved"],
                found["person_metres"],
                found["lower_bound"],
                found["gap"]
            );
            if found["problem_given"] == false {
                println!(
                    "只核对了答案与其自带的问题是否一致；另给问题文件 NAME.json 才能发现问题本身被改动 / held against its own copy of the problem only: give NAME.json to notice a changed problem"
                );
            }
            if found["orders_before_given"] == false {
                println!(
                    "原安排取自答案自带的记录；另给 --from 旧答案 才能核对 / the orders before are those the answer keeps: give --from OLD to check them"
                );
            }
        }
        return Ok(ExitCode::SUCCESS);
    }
    // The arguments ask for both unless an answer is verified.
    let (Some(problem), Some(out)) = (&a.problem, &a.out) else { return Ok(ExitCode::FAILURE) };
    let options = EvacuateOptions {
        policy: a.policy.clone(),
        split: a.split,
        vulnerable_first: a.vulnerable_first,
        max_cost: a.max_cost,
        k: a.k,
        from: a.from.clone(),
        within: a.within,
        overwrite: a.overwrite,
        threads: a.threads.threads.map(usize::from),
    };
    let report = with_progress(|p| dayu_pipeline::evacuate(problem, out, &options, p))?;
    show::findings(&report.findings);
    if json {
        print_json(&report.summary);
    } else {
        let s = &report.summary;
        if s["kind"] == "road" {
            println!(
                "应转移 {} 人，按时到达 {} 人，未落实 {} 人；到达时刻之和 {} 步·人（每步 {} 秒），最后到达第 {} 步，与下界之差 {}",
                s["people"],
                s["placed"],
                s["unplaced"],
                s["sum_arrival_steps"],
                s["step_s"],
                s["last_arrival"],
                s["gap"]
            );
            println!("{}", out.display());
            return Ok(show::done(&report.findings));
        }
        println!(
            "应安置 {} 人，已落实 {} 人，未落实 {} 人；总路程 {} 人·米，最长 {} 米，与下界之差 {}",
            s["people"], s["placed"], s["unplaced"], s["person_metres"], s["longest_metres"], s["gap"]
        );
        println!("{}", out.display());
    }
    Ok(show::done(&report.findings))
}

fn assess(a: &Assess, json: bool) -> Result<ExitCode, Failure> {
    let summary =
        with_progress(|p| dayu_pipeline::assess_scenario(&a.scenario, a.threads.threads.map(usize::from), p))?;
    if json {
        print_json(&serde_json::json!({
            "scenario_id": summary.scenario_id,
            "as_of": summary.as_of,
            "recommendations": summary.recommendations,
            "findings": summary.findings,
        }));
    } else {
        recommendation(&summary);
    }
    Ok(show::done(&summary.findings))
}

fn recommendation(summary: &RunSummary) {
    for r in &summary.recommendations {
        let level = r.level.map_or("未达启动条件", ResponseLevel::zh);
        let open = r.cannot_exclude.map(|l| format!("；因数据未知不能排除 {}", l.zh())).unwrap_or_default();
        println!("{}：建议 {level}{open}", r.chain.zh());
        for t in &r.trace {
            let held = match t.held {
                Some(true) => "成立",
                Some(false) => "不成立",
                None => "未知",
            };
            let mark = String::from(t.mark.clone());
            println!(
                "  [{held}] {} · {} · {}（值 {}，阈值 {}，{}，标记 {mark}）",
                t.level.zh(),
                t.clause,
                t.condition.zh,
                t.value.as_deref().unwrap_or("未知"),
                t.threshold,
                t.basis
            );
        }
    }
    println!("以上为系统建议，须由有权人决定。");
}

fn package(a: &Package, json: bool) -> Result<ExitCode, Failure> {
    let level = level(&a.level)?;
    let threads = a.threads.threads.map(usize::from);
    let made = with_progress(|p| {
        dayu_pipeline::package_again(&a.run_dir, level, &a.output.out, a.output.overwrite, threads, p)
    })?;
    if json {
        print_json(&made);
    } else {
        println!("{}  {}", made.package_id, a.output.out.display());
    }
    Ok(ExitCode::SUCCESS)
}

fn check(a: &Check, json: bool) -> Result<ExitCode, Failure> {
    let report = dayu_pipeline::check(&a.path)?;
    if json {
        print_json(&serde_json::json!({ "kind": report.kind, "findings": report.findings }));
    } else {
        for f in &report.findings {
            println!("{f}");
        }
        let count = |s| report.findings.iter().filter(|f| f.severity == s).count();
        println!(
            "{}：错误 {}，警告 {}，提示 {}",
            a.path.display(),
            count(Severity::Error),
            count(Severity::Warning),
            count(Severity::Info)
        );
    }
    Ok(show::done(&report.findings))
}

/// 0 every tolerance met, 1 some not, 3 none missed but something was not computed.
fn verify(a: &Verify, json: bool) -> Result<ExitCode, Failure> {
    let options = VerifyOptions {
        cases: a.cases.clone(),
        short: a.short,
        only: a.only.clone(),
        threads: a.threads.threads.map(usize::from),
        overwrite: a.overwrite,
    };
    let (mut last, mut reason) = (String::new(), String::new());
    let mut say = |case: &str, lines: &[dayu_pipeline::Line]| {
        if json {
            return;
        }
        if last != case {
            println!("# {case}");
            last = case.to_string();
        }
        for line in lines {
            // The same reason under every metric of a run would hide the values.
            let said = !line.why.is_empty() && line.why == reason;
            let shown = if said { dayu_pipeline::Line { why: String::new(), ..line.clone() } } else { line.clone() };
            println!("{shown}");
            reason.clone_from(&line.why);
        }
    };
    let report = with_progress(|p| dayu_pipeline::verify(&options, &a.out, p, &mut say))?;
    let c = report.counts;
    if json {
        print_json(&report.summary);
    } else {
        println!(
            "\n通过 pass {} · 未通过 fail {} · 参考 info {} · 未能计算 not computed {}",
            c.pass, c.fail, c.info, c.not_computed
        );
        println!("{}", a.out.join("verification.html").display());
        println!("{}", a.out.join("verification.pdf").display());
    }
    Ok(if c.fail > 0 {
        ExitCode::FAILURE
    } else if c.not_computed > 0 {
        ExitCode::from(3)
    } else {
        ExitCode::SUCCESS
    })
}

fn export(a: &Export, json: bool) -> Result<ExitCode, Failure> {
    let model = match a.to {
        ExportTo::Sfincs => ExportModel::Sfincs,
        ExportTo::Lisflood => ExportModel::Lisflood,
    };
    let report = dayu_pipeline::export(&a.scenario, model, &a.out, a.overwrite)?;
    show::findings(&report.findings);
    if json {
        print_json(&report.summary);
    } else {
        println!("{}", a.out.display());
    }
    Ok(show::done(&report.findings))
}

fn serve(a: &Serve) -> Result<ExitCode, Failure> {
    let datasets = if a.dataset.is_empty() { shipped_datasets() } else { a.dataset.clone() };
    let options = dayu_service::ServeOptions {
        listen: a.listen,
        datasets,
        scenarios: a.scenarios.clone(),
        store: a.store.clone(),
        threads: a.threads.threads.map(usize::from),
    };
    let runtime = tokio::runtime::Runtime::new().map_err(|e| {
        Failure::from(Finding::error(
            "RUN-094",
            Text::new(format!("服务未能启动（{e}）"), format!("the service could not start ({e})")),
            Text::new("检查系统的线程与文件句柄限制", "check the system's limits of threads and open files"),
        ))
    })?;
    runtime
        .block_on(dayu_service::serve(options, |address| println!("dayu.v1 在 on http://{address}"), stop_signal()))
        .map_err(dayu_service::ServeError::into_failure)?;
    Ok(ExitCode::SUCCESS)
}

/// Every folder below gis-data with a dataset.toml.
fn shipped_datasets() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir("gis-data")
        .into_iter()
        .flatten()
        .filter_map(|e| e.ok().map(|e| e.path()))
        .filter(|p| p.join("dataset.toml").is_file())
        .collect();
    folders.sort();
    folders
}

/// Resolves at ctrl-c or, on Unix, SIGTERM.
async fn stop_signal() {
    let interrupt = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    #[cfg(unix)]
    {
        if let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            tokio::select! {
                () = interrupt => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    interrupt.await;
}
