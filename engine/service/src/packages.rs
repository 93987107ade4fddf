use crate::state::{Outcome, Run, Shared};
use crate::wire;
use dayu_pipeline::{Manifest, RunSummary, read_manifest};
use dayu_proto::dayu::v1 as pb;
use sha2::{Digest, Sha256};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::mpsc;
use tonic::Status;

const CHUNK_BYTES: usize = 1 << 20;

/// The summary of a finished run; a clear refusal before that.
pub(crate) fn summary(run: &Run) -> Result<RunSummary, Status> {
    match &run.progress().1 {
        Some(Outcome::Done(summary)) => Ok((**summary).clone()),
        Some(Outcome::Failed(failure)) => {
            Err(Status::failed_precondition(format!("运行失败 / the run failed: {failure}")))
        }
        Some(Outcome::Panicked) => {
            Err(Status::failed_precondition("运行因程序缺陷中止 / the run ended by a defect of the program"))
        }
        None => Err(Status::failed_precondition("运行尚未结束 / the run has not ended")),
    }
}

/// The packages of a finished run with their files.
pub(crate) fn list(shared: &Shared, parent: &str) -> Result<Vec<pb::Package>, Status> {
    let run = wire::run(shared, parent)?;
    summary(&run)?
        .levels
        .iter()
        .map(|l| {
            let manifest = manifest(&run, l.level.id())?;
            Ok(pb::Package {
                name: format!("{}/packages/{}", run.name, l.level.id()),
                level: l.level.id().into(),
                package_id: manifest.package_id,
                files: manifest
                    .files
                    .into_iter()
                    .map(|f| pb::PackageFile {
                        path: f.path,
                        bytes: f.bytes as i64,
                        sha256: f.sha256,
                        media_type: f.media_type,
                    })
                    .collect(),
            })
        })
        .collect()
}

fn manifest(run: &Run, level: &str) -> Result<Manifest, Status> {
    read_manifest(&run.out.join("package").join(level)).map_err(|f| wire::status(&f))
}

/// Streams the files of one package, the manifest last.
pub(crate) fn download(
    shared: &Shared,
    ask: &pb::DownloadPackageRequest,
) -> Result<mpsc::Receiver<Result<pb::PackageChunk, Status>>, Status> {
    let [d, s, r, level] = wire::parts(&ask.name, ["districts", "scenarios", "runs", "packages"])?;
    let run: Arc<Run> = wire::run(shared, &format!("districts/{d}/scenarios/{s}/runs/{r}"))?;
    if !summary(&run)?.levels.iter().any(|l| l.level.id() == level) {
        return Err(Status::not_found(format!("该运行没有级别“{level}” / the run has no level '{level}'")));
    }
    let folder = run.out.join("package").join(level);
    let mut names: Vec<String> = manifest(&run, level)?.files.into_iter().map(|f| f.path).collect();
    names.push("manifest.json".into());
    if !ask.path.is_empty() {
        // Only names from the manifest are ever opened.
        names.retain(|n| *n == ask.path);
        if names.is_empty() {
            return Err(Status::not_found(format!(
                "成果包没有文件“{}” / the package has no file '{}'",
                ask.path, ask.path
            )));
        }
    } else if ask.offset != 0 {
        return Err(Status::invalid_argument("offset 只与 path 同用 / offset goes with path only"));
    }
    if ask.offset < 0 {
        return Err(Status::invalid_argument("offset 不能为负 / offset cannot be negative"));
    }
    let (sender, receiver) = mpsc::channel(4);
    let offset = ask.offset as usize;
    tokio::task::spawn_blocking(move || {
        for name in names {
            if send(&sender, &folder.join(&name), &name, offset).is_err() {
                return;
            }
        }
    });
    Ok(receiver)
}

/// Sends one file; `Err` when the client has gone.
fn send(
    sender: &mpsc::Sender<Result<pb::PackageChunk, Status>>,
    path: &PathBuf,
    name: &str,
    offset: usize,
) -> Result<(), ()> {
    let give = |item| sender.blocking_send(item).map_err(|_| ());
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(e) => return give(Err(Status::data_loss(format!("{name}: {e}")))),
    };
    if offset > bytes.len() {
        return give(Err(Status::out_of_range(format!(
            "offset 超出文件 {} 字节 / offset is beyond {} bytes",
            bytes.len(),
            bytes.len()
        ))));
    }
    let file_sha256 = hex(&bytes);
    let mut at = offset;
    loop {
        let end = (at + CHUNK_BYTES).min(bytes.len());
        let last = end == bytes.len();
        let data = bytes[at..end].to_vec();
        give(Ok(pb::PackageChunk {
            path: name.into(),
            offset: at as i64,
            chunk_sha256: hex(&data),
            data,
            last,
            file_bytes: if last { bytes.len() as i64 } else { 0 },
            file_sha256: if last { file_sha256.clone() } else { String::new() },
        }))?;
        if last {
            return Ok(());
        }
        at = end;
    }
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}
