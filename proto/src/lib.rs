//! dayu-proto
