//! What the kernel says of this process, under the names that every Prometheus client uses.
//!
//! What cannot be read is left out: a metric that is absent is better than one that is wrong.

use std::fs;

use super::{COUNTER, GAUGE, Text, seconds};
use crate::gate::Shared;

pub(super) fn write(text: &mut Text, shared: &Shared) {
    text.single(
        "process_start_time_seconds",
        GAUGE,
        "When the gate started.",
        seconds(shared.metrics.started),
    );
    if let Some(seconds) = processor_seconds() {
        text.single(
            "process_cpu_seconds_total",
            COUNTER,
            "Processor time.",
            seconds,
        );
    }
    if let Some(bytes) = status("VmRSS:").map(|kib| kib * 1024) {
        text.single(
            "process_resident_memory_bytes",
            GAUGE,
            "Memory in use.",
            bytes,
        );
    }
    if let Ok(descriptors) = fs::read_dir("/proc/self/fd") {
        let open = descriptors.count();
        text.single("process_open_fds", GAUGE, "Open descriptors.", open);
    }
    if let Some(most) = rustix::process::getrlimit(rustix::process::Resource::Nofile).current {
        text.single("process_max_fds", GAUGE, "The most that may be open.", most);
    }
}

/// The first number behind a name in `/proc/self/status`.
fn status(name: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

/// User and system time. The kernel counts them in hundredths for every program.
fn processor_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name of a process may hold spaces and parentheses: what follows the last one is sure.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut columns = rest.split_whitespace().skip(11);
    let mut ticks = || columns.next()?.parse::<u64>().ok();
    let sum = ticks()? + ticks()?;
    let seconds = sum as f64 / 100.0;
    Some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_is_understood() {
        assert!(status("VmRSS:").is_some_and(|kib| kib > 100));
        assert!(status("NoSuchThing:").is_none());
        assert!(processor_seconds().is_some_and(|seconds| seconds >= 0.0));
    }
}
