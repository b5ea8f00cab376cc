//! The plugin `geo`: `wit/geo.wit` says what each function does.
// Hosts find nothing here: a component plugin is for wasm32-wasip2.
#![cfg(target_os = "wasi")]
// The generated export functions need `no_mangle`, which is an unsafe attribute; and not all that is generated is described.
#![allow(missing_docs, unsafe_code)]

mod fence;
mod geohash;
mod sphere;

wit_bindgen::generate!({
    path: "wit",
    world: "plugin",
});

use exports::c12_example::geo::geo::{self, Cell, GeohashError, Point};
use fence::Fence;

struct Plugin;

/// The interface becomes a trait, and each of its resources a type of the plugin's own.
impl geo::Guest for Plugin {
    type Fence = Fence;

    fn distance(start: Point, end: Point) -> f64 {
        sphere::distance(start, end)
    }

    fn bearing(start: Point, end: Point) -> f64 {
        sphere::bearing(start, end)
    }

    fn destination(start: Point, bearing: f64, distance: f64) -> Point {
        sphere::destination(start, bearing, distance)
    }

    fn path_length(points: Vec<Point>) -> f64 {
        let pairs = points.iter().zip(points.iter().skip(1));
        // From 0, not with `sum`: the sum of no numbers is -0 for Rust.
        pairs.fold(0.0, |length, (start, end)| {
            length + sphere::distance(*start, *end)
        })
    }

    fn geohash_encode(place: Point, length: u32) -> Result<String, GeohashError> {
        geohash::encode(place, length)
    }

    fn geohash_decode(hash: String) -> Result<Cell, GeohashError> {
        geohash::decode(&hash)
    }
}

export!(Plugin);
