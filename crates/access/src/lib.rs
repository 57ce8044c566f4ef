//! May this account try again now.
