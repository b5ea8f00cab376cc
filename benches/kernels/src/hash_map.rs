use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::BuildHasherDefault;

use crate::random::Random;

const ENTRIES: u64 = 50_000;

/// The standard hasher, with a fixed key.
type Map = HashMap<u64, u64, BuildHasherDefault<DefaultHasher>>;

pub(crate) fn prepare() -> crate::Round {
    Box::new(|| {
        let mut map = Map::default();
        let mut random = Random(11);
        for value in 0..ENTRIES {
            map.insert(random.next() >> 20, value);
        }
        let mut random = Random(11);
        let mut sum = 0u64;
        for index in 0..ENTRIES {
            let key = random.next() >> 20;
            if index % 3 == 0 {
                sum = sum.wrapping_add(map.remove(&key).unwrap_or(1));
            } else if let Some(value) = map.get_mut(&key) {
                *value = value.wrapping_mul(3);
                sum = sum.wrapping_add(*value);
            }
            sum = sum.wrapping_add(u64::from(map.contains_key(&index)));
        }
        sum.wrapping_add(
            map.values()
                .fold(0, |sum: u64, value| sum.wrapping_add(*value)),
        )
    })
}
