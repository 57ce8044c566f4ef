//! Is this password good enough, and how it is kept.
