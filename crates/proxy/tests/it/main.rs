//! The gate, seen from a socket: real listeners on loopback, real TLS, origins that count
//! what reaches them.

mod admin;
mod alike;
mod certificates;
mod client;
mod clients;
mod fields;
mod flood;
mod frames;
mod framing;
mod hops;
mod hsts;
mod http2;
mod ladder;
mod life;
mod nap;
mod observe;
mod origin;
mod pages;
mod plain;
mod repair;
mod secrecy;
mod strangers;
mod streaming;
mod support;
mod trace;
mod tunnel;
