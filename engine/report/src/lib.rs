//! dayu-report
