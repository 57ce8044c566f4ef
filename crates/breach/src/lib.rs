//! Has this password leaked: an offline index, and the online range protocol.
