//! Generates the types and services of `dayu.v1` without needing `protoc`.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let files = ["dayu/v1/dayu.proto", "google/longrunning/operations.proto"];
    for file in files.iter().chain(&["google/rpc/status.proto"]) {
        println!("cargo:rerun-if-changed={file}");
    }
    let set = protox::compile(files, ["."])?;
    tonic_prost_build::configure().build_client(true).build_server(true).compile_fds(set)?;
    Ok(())
}
