//! dayu-scenario
