//! Tests over the whole project that need no server, no browser and no root.

mod bad_input;
mod bad_start;
mod checklist;
mod conformance;
mod file_counters;
mod full_disk;
mod in_force;
mod keeper;
mod notify;
mod process;
mod slow_clients;
mod slow_service;
mod tidy;
mod upgrade;
mod verdict;
mod wall;
