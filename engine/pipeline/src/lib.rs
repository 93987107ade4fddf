//! dayu-pipeline
