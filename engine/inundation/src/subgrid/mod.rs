//! Inertial flow on cells that keep the terrain of their pixels (subgrid).

mod activity;
mod exchange;
mod flow;
mod ground;
mod links;
mod record;
mod result;
mod run;
mod section;
mod track;
mod water;
mod wave;
mod weir;

pub(crate) use run::simulate_subgrid;
