//! The folder and the answers.
