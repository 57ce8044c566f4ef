//! Hashes written elsewhere.
