//! Which system calls the worker may make (seccomp).
//!
//! A list of those that a runtime, TLS, files of our own and name resolution need; every other
//! fails with `EPERM`, as if the kernel did not grant it. It fails rather than kills: a library
//! that probes for a call goes on without it, and an intruder gains nothing by either.
//!
//! Threads may be started and processes may not: `clone` is allowed with the flag of a thread
//! alone. The flags of `clone3` lie in memory where a filter cannot look, so it is said not to
//! exist, and the C library then uses `clone`.

use std::collections::BTreeMap;

use policy::Text;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch, apply_filter,
};

const EVERYWHERE: &[i64] = &[
    // Bytes in and out.
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_readv,
    libc::SYS_writev,
    libc::SYS_pread64,
    libc::SYS_pwrite64,
    libc::SYS_preadv,
    libc::SYS_pwritev,
    libc::SYS_sendfile,
    libc::SYS_splice,
    libc::SYS_copy_file_range,
    libc::SYS_lseek,
    libc::SYS_close,
    libc::SYS_dup,
    libc::SYS_dup3,
    libc::SYS_fcntl,
    libc::SYS_pipe2,
    // Files.
    libc::SYS_openat,
    libc::SYS_openat2,
    libc::SYS_fstat,
    libc::SYS_newfstatat,
    libc::SYS_statx,
    libc::SYS_statfs,
    libc::SYS_fstatfs,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_readlinkat,
    libc::SYS_getdents64,
    libc::SYS_getcwd,
    libc::SYS_mkdirat,
    libc::SYS_unlinkat,
    libc::SYS_renameat,
    libc::SYS_renameat2,
    libc::SYS_linkat,
    libc::SYS_fchmod,
    libc::SYS_fchmodat,
    libc::SYS_fchown,
    libc::SYS_utimensat,
    libc::SYS_umask,
    libc::SYS_ftruncate,
    libc::SYS_fallocate,
    libc::SYS_fadvise64,
    libc::SYS_fsync,
    libc::SYS_fdatasync,
    libc::SYS_sync_file_range,
    libc::SYS_flock,
    // The network.
    libc::SYS_socketpair,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_connect,
    libc::SYS_shutdown,
    libc::SYS_getsockname,
    libc::SYS_getpeername,
    libc::SYS_getsockopt,
    libc::SYS_setsockopt,
    libc::SYS_sendto,
    libc::SYS_sendmsg,
    libc::SYS_sendmmsg,
    libc::SYS_recvfrom,
    libc::SYS_recvmsg,
    libc::SYS_recvmmsg,
    // Waiting.
    libc::SYS_epoll_create1,
    libc::SYS_epoll_ctl,
    libc::SYS_epoll_pwait,
    libc::SYS_epoll_pwait2,
    libc::SYS_eventfd2,
    libc::SYS_timerfd_create,
    libc::SYS_timerfd_settime,
    libc::SYS_ppoll,
    libc::SYS_pselect6,
    libc::SYS_nanosleep,
    libc::SYS_clock_nanosleep,
    libc::SYS_restart_syscall,
    // Memory.
    libc::SYS_brk,
    libc::SYS_mmap,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_mprotect,
    libc::SYS_madvise,
    libc::SYS_mlock,
    libc::SYS_munlock,
    libc::SYS_mincore,
    libc::SYS_membarrier,
    // Threads and signals.
    libc::SYS_futex,
    libc::SYS_set_robust_list,
    libc::SYS_get_robust_list,
    libc::SYS_set_tid_address,
    libc::SYS_rseq,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_setaffinity,
    libc::SYS_getcpu,
    libc::SYS_sigaltstack,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_rt_sigtimedwait,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_prctl,
    // What one may know of oneself.
    libc::SYS_getpid,
    libc::SYS_getppid,
    libc::SYS_gettid,
    libc::SYS_getuid,
    libc::SYS_geteuid,
    libc::SYS_getgid,
    libc::SYS_getegid,
    libc::SYS_getrusage,
    libc::SYS_sysinfo,
    libc::SYS_uname,
    libc::SYS_clock_gettime,
    libc::SYS_clock_getres,
    libc::SYS_gettimeofday,
    libc::SYS_times,
    libc::SYS_getrandom,
];

/// The older names of some of them, which newer processors do not have.
#[cfg(target_arch = "x86_64")]
const HERE: &[i64] = &[
    libc::SYS_open,
    libc::SYS_stat,
    libc::SYS_lstat,
    libc::SYS_access,
    libc::SYS_readlink,
    libc::SYS_mkdir,
    libc::SYS_unlink,
    libc::SYS_rmdir,
    libc::SYS_rename,
    libc::SYS_link,
    libc::SYS_chmod,
    libc::SYS_dup2,
    libc::SYS_pipe,
    libc::SYS_poll,
    libc::SYS_select,
    libc::SYS_epoll_create,
    libc::SYS_epoll_wait,
    libc::SYS_eventfd,
    libc::SYS_getrlimit,
    libc::SYS_time,
    libc::SYS_arch_prctl,
];
#[cfg(not(target_arch = "x86_64"))]
const HERE: &[i64] = &[];

/// Restricts this thread and those that it will start.
pub(super) fn restrict() -> Result<(), Text> {
    let said = |error: &dyn std::fmt::Display| Text::new(error.to_string(), error.to_string());
    let filters = filters().map_err(|error| said(&error))?;
    for filter in &filters {
        apply_filter(filter).map_err(|error| said(&error))?;
    }
    Ok(())
}

/// The filters in the order of their application. Of several the strictest answer counts.
fn filters() -> Result<[BpfProgram; 2], seccompiler::BackendError> {
    let architecture = TargetArch::try_from(std::env::consts::ARCH)?;
    let no_clone3 = SeccompFilter::new(
        BTreeMap::from([(libc::SYS_clone3, Vec::new())]),
        SeccompAction::Allow,
        SeccompAction::Errno(errno(libc::ENOSYS)),
        architecture,
    )?;
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = EVERYWHERE
        .iter()
        .chain(HERE)
        .map(|call| (*call, Vec::new()))
        .collect();
    // Let through here, since the other filter answers.
    rules.insert(libc::SYS_clone3, Vec::new());
    let thread = libc::CLONE_THREAD as u64;
    rules.insert(
        libc::SYS_clone,
        vec![one(0, SeccompCmpOp::MaskedEq(thread), thread)?],
    );
    // Streams and names of hosts: no way to other parts of the kernel.
    let families = [
        libc::AF_UNIX,
        libc::AF_INET,
        libc::AF_INET6,
        // The C library asks it which addresses this machine has.
        libc::AF_NETLINK,
    ];
    let socket: Result<Vec<SeccompRule>, _> = families
        .into_iter()
        .map(|family| one(0, SeccompCmpOp::Eq, u64::from(family.unsigned_abs())))
        .collect();
    rules.insert(libc::SYS_socket, socket?);
    // Of itself alone: its keeper may be of the same user.
    let own = u64::from(std::process::id());
    rules.insert(libc::SYS_tgkill, vec![one(0, SeccompCmpOp::Eq, own)?]);
    rules.insert(libc::SYS_prlimit64, vec![one(0, SeccompCmpOp::Eq, 0)?]);
    // Whether a stream is a terminal, how much is to be read, not to wait. Nothing that
    // types into a terminal.
    let requests = [
        libc::TCGETS,
        libc::TIOCGWINSZ,
        libc::FIONREAD,
        libc::FIONBIO,
    ];
    let ioctl: Result<Vec<SeccompRule>, _> = requests
        .into_iter()
        .map(|request| one(1, SeccompCmpOp::Eq, request))
        .collect();
    rules.insert(libc::SYS_ioctl, ioctl?);
    let allowed = SeccompFilter::new(
        rules,
        SeccompAction::Errno(errno(libc::EPERM)),
        SeccompAction::Allow,
        architecture,
    )?;
    Ok([no_clone3.try_into()?, allowed.try_into()?])
}

/// A rule about one argument. The kernel itself looks at 32 bits of flags and of requests.
fn one(
    argument: u8,
    operator: SeccompCmpOp,
    value: u64,
) -> Result<SeccompRule, seccompiler::BackendError> {
    SeccompRule::new(vec![SeccompCondition::new(
        argument,
        SeccompCmpArgLen::Dword,
        operator,
        value,
    )?])
}

const fn errno(number: i32) -> u32 {
    number.unsigned_abs()
}
