//! The resource `fence`: a value of this type lives in the plugin, and the guest holds a handle.

use std::f64::consts::PI;

use crate::Point;
use crate::exports::c12_example::geo::geo::GuestFence;
use crate::sphere::{RADIUS, around};

// ANCHOR: resource
pub(crate) struct Fence {
    corners: Vec<Point>,
}
// ANCHOR_END: resource

impl Fence {
    /// Its sides: each corner with the next.
    fn sides(&self) -> impl Iterator<Item = (&Point, &Point)> {
        self.corners.iter().zip(self.corners.iter().cycle().skip(1))
    }
}

impl GuestFence for Fence {
    fn new(corners: Vec<Point>) -> Self {
        // A panic traps: the host ends the guest, too, and names the plugin.
        assert!(
            corners.len() >= 3,
            "a fence has at least 3 corners, not {}",
            corners.len()
        );
        assert!(
            corners
                .iter()
                .all(|corner| corner.latitude.is_finite() && corner.longitude.is_finite()),
            "a corner is not a place: its coordinates are not finite"
        );
        Fence { corners }
    }

    /// Whether as many sides as make an odd number cross the point's meridian to the north of it.
    fn contains(&self, place: Point) -> bool {
        let crossed = self.sides().filter(|(start, end)| {
            let west = around(start.longitude - place.longitude).to_radians();
            let east = around(end.longitude - place.longitude).to_radians();
            if (west >= 0.0) == (east >= 0.0) || (west - east).abs() > PI {
                return false;
            }
            let from = start.latitude.to_radians().tan();
            let to = end.latitude.to_radians().tan();
            let crossing = ((from * east.sin() - to * west.sin()) / (east - west).sin()).atan();
            crossing > place.latitude.to_radians()
        });
        crossed.count() % 2 == 1
    }

    /// The sum of what is between each side and the equator: its spherical excess.
    fn area(&self) -> f64 {
        let excess: f64 = self
            .sides()
            .map(|(start, end)| {
                let width = (around(end.longitude - start.longitude).to_radians() / 2.0).tan();
                let from = (start.latitude.to_radians() / 2.0).tan();
                let to = (end.latitude.to_radians() / 2.0).tan();
                2.0 * (width * (from + to)).atan2(1.0 + from * to)
            })
            .sum();
        excess.abs() * RADIUS * RADIUS
    }
}
