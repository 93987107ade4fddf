//! Members of an ensemble.
