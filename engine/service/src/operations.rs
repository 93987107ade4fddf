use crate::state::{Outcome, Run, Shared};
use crate::wire;
use dayu_base::Severity;
use dayu_proto::dayu::v1 as pb;
use dayu_proto::google::longrunning as lro;
use dayu_proto::google::longrunning::operations_server::Operations;
use dayu_proto::google::rpc;
use prost::Message;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tonic::{Request, Response, Status};

/// `google.longrunning.Operations` over the runs of this server.
pub(crate) struct OperationsService(pub Arc<Shared>);

fn any<M: Message>(name: &str, message: &M) -> prost_types::Any {
    prost_types::Any { type_url: format!("type.googleapis.com/dayu.v1.{name}"), value: message.encode_to_vec() }
}

/// A run as an operation.
pub(crate) fn operation(run: &Run) -> lro::Operation {
    let progress = run.progress();
    let (stage, fraction) = progress.0.last().map_or(("load", 0.0), |e| (e.stage.id(), e.fraction));
    let metadata = pb::RunMetadata { run: run.name.clone(), stage: stage.into(), fraction };
    let result = progress.1.as_ref().map(|outcome| match outcome {
        Outcome::Done(summary) => {
            let count = |s| summary.findings.iter().filter(|f| f.severity == s).count() as i64;
            lro::operation::Result::Response(any(
                "Run",
                &pb::Run {
                    name: run.name.clone(),
                    scenario: run.scenario.clone(),
                    run_id: summary.run_id.clone(),
                    levels: summary.levels.iter().map(|l| l.level.id().to_string()).collect(),
                    errors: count(Severity::Error),
                    warnings: count(Severity::Warning),
                    infos: count(Severity::Info),
                },
            ))
        }
        Outcome::Failed(failure) => error(&wire::status(failure)),
        Outcome::Panicked => error(&Status::internal(
            "程序缺陷使运行中止，其他运行不受影响 / a defect ended this run; others are not affected",
        )),
    });
    lro::Operation {
        name: run.operation.clone(),
        metadata: Some(any("RunMetadata", &metadata)),
        done: result.is_some(),
        result,
    }
}

fn error(status: &Status) -> lro::operation::Result {
    lro::operation::Result::Error(rpc::Status {
        code: status.code() as i32,
        message: status.message().into(),
        details: Vec::new(),
    })
}

impl OperationsService {
    fn find(&self, name: &str) -> Result<Arc<Run>, Status> {
        let [id] = wire::parts(name, ["operations"])?;
        self.0
            .runs()
            .get(id)
            .cloned()
            .ok_or_else(|| Status::not_found(format!("没有操作“{name}” / no operation '{name}'")))
    }
}

#[tonic::async_trait]
impl Operations for OperationsService {
    async fn list_operations(
        &self,
        request: Request<lro::ListOperationsRequest>,
    ) -> Result<Response<lro::ListOperationsResponse>, Status> {
        let ask = request.into_inner();
        if !ask.filter.is_empty() {
            return Err(Status::invalid_argument("不支持 filter / filter is not supported"));
        }
        let all: Vec<lro::Operation> = self.0.runs().values().map(|r| operation(r)).collect();
        let (operations, next_page_token) = wire::page(all, ask.page_size, &ask.page_token, 100)?;
        Ok(Response::new(lro::ListOperationsResponse { operations, next_page_token }))
    }
    async fn get_operation(
        &self,
        request: Request<lro::GetOperationRequest>,
    ) -> Result<Response<lro::Operation>, Status> {
        Ok(Response::new(operation(&*self.find(&request.into_inner().name)?)))
    }
    async fn delete_operation(&self, _: Request<lro::DeleteOperationRequest>) -> Result<Response<()>, Status> {
        Err(Status::unimplemented("运行记录不删除 / runs are kept for ever"))
    }
    async fn cancel_operation(&self, request: Request<lro::CancelOperationRequest>) -> Result<Response<()>, Status> {
        self.find(&request.into_inner().name)?.cancel.store(true, Ordering::Relaxed);
        Ok(Response::new(()))
    }
    async fn wait_operation(
        &self,
        request: Request<lro::WaitOperationRequest>,
    ) -> Result<Response<lro::Operation>, Status> {
        let ask = request.into_inner();
        let run = self.find(&ask.name)?;
        let limit = ask
            .timeout
            .map_or(Duration::from_secs(60), |d| Duration::new(d.seconds.max(0) as u64, d.nanos.max(0) as u32));
        let end = tokio::time::Instant::now() + limit.min(Duration::from_secs(600));
        loop {
            let changed = run.changed.notified();
            let now = operation(&run);
            if now.done || tokio::time::timeout_at(end, changed).await.is_err() {
                return Ok(Response::new(now));
            }
        }
    }
}
