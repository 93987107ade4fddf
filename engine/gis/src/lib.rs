//! dayu-gis
