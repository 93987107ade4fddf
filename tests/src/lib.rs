//! dayu-tests
