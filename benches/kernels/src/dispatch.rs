use crate::random::Random;

const OBJECTS: u64 = 1_000;
const PASSES: u64 = 1_000;

trait Step {
    fn step(&mut self, value: u64) -> u64;
}

struct Add(u64);
struct Multiply(u64);
struct Rotate(u32);
struct Count(u64);

impl Step for Add {
    fn step(&mut self, value: u64) -> u64 {
        value.wrapping_add(self.0)
    }
}

impl Step for Multiply {
    fn step(&mut self, value: u64) -> u64 {
        value.wrapping_mul(self.0 | 1)
    }
}

impl Step for Rotate {
    fn step(&mut self, value: u64) -> u64 {
        value.rotate_left(self.0)
    }
}

impl Step for Count {
    fn step(&mut self, value: u64) -> u64 {
        self.0 = self.0.wrapping_add(value & 1);
        value ^ self.0
    }
}

pub(crate) fn prepare() -> crate::Round {
    Box::new(|| {
        let mut random = Random(19);
        let mut steps: Vec<Box<dyn Step>> = (0..OBJECTS)
            .map(|_| -> Box<dyn Step> {
                let seed = random.next();
                match seed >> 62 {
                    0 => Box::new(Add(seed)),
                    1 => Box::new(Multiply(seed)),
                    2 => Box::new(Rotate(seed as u32 % 64)),
                    _ => Box::new(Count(seed)),
                }
            })
            .collect();
        let mut value = 1;
        for _ in 0..PASSES {
            for step in &mut steps {
                value = step.step(value);
            }
        }
        value
    })
}
