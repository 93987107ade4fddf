//! dayu-service
