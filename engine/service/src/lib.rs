//! The gRPC service `dayu.v1`: the same pipeline as the command line, behind long-running operations. Loopback by default.

mod assets;
mod operations;
mod packages;
mod runs;
mod state;
mod wire;

pub use state::{ServeError, ServeOptions};

use dayu_proto::dayu::v1::dayu_server::DayuServer;
use dayu_proto::google::longrunning::operations_server::OperationsServer;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio_stream::wrappers::TcpListenerStream;

/// Loads the districts, listens, calls `ready` with the real address and serves until `stop` resolves. Running runs are told to
/// stop, and end without leaving half a package.
///
/// # Errors
/// Inputs refused, address in use, or a transport error.
pub async fn serve(
    options: ServeOptions,
    ready: impl FnOnce(SocketAddr),
    stop: impl Future<Output = ()> + Send,
) -> Result<(), ServeError> {
    let listen = options.listen;
    let shared = Arc::new(state::Shared::load(options)?);
    let listener = tokio::net::TcpListener::bind(listen).await.map_err(|e| ServeError::Listen(listen, e))?;
    let address = listener.local_addr().map_err(|e| ServeError::Listen(listen, e))?;
    let (reporter, health) = tonic_health::server::health_reporter();
    reporter.set_serving::<DayuServer<runs::DayuService>>().await;
    ready(address);
    let stopping = Arc::clone(&shared);
    tonic::transport::Server::builder()
        .add_service(health)
        .add_service(DayuServer::new(runs::DayuService(Arc::clone(&shared))))
        .add_service(OperationsServer::new(operations::OperationsService(Arc::clone(&shared))))
        .serve_with_incoming_shutdown(TcpListenerStream::new(listener), async move {
            stop.await;
            stopping.cancel_all();
        })
        .await
        .map_err(ServeError::Transport)?;
    shared.wait_idle().await;
    Ok(())
}
