//! Uses the plugin `geo`. For wasm32-wasip2 this makes a component; for wasm32-wasip1 a core module, which imports the
//! same interface in the core form of the Canonical ABI.
// The generated bindings call foreign functions.
#![allow(unsafe_code)]

#[cfg(target_os = "wasi")]
mod guest {
    wit_bindgen::generate!({
        // From `tests/guests`, whose example this is.
        path: "../../plugins/examples/geo-rust/wit",
        world: "app",
        generate_all,
    });

    use c12_example::geo::geo::{self, Fence, GeohashError, Point};

    const fn point(latitude: f64, longitude: f64) -> Point {
        Point {
            latitude,
            longitude,
        }
    }

    const PARIS: Point = point(48.8566, 2.3522);
    const LONDON: Point = point(51.5074, -0.1278);
    const BERLIN: Point = point(52.52, 13.405);

    pub(crate) fn run(arguments: &[String]) {
        let argument = || arguments.get(1).map_or("", String::as_str);
        let count = || argument().parse().unwrap_or(10_000);
        match arguments.first().map(String::as_str) {
            Some("decode") => decode(argument()),
            Some("encode") => encode(),
            Some("nan") => drop(Fence::new(&[PARIS, LONDON, point(f64::NAN, 0.0)])),
            Some("line") => drop(Fence::new(&[PARIS, LONDON])),
            Some("dropped") => dropped(),
            Some("fences") => fences(count()),
            Some("leak") => leak(count()),
            _ => everything(),
        }
    }

    fn everything() {
        lines();
        encode();
        decode("ezs42");
        for hash in [
            "gcpvj0e",
            "U4PRUYDQQVJ",
            "",
            "ocean",
            "9q8yyk8ytpxr2",
            "\u{1f30d}",
        ] {
            decode(hash);
        }
        areas();
    }

    fn lines() {
        println!("Paris-London: {:.1} m", geo::distance(PARIS, LONDON));
        println!("Paris-London: {:.4} degrees", geo::bearing(PARIS, LONDON));
        println!(
            "Paris-London-Berlin: {:.1} m",
            geo::path_length(&[PARIS, LONDON, BERLIN])
        );
        println!("no way: {:.1} m", geo::path_length(&[]));
        // From one end of Great Britain to the other, and a walk from a place in Leicestershire.
        let (land, john) = (point(50.066_389, -5.714_722), point(58.643_889, -3.07));
        println!(
            "Land's End-John o' Groats: {:.1} m",
            geo::distance(land, john)
        );
        println!(
            "Land's End-John o' Groats: {:.4} degrees",
            geo::bearing(land, john)
        );
        let there = geo::destination(point(53.320_556, -1.729_722), 96.021_667, 124_800.0);
        println!("124.8 km on: {:.4} {:.4}", there.latitude, there.longitude);
        // Half around the globe, and over the line where the date changes.
        println!(
            "poles: {:.1} m",
            geo::distance(point(90.0, 0.0), point(-90.0, 0.0))
        );
        println!(
            "date line: {:.1} m",
            geo::distance(point(0.0, 179.5), point(0.0, -179.5))
        );
        let there = geo::destination(point(0.0, 179.5), 90.0, 111_195.08);
        println!("over it: {:.4} {:.4}", there.latitude, there.longitude);
    }

    fn encode() {
        for (place, length) in [
            (point(57.649_11, 10.407_44), 11),
            (point(42.6, -5.6), 5),
            (point(-90.0, 180.0), 12),
            (PARIS, 0),
            (PARIS, 13),
            (point(91.0, 0.0), 5),
            (point(0.0, f64::NAN), 5),
        ] {
            match geo::geohash_encode(place, length) {
                Ok(hash) => println!("{:.5} {:.5}: {hash}", place.latitude, place.longitude),
                Err(error) => println!("no geohash: {}", words(error)),
            }
        }
    }

    fn decode(hash: &str) {
        match geo::geohash_decode(hash) {
            Ok(cell) => println!(
                "{hash}: {:.7}+-{:.7} {:.7}+-{:.7}",
                cell.center.latitude,
                cell.latitude_error,
                cell.center.longitude,
                cell.longitude_error
            ),
            Err(error) => println!("no place: {}", words(error)),
        }
    }

    fn words(error: GeohashError) -> String {
        match error {
            GeohashError::Length(length) => format!("{length} characters are not 1 to 12"),
            GeohashError::Character(character) => format!("no geohash has a `{character}`"),
            GeohashError::Place(place) => {
                format!("{} {} is not on the globe", place.latitude, place.longitude)
            }
        }
    }

    fn areas() {
        let triangle = Fence::new(&[PARIS, LONDON, BERLIN]);
        println!("Paris-London-Berlin: {:.3} km2", triangle.area() / 1e6);
        for (name, place) in [
            ("Brussels", point(50.8503, 4.3517)),
            ("Amsterdam", point(52.3676, 4.9041)),
            ("Vienna", point(48.2082, 16.3738)),
        ] {
            println!("{name}: {}", triangle.contains(place));
        }
        // An eighth of the globe; a degree by a degree; one side on each side of the date line.
        let eighth = Fence::new(&[point(0.0, 0.0), point(0.0, 90.0), point(90.0, 0.0)]);
        println!("an eighth: {:.3} km2", eighth.area() / 1e6);
        println!(
            "in it: {} {}",
            eighth.contains(point(45.0, 45.0)),
            eighth.contains(point(-1.0, 45.0))
        );
        let square = [(0.0, 179.5), (0.0, -179.5), (1.0, -179.5), (1.0, 179.5)];
        let square = Fence::new(&square.map(|(latitude, longitude)| point(latitude, longitude)));
        println!("a degree: {:.3} km2", square.area() / 1e6);
        println!(
            "in it: {} {}",
            square.contains(point(0.5, 180.0)),
            square.contains(point(0.5, 0.0))
        );
    }

    /// Corners around a point, a thousand of them.
    fn circle() -> Vec<Point> {
        let corner = |step| geo::destination(PARIS, f64::from(step) * 0.36, 10_000.0);
        (0..1000).map(corner).collect()
    }

    /// Makes fences and drops each before the next.
    fn fences(count: u32) {
        let corners = circle();
        for _ in 0..count {
            drop(Fence::new(&corners));
        }
        println!("{count} fences, one at a time");
    }

    /// Makes fences and drops none.
    fn leak(count: u32) {
        let corners = circle();
        for _ in 0..count {
            std::mem::forget(Fence::new(&corners));
        }
        println!("{count} fences");
    }

    /// Uses a handle after it was dropped, which Rust's own types rule out.
    fn dropped() {
        let handle = Fence::new(&[PARIS, LONDON, BERLIN]).take_handle();
        // SAFETY: the handle is of this type; that it is used twice is the point, and the host must notice.
        let (first, second) = unsafe { (Fence::from_handle(handle), Fence::from_handle(handle)) };
        drop(first);
        println!("{}", second.area());
    }
}

#[cfg(target_os = "wasi")]
fn main() {
    guest::run(&std::env::args().skip(1).collect::<Vec<_>>());
}

#[cfg(not(target_os = "wasi"))]
fn main() {}
