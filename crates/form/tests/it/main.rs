//! Requests as attackers and browsers send them, and what they are taken for.

#[path = "../ask/mod.rs"]
mod ask;
#[path = "../ask/php.rs"]
mod php;

mod answers;
mod bodies;
mod cookies;
mod doors;
mod heads;
mod json;
mod learn;
mod presets;
mod properties;

use ask::{URLENCODED, asked, forms, plain, told};
