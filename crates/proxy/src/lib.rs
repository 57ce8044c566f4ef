//! The gate: sockets, hyper, stages.
