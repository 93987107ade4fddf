//! dayu-table
