//! Tests over the whole project that need no server, no browser and no root.

mod bad_input;
mod bad_start;
mod checklist;
mod conformance;
mod slow_service;
mod tidy;
mod verdict;
mod wall;
