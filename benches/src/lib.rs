//! dayu-benches
