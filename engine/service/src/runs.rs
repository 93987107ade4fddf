use crate::state::{Outcome, Run, Shared};
use crate::{assets, operations, packages, wire};
use dayu_base::ResponseLevel;
use dayu_pipeline::{Failure, RunOptions, Stage};
use dayu_proto::dayu::v1 as pb;
use dayu_proto::dayu::v1::dayu_server::Dayu;
use dayu_proto::google::longrunning as lro;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::{Notify, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

const HEARTBEAT: Duration = Duration::from_secs(5);

/// `dayu.v1.Dayu`
pub(crate) struct DayuService(pub Arc<Shared>);

type Stream<T> = Pin<Box<dyn tokio_stream::Stream<Item = Result<T, Status>> + Send>>;

#[tonic::async_trait]
impl Dayu for DayuService {
    type WatchRunStream = Stream<pb::RunEvent>;
    type DownloadPackageStream = Stream<pb::PackageChunk>;

    async fn list_districts(
        &self,
        request: Request<pb::ListDistrictsRequest>,
    ) -> Result<Response<pb::ListDistrictsResponse>, Status> {
        let ask = request.into_inner();
        let all: Vec<pb::District> = self
            .0
            .districts
            .iter()
            .map(|(id, served)| {
                let spec = &served.district.spec;
                pb::District {
                    name: format!("districts/{id}"),
                    id: id.clone(),
                    title_zh: spec.name.zh.clone(),
                    title_en: spec.name.en.clone(),
                    crs: spec.crs.clone(),
                    vertical_datum: spec.vertical_datum.clone(),
                    origin: spec.origin.id().into(),
                    layers: served
                        .district
                        .registry
                        .counts()
                        .into_iter()
                        .map(|(layer, n)| pb::LayerCount { layer: layer.id().into(), objects: n as i64 })
                        .collect(),
                    findings: served.district.findings.len() as i64,
                    scenarios: served.scenarios.keys().cloned().collect(),
                }
            })
            .collect();
        let (districts, next_page_token) = wire::page(all, ask.page_size, &ask.page_token, 100)?;
        Ok(Response::new(pb::ListDistrictsResponse { districts, next_page_token }))
    }

    async fn query_assets(
        &self,
        request: Request<pb::QueryAssetsRequest>,
    ) -> Result<Response<pb::QueryAssetsResponse>, Status> {
        assets::query(&self.0, &request.into_inner()).map(Response::new)
    }

    async fn run_scenario(&self, request: Request<pb::RunScenarioRequest>) -> Result<Response<lro::Operation>, Status> {
        let run = start(&self.0, request.into_inner())?;
        Ok(Response::new(operations::operation(&run)))
    }

    async fn watch_run(&self, request: Request<pb::WatchRunRequest>) -> Result<Response<Self::WatchRunStream>, Status> {
        let ask = request.into_inner();
        let run = wire::run(&self.0, &ask.name)?;
        let (sender, receiver) = mpsc::channel(16);
        tokio::spawn(watch(run, ask.resume_after.max(0) as usize, sender));
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }

    async fn get_recommendation(
        &self,
        request: Request<pb::GetRecommendationRequest>,
    ) -> Result<Response<pb::GetRecommendationResponse>, Status> {
        let run = wire::run(&self.0, &request.into_inner().name)?;
        let recommendations = packages::summary(&run)?
            .recommendations
            .into_iter()
            .map(|r| pb::Recommendation {
                chain: serde_json::to_value(r.chain)
                    .ok()
                    .and_then(|v| v.as_str().map(String::from))
                    .unwrap_or_default(),
                level: r.level.map(|l| l.id().to_string()).unwrap_or_default(),
                cannot_exclude: r.cannot_exclude.map(|l| l.id().to_string()).unwrap_or_default(),
                trace: r
                    .trace
                    .into_iter()
                    .map(|t| pb::RuleTrace {
                        level: t.level.id().into(),
                        clause: t.clause,
                        condition_zh: t.condition.zh,
                        condition_en: t.condition.en,
                        value: t.value.unwrap_or_default(),
                        threshold: t.threshold,
                        basis: t.basis,
                        data_age_s: t.data_age_s,
                        held: t.held,
                        mark: t.mark.into(),
                    })
                    .collect(),
            })
            .collect();
        Ok(Response::new(pb::GetRecommendationResponse { recommendations }))
    }

    async fn list_packages(
        &self,
        request: Request<pb::ListPackagesRequest>,
    ) -> Result<Response<pb::ListPackagesResponse>, Status> {
        packages::list(&self.0, &request.into_inner().parent)
            .map(|packages| Response::new(pb::ListPackagesResponse { packages }))
    }

    async fn download_package(
        &self,
        request: Request<pb::DownloadPackageRequest>,
    ) -> Result<Response<Self::DownloadPackageStream>, Status> {
        let receiver = packages::download(&self.0, &request.into_inner())?;
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }
}

/// Accepts a run and sets it going; a repeated request gets the first run.
fn start(shared: &Arc<Shared>, ask: pb::RunScenarioRequest) -> Result<Arc<Run>, Status> {
    let (district, served) = wire::district(shared, &ask.parent)?;
    let scenario = served.scenarios.get(&ask.scenario).cloned().ok_or_else(|| {
        let known = served.scenarios.keys().cloned().collect::<Vec<_>>().join(", ");
        Status::not_found(format!("没有情景“{0}”；有：{known} / no scenario '{0}'; there are: {known}", ask.scenario))
    })?;
    let levels = ask
        .levels
        .iter()
        .map(|id| {
            ResponseLevel::from_id(id).ok_or_else(|| {
                Status::invalid_argument(format!(
                    "没有级别“{id}”，应为 attention | IV | III | II | I / no level '{id}', use attention | IV | III | II | I"
                ))
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    let id = if ask.request_id.is_empty() {
        uuid::Uuid::new_v4().to_string()
    } else {
        uuid::Uuid::parse_str(&ask.request_id)
            .map_err(|_| Status::invalid_argument("request_id 应为 UUID / request_id must be a UUID"))?
            .to_string()
    };
    let asked = (ask.parent.clone(), ask.scenario.clone(), ask.levels.clone());
    let run = {
        let mut runs = shared.runs();
        if let Some(first) = runs.get(&id) {
            if first.asked == asked {
                return Ok(Arc::clone(first));
            }
            return Err(Status::already_exists(
                "同一 request_id 的请求内容不同 / the same request_id came with another request",
            ));
        }
        let run = Arc::new(Run {
            name: format!("districts/{district}/scenarios/{}/runs/{id}", ask.scenario),
            operation: format!("operations/{id}"),
            scenario: ask.scenario.clone(),
            asked,
            out: shared.options.store.join(&id),
            cancel: AtomicBool::new(false),
            progress: Default::default(),
            changed: Notify::new(),
        });
        runs.insert(id, Arc::clone(&run));
        run
    };
    let (shared, going) = (Arc::clone(shared), Arc::clone(&run));
    tokio::spawn(async move {
        let Ok(turn) = Arc::clone(&shared.turn).acquire_owned().await else { return };
        let options = RunOptions { levels, threads: shared.options.threads, overwrite: false, ..RunOptions::default() };
        let work = Arc::clone(&going);
        let outcome = if going.cancel.load(Ordering::Relaxed) {
            Outcome::Failed(Failure::Cancelled)
        } else {
            let ended = tokio::task::spawn_blocking(move || {
                dayu_pipeline::run(&scenario, &work.out, &options, &|stage: Stage, fraction| work.tell(stage, fraction))
            })
            .await;
            match ended {
                Ok(Ok(report)) => Outcome::Done(Box::new(report.summary)),
                Ok(Err(failure)) => Outcome::Failed(failure),
                // A panic is a bug: it ends this run and no other.
                Err(_) => Outcome::Panicked,
            }
        };
        going.end(outcome);
        drop(turn);
    });
    Ok(run)
}

/// Sends events from `after` on, heartbeats between, until the run ends or the client goes.
async fn watch(run: Arc<Run>, after: usize, sender: mpsc::Sender<Result<pb::RunEvent, Status>>) {
    let mut sent = after;
    loop {
        let changed = run.changed.notified();
        let (events, end) = {
            let progress = run.progress();
            let events: Vec<pb::RunEvent> = progress
                .0
                .iter()
                .enumerate()
                .skip(sent)
                .map(|(k, e)| pb::RunEvent {
                    id: k as i64 + 1,
                    stage: e.stage.id().into(),
                    fraction: e.fraction,
                    ..Default::default()
                })
                .collect();
            let end = progress.1.as_ref().map(|o| match o {
                Outcome::Done(_) => String::new(),
                Outcome::Failed(f) => f.to_string(),
                Outcome::Panicked => "程序缺陷使运行中止 / a defect ended the run".into(),
            });
            (events, end)
        };
        sent += events.len();
        for event in events {
            if sender.send(Ok(event)).await.is_err() {
                return;
            }
        }
        if let Some(error) = end {
            let last = pb::RunEvent {
                id: sent as i64 + 1,
                stage: "done".into(),
                fraction: 1.0,
                done: true,
                error,
                heartbeat: false,
            };
            let _ = sender.send(Ok(last)).await;
            return;
        }
        if tokio::time::timeout(HEARTBEAT, changed).await.is_err() {
            let beat = pb::RunEvent { id: sent as i64, heartbeat: true, ..Default::default() };
            if sender.send(Ok(beat)).await.is_err() {
                return;
            }
        }
    }
}
