//! How the origins of each site are, as far as that is known.
//!
//! An only origin without checks has no state: every request is sent to it, whatever became of
//! the last. It is absent here, and its failures are counted.

use super::{GAUGE, Overview, Text};
use crate::health::OriginState;
use crate::origins::OriginStatus;

pub(super) fn write(text: &mut Text, overview: &Overview) {
    let watched: Vec<(&str, &OriginStatus)> = overview
        .sites
        .iter()
        .flat_map(|site| {
            let origins = site.origins.iter().filter(|origin| origin.is_watched());
            origins.map(|origin| (site.name.as_str(), origin))
        })
        .collect();
    let name = "rempart_origin_up";
    text.family(
        name,
        GAUGE,
        "1 while requests are sent to an origin, 0 while it refuses connections or fails its checks.",
    );
    for (site, origin) in &watched {
        let labels = [("site", *site), ("origin", origin.address.as_str())];
        text.sample(name, &labels, u8::from(origin.state == OriginState::Up));
    }
    let name = "rempart_origin_requests_in_flight";
    text.family(name, GAUGE, "Open requests on one of several origins.");
    for (site, origin) in &watched {
        if let Some(open) = origin.open {
            let labels = [("site", *site), ("origin", origin.address.as_str())];
            text.sample(name, &labels, open);
        }
    }
}
