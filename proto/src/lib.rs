//! Generated types of the service `dayu.v1` and of `google.longrunning`. The `.proto` files beside this crate are the contract.
#![allow(missing_docs, clippy::all, clippy::pedantic)]

/// `dayu.v1`
pub mod dayu {
    /// version 1
    pub mod v1 {
        tonic::include_proto!("dayu.v1");
    }
}

/// The public definitions used by `dayu.v1`.
pub mod google {
    /// long-running operations
    pub mod longrunning {
        tonic::include_proto!("google.longrunning");
    }
    /// status
    pub mod rpc {
        tonic::include_proto!("google.rpc");
    }
}
