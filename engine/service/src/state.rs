use dayu_base::{Finding, Text};
use dayu_pipeline::{District, Failure, RunSummary, Stage};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, Semaphore};

/// Where to listen, what to load, where to keep runs.
#[derive(Clone, Debug)]
pub struct ServeOptions {
    /// address; port 0 = chosen by the system
    pub listen: SocketAddr,
    /// dataset folders
    pub datasets: Vec<PathBuf>,
    /// folder that holds scenario folders
    pub scenarios: PathBuf,
    /// where runs are kept
    pub store: PathBuf,
    /// threads of a run; default: all cores
    pub threads: Option<usize>,
}

/// Why the service could not start or go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// a dataset or scenario was refused
    #[error("{0}")]
    Inputs(Failure),
    /// nothing to serve
    #[error("no dataset or scenario: {0}")]
    Nothing(String),
    /// the address cannot be had
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, std::io::Error),
    /// the transport failed
    #[error("transport error: {0}")]
    Transport(tonic::transport::Error),
}

impl ServeError {
    /// What a person must know and do: an input's own finding, else `RUN-094`.
    pub fn into_failure(self) -> Failure {
        let (zh, en, mend) = match self {
            Self::Inputs(failure) => return failure,
            Self::Nothing(what) => (
                format!("没有可用的数据集或情景：{what}"),
                format!("no dataset or scenario: {what}"),
                Text::new("用 --dataset、--scenarios 指明文件夹", "name the folders with --dataset and --scenarios"),
            ),
            Self::Listen(address, e) => (
                format!("无法监听 {address}（{e}）"),
                format!("cannot listen on {address} ({e})"),
                Text::new(
                    "换一个 --listen 地址，或停掉占用端口的程序",
                    "name another --listen address, or stop what uses the port",
                ),
            ),
            Self::Transport(e) => (
                format!("网络传输中断（{e}）"),
                format!("the transport failed ({e})"),
                Text::new("检查网络与端口后重启服务", "check network and port, then start again"),
            ),
        };
        Failure::from(Finding::error("RUN-094", Text::new(zh, en), mend))
    }
}

/// What happened in a run, in order.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub stage: Stage,
    pub fraction: f64,
}

/// How a run ended.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    Done(Box<RunSummary>),
    Failed(Failure),
    Panicked,
}

/// One run of one scenario.
#[derive(Debug)]
pub(crate) struct Run {
    /// `districts/…/scenarios/…/runs/…`
    pub name: String,
    /// `operations/…`
    pub operation: String,
    pub scenario: String,
    /// what was asked, to recognise a repeated request
    pub asked: (String, String, Vec<String>),
    pub out: PathBuf,
    pub cancel: AtomicBool,
    pub progress: Mutex<(Vec<Event>, Option<Outcome>)>,
    pub changed: Notify,
}

impl Run {
    pub fn progress(&self) -> MutexGuard<'_, (Vec<Event>, Option<Outcome>)> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
    pub fn tell(&self, stage: Stage, fraction: f64) -> bool {
        let fraction = stage.overall(fraction);
        let mut progress = self.progress();
        // One event per percent is enough for people and keeps the log small.
        let news = progress.0.last().is_none_or(|last| last.stage != stage || fraction - last.fraction >= 0.01);
        if news {
            progress.0.push(Event { stage, fraction });
        }
        drop(progress);
        if news {
            self.changed.notify_waiters();
        }
        !self.cancel.load(Ordering::Relaxed)
    }
    pub fn end(&self, outcome: Outcome) {
        let mut progress = self.progress();
        if matches!(outcome, Outcome::Done(_)) {
            progress.0.push(Event { stage: Stage::Done, fraction: 1.0 });
        }
        progress.1 = Some(outcome);
        drop(progress);
        self.changed.notify_waiters();
    }
}

/// A loaded district and the scenarios that use it.
pub(crate) struct Served {
    pub district: District,
    /// scenario id → folder
    pub scenarios: BTreeMap<String, PathBuf>,
}

/// Everything the handlers share.
pub(crate) struct Shared {
    pub options: ServeOptions,
    /// district id → district
    pub districts: BTreeMap<String, Served>,
    /// run id → run
    pub runs: Mutex<BTreeMap<String, Arc<Run>>>,
    /// One run at a time: a run uses every core by itself.
    pub turn: Arc<Semaphore>,
}

impl Shared {
    pub fn load(options: ServeOptions) -> Result<Self, ServeError> {
        let mut districts = BTreeMap::new();
        for folder in &options.datasets {
            let district = dayu_pipeline::load_district(folder).map_err(ServeError::Inputs)?;
            districts.insert(district.spec.id.clone(), Served { district, scenarios: BTreeMap::new() });
        }
        if districts.is_empty() {
            return Err(ServeError::Nothing(
                options.datasets.iter().map(|d| d.display().to_string()).collect::<Vec<_>>().join(", "),
            ));
        }
        let mut folders: Vec<PathBuf> = std::fs::read_dir(&options.scenarios)
            .map_err(|e| ServeError::Nothing(format!("{}: {e}", options.scenarios.display())))?
            .filter_map(|entry| entry.ok().map(|e| e.path()))
            .filter(|path| path.join("scenario.toml").is_file())
            .collect();
        folders.sort();
        for folder in folders {
            let (scenario, dataset) = dayu_pipeline::scenario_identity(&folder).map_err(ServeError::Inputs)?;
            if let Some(served) = districts.get_mut(&dataset) {
                served.scenarios.insert(scenario, folder);
            }
        }
        Ok(Self { options, districts, runs: Mutex::default(), turn: Arc::new(Semaphore::new(1)) })
    }
    pub fn runs(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Run>>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
    pub fn cancel_all(&self) {
        for run in self.runs().values() {
            run.cancel.store(true, Ordering::Relaxed);
        }
    }
    /// Waits until no run is going on.
    pub async fn wait_idle(&self) {
        let _ = self.turn.acquire().await;
    }
}
