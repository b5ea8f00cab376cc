//! Geohashes: an area as a word. Each further character makes it 32 times smaller.

use crate::{Cell, GeohashError, Point};

const DIGITS: &[u8; 32] = b"0123456789bcdefghjkmnpqrstuvwxyz";
/// Bits of a character.
const BITS: u32 = 5;

/// What is left of the globe. Bits alternate between its two sides, longitude first.
struct Area {
    east: (f64, f64),
    north: (f64, f64),
    eastward: bool,
}

impl Area {
    fn globe() -> Self {
        Area {
            east: (-180.0, 180.0),
            north: (-90.0, 90.0),
            eastward: true,
        }
    }

    /// Keeps one half: the upper one if `upper` says so of what lies between the two.
    fn halve(&mut self, upper: impl FnOnce(bool, f64) -> bool) -> bool {
        let eastward = self.eastward;
        let side = if eastward {
            &mut self.east
        } else {
            &mut self.north
        };
        let middle = f64::midpoint(side.0, side.1);
        let upper = upper(eastward, middle);
        if upper {
            side.0 = middle;
        } else {
            side.1 = middle;
        }
        self.eastward = !eastward;
        upper
    }
}

pub(crate) fn encode(place: Point, length: u32) -> Result<String, GeohashError> {
    if !(1..=12).contains(&length) {
        return Err(GeohashError::Length(length));
    }
    // Written so that what is not a number is refused, too.
    if !(place.latitude.abs() <= 90.0 && place.longitude.abs() <= 180.0) {
        return Err(GeohashError::Place(place));
    }
    let mut area = Area::globe();
    let mut character = || {
        let digit = (0..BITS).fold(0, |digit, _| {
            let upper = area.halve(|eastward, middle| {
                let value = if eastward {
                    place.longitude
                } else {
                    place.latitude
                };
                value >= middle
            });
            digit * 2 + usize::from(upper)
        });
        DIGITS.get(digit).map(|digit| char::from(*digit))
    };
    Ok((0..length).filter_map(|_| character()).collect())
}

pub(crate) fn decode(hash: &str) -> Result<Cell, GeohashError> {
    let length = hash.chars().count();
    if !(1..=12).contains(&length) {
        return Err(GeohashError::Length(
            u32::try_from(length).unwrap_or(u32::MAX),
        ));
    }
    let mut area = Area::globe();
    for character in hash.chars() {
        let digit = DIGITS
            .iter()
            .position(|digit| char::from(*digit) == character.to_ascii_lowercase())
            .ok_or(GeohashError::Character(character))?;
        for bit in (0..BITS).rev() {
            area.halve(|_, _| (digit >> bit) & 1 == 1);
        }
    }
    let (east, north) = (area.east, area.north);
    Ok(Cell {
        center: Point {
            latitude: f64::midpoint(north.0, north.1),
            longitude: f64::midpoint(east.0, east.1),
        },
        latitude_error: (north.1 - north.0) / 2.0,
        longitude_error: (east.1 - east.0) / 2.0,
    })
}
