//! The gate, seen from a socket: real listeners on loopback, real TLS, origins that count
//! what reaches them.

mod admin;
mod alike;
mod announced;
mod certificates;
mod client;
mod clients;
mod early;
mod fields;
mod flood;
mod forms;
mod frames;
mod framing;
mod hops;
mod hsts;
mod http2;
mod ladder;
mod life;
mod limits;
mod multiplex;
mod multiplexed_answers;
mod nap;
mod observe;
mod origin;
mod origins;
mod pages;
mod plain;
mod repair;
mod secrecy;
mod sign_in;
mod strangers;
mod streaming;
mod succession;
mod support;
mod trace;
mod tunnel;
