//! The gate, seen from a socket: real listeners on loopback, real TLS, origins that count
//! what reaches them.

mod certificates;
mod client;
mod fields;
mod flood;
mod frames;
mod framing;
mod hops;
mod hsts;
mod http2;
mod life;
mod origin;
mod pages;
mod plain;
mod secrecy;
mod streaming;
mod support;
mod tunnel;
