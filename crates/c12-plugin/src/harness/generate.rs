use c12_bindgen::World;
use wit_parser::{Type, TypeDefKind, TypeId};

use super::Value;

/// Makes values of any type, the same ones for the same seed.
///
/// The first rounds are the edges: with seed 0 everything is zero, empty or the first case, with seed 1 numbers
/// are the largest and cases the last. From then on values are random and small.
#[derive(Debug, Clone)]
pub struct Generator {
    seed: u64,
    state: u64,
}

/// How long random strings and lists are at most.
const LONGEST: u64 = 5;

impl Generator {
    /// A generator for a round.
    pub fn new(seed: u64) -> Self {
        Generator {
            seed,
            // Never zero, where this kind of generator would stay.
            state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
        }
    }

    fn next(&mut self) -> u64 {
        // xorshift64*, of Vigna's paper of that name.
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// Below a limit: the edge, or at random.
    fn below(&mut self, limit: u64) -> u64 {
        match self.seed {
            _ if limit == 0 => 0,
            0 => 0,
            1 => limit - 1,
            _ => self.next() % limit,
        }
    }

    fn length(&mut self) -> u64 {
        self.below(LONGEST + 1)
    }

    /// A value of a type. Resources come from `resource`, which gets the type and whether it is given away; `None`
    /// if it has none of those that are needed.
    pub fn value(
        &mut self,
        world: &World,
        ty: &Type,
        resource: &mut dyn FnMut(TypeId, bool) -> Option<Value>,
    ) -> Option<Value> {
        Some(match world.dealias(ty) {
            Type::Bool => Value::Bool(self.below(2) == 1),
            Type::U8 => Value::U8(self.below(1 << 8) as u8),
            Type::S8 => Value::S8(self.signed(i8::MAX.into()) as i8),
            Type::U16 => Value::U16(self.below(1 << 16) as u16),
            Type::S16 => Value::S16(self.signed(i16::MAX.into()) as i16),
            Type::U32 => Value::U32(self.below(1 << 32) as u32),
            Type::S32 => Value::S32(self.signed(i32::MAX.into()) as i32),
            Type::U64 => Value::U64(self.below(u64::MAX)),
            Type::S64 => Value::S64(self.signed(i64::MAX)),
            Type::F32 => Value::F32(self.below(1 << 20) as f32 / 8.0),
            Type::F64 => Value::F64(self.below(1 << 40) as f64 / -64.0),
            Type::Char => Value::Char(self.char()),
            Type::String => {
                let length = self.length();
                Value::String((0..length).map(|_| self.char()).collect())
            }
            Type::ErrorContext => return None,
            ty @ Type::Id(_) => return self.compound(world, &ty, resource),
        })
    }

    /// From `-largest - 1` on: the smallest is the other edge.
    fn signed(&mut self, largest: i64) -> i64 {
        let value = self.below(largest as u64 + 1) as i64;
        if self.seed > 1 && value % 2 == 0 {
            -value - 1
        } else {
            value
        }
    }

    /// Of one, two, three or four bytes in UTF-8.
    fn char(&mut self) -> char {
        const CHARS: [char; 8] = ['a', '\0', '"', 'ß', '水', '\u{d7ff}', '𝄞', '\u{10ffff}'];
        let place = self.below(CHARS.len() as u64) as usize;
        CHARS.get(place).copied().unwrap_or('a')
    }

    fn compound(
        &mut self,
        world: &World,
        ty: &Type,
        resource: &mut dyn FnMut(TypeId, bool) -> Option<Value>,
    ) -> Option<Value> {
        let boxed = |value: Option<Value>| value.map(|value| Some(Box::new(value)));
        Some(match world.kind(ty)?.1 {
            TypeDefKind::List(item) => {
                let length = self.length();
                let items = (0..length).map(|_| self.value(world, item, resource));
                Value::List(items.collect::<Option<_>>()?)
            }
            TypeDefKind::Record(record) => Value::Record(
                record
                    .fields
                    .iter()
                    .map(|field| {
                        let value = self.value(world, &field.ty, resource)?;
                        Some((field.name.clone(), value))
                    })
                    .collect::<Option<_>>()?,
            ),
            TypeDefKind::Tuple(tuple) => Value::Tuple(
                tuple
                    .types
                    .iter()
                    .map(|ty| self.value(world, ty, resource))
                    .collect::<Option<_>>()?,
            ),
            TypeDefKind::Variant(variant) => {
                let case = variant
                    .cases
                    .get(self.below(variant.cases.len() as u64) as usize)?;
                let payload = match &case.ty {
                    Some(ty) => boxed(self.value(world, ty, resource))?,
                    None => None,
                };
                Value::Variant(case.name.clone(), payload)
            }
            TypeDefKind::Option(some) => match self.below(2) {
                0 => Value::Option(None),
                _ => Value::Option(boxed(self.value(world, some, resource))?),
            },
            TypeDefKind::Result(result) => {
                let failed = self.below(2) == 1;
                let payload = match if failed { &result.err } else { &result.ok } {
                    Some(ty) => boxed(self.value(world, ty, resource))?,
                    None => None,
                };
                Value::Result(if failed { Err(payload) } else { Ok(payload) })
            }
            TypeDefKind::Enum(cases) => {
                let place = self.below(cases.cases.len() as u64) as usize;
                Value::Enum(cases.cases.get(place)?.name.clone())
            }
            TypeDefKind::Flags(flags) => Value::Flags(
                flags
                    .flags
                    .iter()
                    .filter(|_| self.below(2) == 1)
                    .map(|flag| flag.name.clone())
                    .collect(),
            ),
            TypeDefKind::Handle(handle) => {
                let (of, own) = world.resource(handle);
                resource(of, own)?
            }
            _ => return None,
        })
    }
}
