//! The gate in front of real sites, seen by real clients.
//!
//! `tests/run` installs what these tests need and starts them. By hand:
//! `cargo test -p rempart-tests --features e2e --test e2e`, with the Debian packages named
//! in `tests/run`. A missing program is a failure.

mod accounts_postgres;
mod acme;
mod captcha;
mod client_certificates;
mod clock;
mod demo;
mod dokuwiki;
mod foreign_hashes;
mod forms;
mod haproxy;
mod homemade;
mod hsts;
mod learn;
mod members;
mod meter;
mod old_site;
mod origins_tls;
mod pages;
mod presets;
mod scanners;
mod stapling;
mod stores;
mod trouble;
mod units;
