//! Lines on a sphere.

use crate::Point;

/// The mean radius of WGS 84, in metres.
pub(crate) const RADIUS: f64 = 6_371_008.771_4;

/// The same angle, from -180 up to but not including 180.
pub(crate) fn around(degrees: f64) -> f64 {
    degrees - 360.0 * ((degrees + 180.0) / 360.0).floor()
}

pub(crate) fn distance(start: Point, end: Point) -> f64 {
    let (from, to) = (start.latitude.to_radians(), end.latitude.to_radians());
    let north = ((to - from) / 2.0).sin();
    let east = ((end.longitude - start.longitude).to_radians() / 2.0).sin();
    let haversine = north * north + from.cos() * to.cos() * east * east;
    // Rounding must not take the root out of the arc sine's domain.
    2.0 * RADIUS * haversine.min(1.0).sqrt().asin()
}

pub(crate) fn bearing(start: Point, end: Point) -> f64 {
    let (from, to) = (start.latitude.to_radians(), end.latitude.to_radians());
    let east = (end.longitude - start.longitude).to_radians();
    let y = east.sin() * to.cos();
    let x = from.cos() * to.sin() - from.sin() * to.cos() * east.cos();
    (y.atan2(x).to_degrees() + 360.0) % 360.0
}

pub(crate) fn destination(start: Point, bearing: f64, distance: f64) -> Point {
    let (from, way, arc) = (
        start.latitude.to_radians(),
        bearing.to_radians(),
        distance / RADIUS,
    );
    let height = from.sin() * arc.cos() + from.cos() * arc.sin() * way.cos();
    let to = height.clamp(-1.0, 1.0).asin();
    let y = way.sin() * arc.sin() * from.cos();
    let x = arc.cos() - from.sin() * to.sin();
    Point {
        latitude: to.to_degrees(),
        longitude: around(start.longitude + y.atan2(x).to_degrees()),
    }
}
