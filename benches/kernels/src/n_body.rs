//! Bodies that attract each other. Only operations that IEEE 754 rounds exactly, so every machine agrees.

use crate::random::Random;

const BODIES: usize = 5;
const STEPS: usize = 20_000;
const STEP: f64 = 1e-4;

#[derive(Clone, Copy)]
struct Body {
    position: [f64; 3],
    velocity: [f64; 3],
    mass: f64,
}

pub(crate) fn prepare() -> crate::Round {
    let mut random = Random(5);
    let mut number = move || (random.next() >> 11) as f64 / (1u64 << 53) as f64;
    let mut vector = |scale: f64| [0; 3].map(|_| (number() - 0.5) * scale);
    let bodies: [Body; BODIES] = std::array::from_fn(|index| Body {
        position: vector(20.0),
        velocity: vector(1.0),
        mass: 1.0 + index as f64,
    });
    Box::new(move || {
        let mut bodies = std::hint::black_box(bodies);
        for _ in 0..STEPS {
            advance(&mut bodies);
        }
        bodies
            .iter()
            .flat_map(|body| body.position)
            .fold(0, |sum: u64, x| sum.rotate_left(5) ^ x.to_bits())
    })
}

fn advance(bodies: &mut [Body; BODIES]) {
    for first in 0..BODIES {
        for second in first + 1..BODIES {
            let (a, b) = (bodies[first], bodies[second]);
            let distance: [f64; 3] =
                std::array::from_fn(|axis| a.position[axis] - b.position[axis]);
            let square = distance[0] * distance[0]
                + distance[1] * distance[1]
                + distance[2] * distance[2]
                // Bodies that meet would fly off to infinity.
                + 0.01;
            let pull = STEP / (square * square.sqrt());
            for (axis, distance) in distance.into_iter().enumerate() {
                bodies[first].velocity[axis] -= distance * b.mass * pull;
                bodies[second].velocity[axis] += distance * a.mass * pull;
            }
        }
    }
    for body in bodies {
        for axis in 0..3 {
            body.position[axis] += STEP * body.velocity[axis];
        }
    }
}
