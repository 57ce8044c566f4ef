//! The library for login flows.
